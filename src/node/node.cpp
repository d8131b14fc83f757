#include "node/node.hpp"

#include <future>
#include <shared_mutex>

#include "base/version.hpp"
#include "node/edge_metrics.hpp"
#include "node/shared_signatures.hpp"
#include "node/turn_lock.hpp"
#include "os/posix_disk.hpp"

namespace dos::node {

Node::Node(NodeConfig config, crypto::SigningKey vote_key, crypto::SigningKey node_key, chain::Edges edges)
    : config_(std::move(config)),
      vote_key_(std::move(vote_key)),
      node_key_(std::move(node_key)),
      edges_(edges),
      reserve_(config_.data, config_.disk_space) {}

Status Node::open_disks() {
  DOS_ASSIGN(state_disk_, os::open_posix_disk(config_.data + "/state"));
  DOS_ASSIGN(journal_disk_, os::open_posix_disk(config_.data + "/journal"));
  // Of the past little is read again: it leaves the cache to the state, and its pages to the next blocks.
  DOS_ASSIGN(archive_disk_, os::open_posix_disk(config_.data + "/archive", os::Cached::no));
  DOS_ASSIGN(blob_disk_, os::open_posix_disk(config_.data + "/blobs"));
  DOS_ASSIGN(code_disk_, os::open_posix_disk(config_.data + "/code"));
  return {};
}

Result<std::unique_ptr<Node>> Node::open(NodeConfig config, crypto::SigningKey vote_key, crypto::SigningKey node_key, chain::Edges edges,
                                         std::uint64_t wait_ready_ms) {
  std::unique_ptr<Node> node(new Node(std::move(config), std::move(vote_key), std::move(node_key), edges));
  auto& n = *node;
  DOS_TRY(n.open_disks());
  n.started_ms_ = edges.clock.wall_ms();
  if (auto& quota = n.config_.chain.unclaimed_quota_bytes; quota == 0) {
    DOS_ASSIGN(const auto space, n.config_.disk_space(n.config_.data));
    quota = space.total / kUnclaimedDiskShare;
  }
  replica::ReplicaConfig replica;
  replica.chain = n.config_.chain;
  replica.sharing = {std::make_unique<TurnLock>(), std::make_unique<TurnLock>(),
                     std::make_unique<SharedSignatures>(chain::kKeptSignatures)};
  replica.pool = n.config_.pool;
  replica.key_unused = n.config_.key_unused;
  replica.listen = n.config_.p2p_name;
  replica.peers = n.config_.peers;
  replica.room = [&n](std::uint64_t bytes) { return n.reserve_.room_for(bytes); };
  replica.aside = [&n](auto work, auto then) { n.aside(std::move(work), std::move(then)); };
  const chain::ChainDisks disks{*n.state_disk_, *n.journal_disk_, *n.archive_disk_, *n.blob_disk_, *n.code_disk_};
  DOS_ASSIGN(n.loop_, ReplicaLoop::open(std::move(replica), n.config_.links, disks, n.vote_key_, n.node_key_, edges, n,
                                        [&n](replica::Replica& r) { return n.chores(r); }));
  n.chain_ = &n.loop_->replica().chain();
  n.recorded_ = std::make_unique<RecordedBlocks>(n.chain_->finals());
  n.prompt_.start();
  n.lengthy_.start();
  n.disk_work_.start();
  const auto& chain = *n.chain_;
  for (auto h = chain.finals().store().height().value; h > 0 && n.recent_.size() < 10; --h) {
    DOS_ASSIGN(const auto block, chain::read_block(chain.finals().archive(), Height{h}));
    n.recent_.push_back({Height{h}, block.anchor.header.time, ledger::block_id(block.anchor.header), std::uint32_t(block.receipts.size())});
  }
  n.chores(n.loop_->replica());
  n.loop_->start();
  auto started = std::make_shared<std::promise<void>>();  // the engine's gate is in the journal
  n.loop_->post([started](replica::Replica&) { started->set_value(); });
  started->get_future().wait();
  std::unique_lock hold(n.mutex_);
  n.changed_.wait_for(hold, std::chrono::milliseconds(wait_ready_ms),
                      [&] { return !n.halted_.empty() || !n.now_.engine.votes || n.why_not_write().empty(); });
  return node;
}

Node::~Node() {
  if (auto stopped = stop(); !stopped) edges_.log.write(LogLevel::error, "node", stopped.error().detail);
}

Status Node::stop() {
  {
    std::lock_guard hold(mutex_);
    if (stopped_) return {};
    stopped_ = stopping_ = true;
  }
  asked_to_stop_ = true;
  prompt_.stop();
  lengthy_.stop();
  disk_work_.stop();
  if (!loop_) return {};
  loop_->stop();
  std::vector<HeightWait> waits;
  std::vector<Incoming> incoming;
  std::vector<AskedTransaction> asked;
  std::vector<std::shared_ptr<Ticket>> tickets;
  bool whole = false;
  {
    std::lock_guard hold(mutex_);
    waits = height_waits_.take_all();
    tickets = receipt_waits_.take_all();
    incoming.swap(incoming_.all);
    asked = waiters_.take_asked();
    whole = halted_.empty();
  }
  const Error why{Errc::not_ready, "the node stops"};
  for (const auto& [entry, waiting] : incoming)
    if (waiting) waiting->ticket->put(waiting->index, entry.txid, ledger::Refused{std::uint16_t(why.code), why.detail});
  // Other validators may hold what clients handed in here: its outcome is open, not refused.
  const bool alone = chain_ == nullptr || chain_->facts().validators.members.size() == 1;
  for (const auto& txid : loop_->replica().drain())
    if (alone) refused(txid, why);
  for (auto& w : waits) w.done(false);
  for (auto& [txid, done] : asked) done(std::unexpected(why));
  for (auto& ticket : tickets) ticket->expire();
  if (!whole || chain_ == nullptr) return {};
  DOS_TRY(loop_->replica().checkpoint());
  edges_.log.write(LogLevel::info, "node", "stopped at block " + std::to_string(chain_->finals().store().height().value));
  return {};
}

// Why a transaction handed in now would not become final soon.
std::string Node::why_not_write() const {
  if (!halted_.empty()) return halted_;
  if (stopping_) return "the node stops";
  if (!now_.engine.votes) return "this node does not vote: " + now_.engine.why_not;
  const auto& members = chain_->facts().validators.members;
  std::uint64_t weight = 0;
  std::size_t have = 0;
  for (std::size_t i = 0; i < members.size() && i < now_.linked.size(); ++i)
    if (now_.linked[i]) {
      weight += members[i].weight;
      ++have;
    }
  if (!ledger::strong(weight, chain_->facts().validators.total()))
    return std::to_string(have) + " of " + std::to_string(members.size()) + " validators are connected, which is no quorum";
  if (now_.tip.height.value == 0) return "no block is final yet";
  return {};
}

api::NodeStatus Node::status() const {
  api::NodeStatus s;
  const auto& g = chain_->genesis();
  s.network = g.name;
  s.validator = g.validators.members[chain_->facts().voter].name;
  s.version = kVersion;
  s.format = g.format;
  s.suite = g.suite == crypto::Suite::pq ? "pq" : "classic";
  s.chain = chain_->facts().chain;
  s.boots = chain_->journal().boots();
  s.started_ms = started_ms_;
  s.transactions = metrics_.transactions.load();
  {
    std::shared_lock hold(chain_->finals().lock());
    s.height = chain_->finals().store().height();
    s.durable_height = chain_->finals().store().durable_height().value;
    s.records = chain_->finals().store().record_count();
    s.live = chain_->finals().store().live_count();
    if (chain_->finals().anchor()) s.time = chain_->finals().anchor()->header.time;
  }
  {
    std::shared_lock hold(chain_->content().lock());
    s.unclaimed_bytes = chain_->content().blobs().unclaimed_bytes();
    s.unclaimed_limit = chain_->content().blobs().unclaimed_limit();
  }
  std::lock_guard hold(mutex_);
  s.pool_count = now_.pool_count;
  s.pool_bytes = now_.pool_bytes;
  s.pool_payers = now_.pool_payers;
  s.pool_bare_keys = now_.pool_bare_keys;
  s.pool_refused = now_.pool_refused;
  s.why_not = why_not_write();
  s.ready = s.why_not.empty();
  const auto& members = g.validators.members;
  s.quorum_of = std::uint32_t(members.size());
  std::uint64_t weight = 0;  // members stand by weight, descending: fewest that suffice
  for (s.quorum_need = 0; s.quorum_need < members.size() && !ledger::strong(weight, g.validators.total()); ++s.quorum_need)
    weight += members[s.quorum_need].weight;
  for (std::size_t i = 0; i < members.size() && i < now_.linked.size(); ++i) {
    if (now_.linked[i] && i != chain_->facts().voter) ++s.peers;
    s.validators.push_back({members[i].name, members[i].weight, now_.linked[i],
                            i == chain_->facts().voter || (i < now_.engine.heard.size() && now_.engine.heard[i])});
  }
  s.view = now_.engine.current;
  s.votes = now_.engine.votes;
  s.nullified = now_.engine.nullified;
  s.evidence = now_.engine.evidence;
  s.missing_blobs = now_.missing_blobs;
  s.catching_up = now_.catching_up;
  return s;
}

std::vector<api::RecentBlock> Node::recent_blocks() const {
  std::lock_guard hold(mutex_);
  return recent_;
}

std::string Node::metrics() const {
  const auto now = status();
  const auto asked = budgets_.figures();
  std::string text;
  gauge(text, "dos_ask_sources", asked.sources, "Addresses that asked a moment ago and have a budget of their own");
  gauge(text, "dos_ask_sources_limit", api::kMaxSources, "Most of them; further ones share one budget");
  gauge(text, "dos_ask_work", asked.spent, "Work that questions were charged for since the start, about microseconds of a core");
  gauge(text, "dos_ask_refused", asked.refused, "Questions refused since the start because their budget was spent");
  gauge(text, "dos_long_questions", lengthy_.waiting(), "Questions that take more than a moment, waiting");
  gauge(text, "dos_long_questions_limit", lengthy_.limit(), "Most of them");
  std::lock_guard hold(mutex_);
  text = metrics_.text(now, now_.queues) + text;
  text += waiting_places(receipt_waits_.size(), kMaxReceiptWaits, height_waits_.size(), kMaxHeightWaits);
  return more_metrics_ ? text + more_metrics_() : text;
}

void Node::add_metrics(std::function<std::string()> more) {
  std::lock_guard hold(mutex_);
  more_metrics_ = std::move(more);
}

std::optional<std::uint64_t> Node::charge(const api::Source& source, std::uint64_t work) const {
  return budgets_.take(source, work, edges_.clock.monotonic_ns());
}

Status Node::pay(const api::Source& source, const api::Cost& cost) const {
  if (const auto wait = charge(source, api::work_of(cost))) return std::unexpected(api::refusal(*wait));
  return {};
}

void Node::owe(const api::Source& source, const api::Cost& cost) const {
  budgets_.owe(source, api::work_of(cost), edges_.clock.monotonic_ns());
}

Result<ledger::Anchor> Node::anchor() const {
  std::shared_lock hold(chain_->finals().lock());
  if (!chain_->finals().anchor()) return fail(Errc::not_ready, "no block is final yet");
  return *chain_->finals().anchor();
}

void Node::tip(const Hash& nonce, api::Answer<ledger::TipAnswer> done, const api::Source& source) {
  constexpr std::uint64_t kTipWaitMs = 2'000;
  auto begun = [this, source](std::size_t asked, std::size_t sharing) { owe(source, api::cost_of_round(asked, sharing)); };
  loop_->post([nonce, done = std::move(done), begun = std::move(begun)](replica::Replica& replica) mutable {
    replica.ask_tip(nonce, kTipWaitMs, std::move(done), std::move(begun));
  });
}

Result<ledger::BlockAnswer> Node::block(std::optional<Height> height, const api::Source& source) const {
  std::optional<store::ArchivedBlock> read;
  {
    std::shared_lock hold(chain_->finals().lock());  // for its bytes only
    const auto at = height.value_or(chain_->finals().store().height());
    if (at.value == 0) return fail(Errc::not_found, "block 0 is the genesis: GET /v1/genesis");
    DOS_ASSIGN(read, chain_->finals().archive().block(at));
    if (!read) return fail(Errc::not_found, "this node holds no block " + std::to_string(at.value));
  }
  constexpr std::uint64_t kTimes = 4;  // read, decoded, encoded, sent
  DOS_TRY(pay(source, {0, kTimes * (read->payload.size() + read->receipts.size() + read->certificate.size()), 0}));
  ledger::BlockAnswer answer;
  DOS_ASSIGN(auto made, chain::open_block(std::move(*read), &answer.payload));
  answer.anchor = std::move(made.anchor);
  answer.receipts = std::move(made.receipts);
  return answer;
}

}  // namespace dos::node
