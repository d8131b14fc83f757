#include "node/node.hpp"
#include "node/version.hpp"

namespace dos::node {

Result<std::unique_ptr<Node>> Node::open(NodeConfig config, crypto::SigningKey vote_key, Edges edges) {
  std::unique_ptr<Node> node(new Node(std::move(config), std::move(vote_key), edges));
  DOS_ASSIGN(node->chain_, Chain::open(node->config_.chain, node->key_, edges));
  node->started_ms_ = edges.clock.wall_ms();
  const auto& chain = *node->chain_;
  for (auto h = chain.store().height().value; h > 0 && node->recent_.size() < 10; --h) {
    DOS_ASSIGN(const auto block, Chain::read_block(chain.archive(), Height{h}));
    node->recent_.push_back({Height{h}, block.anchor.header.time, ledger::block_id(block.anchor.header),
                             std::uint32_t(block.receipts.size())});
  }
  node->thread_ = std::thread([n = node.get()] { n->run(); });
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
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
  std::vector<std::shared_ptr<PoolEntry>> left;
  std::vector<HeightWait> waits;
  std::multimap<std::uint64_t, std::weak_ptr<Ticket>> tickets;
  bool whole = false;
  {
    std::lock_guard hold(mutex_);
    left = pool_.drain();
    waits.swap(height_waits_);
    tickets.swap(deadlines_);
    whole = halted_.empty();
  }
  refuse(left, {Errc::not_ready, "the node stops"});
  for (auto& w : waits) w.done(false);
  for (auto& [at, ticket] : tickets)
    if (auto t = ticket.lock()) t->expire();
  if (!whole || !chain_) return {};
  DOS_TRY(chain_->checkpoint());
  edges_.log.write(LogLevel::info, "node", "stopped at block " + std::to_string(chain_->store().height().value));
  return {};
}

api::NodeStatus Node::status() const {
  api::NodeStatus s;
  const auto& g = chain_->genesis();
  s.network = g.name;
  s.validator = g.validators.members[chain_->voter()].name;
  s.version = kVersion;
  s.format = g.format;
  s.suite = g.suite == crypto::Suite::pq ? "pq" : "classic";
  s.chain = chain_->id();
  s.boots = chain_->boots();
  s.started_ms = started_ms_;
  s.transactions = metrics_.transactions.load();
  {
    std::lock_guard hold(chain_->lock());
    s.height = chain_->store().height();
    s.durable_height = chain_->store().durable_height().value;
    s.records = chain_->store().record_count();
    s.live = chain_->store().live_count();
    if (chain_->anchor()) s.time = chain_->anchor()->header.time;
  }
  {
    std::lock_guard hold(chain_->blobs_lock());
    s.unclaimed_bytes = chain_->blobs().unclaimed_bytes();
  }
  std::lock_guard hold(mutex_);
  s.pool_count = pool_.count();
  s.pool_bytes = pool_.bytes();
  s.why_not = !halted_.empty() ? halted_ : stopping_ ? "the node stops" : chain_->why_no_votes();
  s.ready = s.why_not.empty();
  return s;
}

std::vector<api::RecentBlock> Node::recent_blocks() const {
  std::lock_guard hold(mutex_);
  return recent_;
}

std::string Node::metrics() const { return metrics_.text(status()); }

Result<ledger::Anchor> Node::anchor() const {
  std::lock_guard hold(chain_->lock());
  if (!chain_->anchor()) return fail(Errc::not_ready, "no block is final yet");
  return *chain_->anchor();
}

Result<ledger::TipAnswer> Node::tip(const Hash& nonce) const {
  ledger::TipAnswer answer;
  DOS_ASSIGN(answer.anchor, anchor());
  if (!chain_->why_no_votes().empty()) return fail(Errc::not_ready, chain_->why_no_votes());
  DOS_ASSIGN(auto ack, consensus::tip_ack(chain_->facts(), key_, answer.anchor.header.height, nonce, edges_.entropy));
  answer.acks.push_back(std::move(ack));
  return answer;
}

Result<ledger::BlockAnswer> Node::block(std::optional<Height> height) const {
  std::lock_guard hold(chain_->lock());
  const auto at = height.value_or(chain_->store().height());
  if (at.value == 0) return fail(Errc::not_found, "block 0 is the genesis: GET /v1/genesis");
  ledger::BlockAnswer answer;
  DOS_ASSIGN(auto made, Chain::read_block(chain_->archive(), at, &answer.payload));
  answer.anchor = std::move(made.anchor);
  answer.receipts = std::move(made.receipts);
  return answer;
}

}  // namespace dos::node
