// What comes in: messages, times, demands; the engine is stepped here.
#include "replica/ordering.hpp"

namespace dos::replica {

Ordering::Ordering(chain::Chain& chain, TransactionDesk& desk, chain::Edges edges, net::Outbox& out, OrderingEvents& events)
    : chain_(chain),
      desk_(desk),
      edges_(edges),
      out_(out),
      events_(events),
      fetch_(chain.facts(), out, edges.clock, *this),
      compact_(desk, out, edges.clock, fetch_, *this),
      sync_(out, edges.clock, *this),
      ranges_(out, edges.clock, [this](Height height) { return read_final(height); }) {}

namespace {

// What an engine has to say must fit into the frames that are there for it.
Status check_messages(const consensus::EngineRow& engine) {
  for (const auto& message : engine.messages) {
    const auto carries = [&](const net::MessageRow& row) { return row.number == message.kind && message.most_bytes <= row.max_bytes; };
    if (!net::of_engine(message.kind) || !std::ranges::any_of(net::message_rows(), carries))
      return fail(Errc::internal, "message " + std::to_string(message.kind) + " of engine " + engine.name + " fits no frame");
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<Ordering>> Ordering::make(chain::Chain& chain, TransactionDesk& desk, const crypto::SigningKey& vote_key,
                                                 consensus::Timing timing, bool key_unused, chain::Edges edges, net::Outbox& out,
                                                 OrderingEvents& events) {
  std::unique_ptr<Ordering> o(new Ordering(chain, desk, edges, out, events));
  consensus::EngineSetup setup;
  setup.facts = chain.facts();
  setup.key = &vote_key;
  setup.timing = timing;
  auto kept = chain.journal().take_kept();
  setup.records = std::move(kept.records);
  setup.journal_intact = kept.intact;
  setup.sound_from = kept.sound_from;
  setup.tip = chain.tip();
  if (chain.finals().anchor()) setup.tip_proof = consensus::FinalityProof{chain.finals().anchor()->certificate};
  setup.key_unused = key_unused;
  const auto& engine = *chain.facts().engine;
  DOS_TRY(check_messages(engine));
  DOS_ASSIGN(o->engine_, engine.make(std::move(setup), edges.entropy));
  chain.unfinal().on_leave([p = o.get()](chain::TreeBlock& block, bool final) { p->left(block, final); });
  return o;
}

void Ordering::start() {
  if (chain_.tip().height.value == 0) ask_block();  // block 1 follows from the genesis, without anybody's transaction
  started_ = true;
  demand_ = wanted();
  inputs_.push_back(consensus::Start{});
  inputs_.push_back(demand_);
  for (const auto& [id, block] : chain_.unfinal().tree())
    if (block->payload) inputs_.push_back(consensus::PayloadReady{id, true});
  work();
}

void Ordering::take_messages(Router& router) {
  router.call<consensus::EngineMessage>(
      [this](std::uint16_t from, consensus::EngineMessage message) { feed(consensus::Received{from, std::move(message)}); });
  router.to<net::ProposeFrame, net::GetBlock, net::GetTransactions>(*this);
  router.to<net::BlockFrame>(fetch_);
  router.to<net::BlockTransactions>(compact_);
  router.to<net::GetRange>(ranges_);
  router.to<net::Range>(sync_);
}

void Ordering::feed(consensus::Input input) {
  inputs_.push_back(std::move(input));
  work();
}

void Ordering::work() {
  if (working_) return;  // called from within an output: it is done before the next input
  working_ = true;
  while (!halted_) {
    // First of all what is wanted: the engine must not build for what became final a moment ago.
    const auto now = wanted();
    if (started_ && (now.pending != demand_.pending || now.block != demand_.block || more_)) {
      demand_ = now;
      more_ = false;
      ++demands_;
      inputs_.push_front(now);
    }
    if (inputs_.empty()) break;
    auto input = std::move(inputs_.front());
    inputs_.pop_front();
    auto outputs = engine_->step(edges_.clock.monotonic_ns(), edges_.clock.wall_ms(), std::move(input));
    for (auto& output : outputs) {
      std::visit([this](auto& o) { apply(o); }, output);
      if (halted_) break;
    }
  }
  working_ = false;
  if (!halted_ && chain_.journal().checkpoint_due()) stop_on(checkpoint());
}

Status Ordering::checkpoint() { return chain_.checkpoint(engine_->live_records()); }

void Ordering::halt(const Error& why) {
  if (std::exchange(halted_, true)) return;
  inputs_.clear();
  events_.stopped(why);
}

void Ordering::demand() {
  more_ = desk_.pool().count() > 0;
  work();
}

consensus::Demand Ordering::wanted() const {
  const bool under_way = chain_.unfinal().tree().size() > 0 && edges_.clock.monotonic_ns() < asked_again_ns_;
  return {desk_.pool().count() > 0, block_asked_ && !under_way};
}

void Ordering::ask_block() {
  block_asked_ = true;
  asked_again_ns_ = edges_.clock.monotonic_ns() + kAskAgainNs;
  if (started_) work();
}

// The header is judged first: what no rule allows, or comes too early or too late, leaves nothing here.
void Ordering::received(std::uint16_t from, net::ProposeFrame frame) {
  if (halted_) return;
  const Hash id = ledger::block_id(frame.proposal.header);
  const auto proposer = frame.proposal.header.proposer;
  feed(consensus::Received{from, frame.proposal});
  // Leaders alone push payloads, so that what is kept counts against whoever sent it.
  if (halted_ || from != proposer || !engine_->awaits(id) || !may_keep(proposer, id)) return;
  frame.proposal = *engine_->proposal(id);
  if (auto taken = compact_.received(from, std::move(frame)); !taken) events_.punish(from, taken.error().detail);
}

bool Ordering::may_keep(std::uint16_t proposer, const Hash& id) const {
  if (wanted_.contains(id) || execute_when_here_.contains(id)) return true;
  const auto unasked = std::ranges::count_if(chain_.unfinal().tree(), [&](const auto& b) {
    return b.second->header.proposer == proposer && !b.second->durable && !wanted_.contains(b.first);
  });
  return std::size_t(unasked) < kUnprovedBlocks;
}

// What this node can give by id: a block of the tree, or one that became final lately.
std::optional<consensus::Proposal> Ordering::held(const Hash& id, Bytes& payload) {
  if (const auto* block = chain_.unfinal().tree().find(id); block != nullptr && block->payload && !block->vote.signature.bytes.empty()) {
    payload = *block->payload;
    return consensus::Proposal{block->header, block->vote};
  }
  for (const auto& [known, recent] : recent_)
    if (known == id) {
      payload = recent.payload;
      return recent.proposal;
    }
  return std::nullopt;
}

void Ordering::received(std::uint16_t from, net::GetBlock ask) {
  Bytes payload;
  // Not here, or it does not read what it asked for: silence. The asker goes on to the next holder.
  if (!out_.room_for(from, kMaxFrameBytes)) return;
  if (auto proposal = held(ask.id, payload)) out_.send(from, net::BlockFrame{std::move(*proposal), std::move(payload)});
}

void Ordering::received(std::uint16_t from, net::GetTransactions ask) {
  if (!out_.room_for(from, kMaxFrameBytes)) return;
  auto answer = [&](const ledger::Payload& payload) {
    auto transactions = net::answer_transactions(ask, payload);
    if (!transactions) return events_.punish(from, transactions.error().detail);
    out_.send(from, std::move(*transactions));
  };
  if (proposed_ && proposed_->first == ask.id) return answer(proposed_->second);
  Bytes payload;
  if (!held(ask.id, payload)) return;
  out_.charge(from, {0, payload.size(), 0});  // it is taken apart for this question
  if (const auto packed = codec::decode<ledger::Payload>(payload)) answer(*packed);
}

// For peers that catch up. The lock is held for one block at a time.
Result<std::optional<net::FinalBlock>> Ordering::read_final(Height height) const {
  if (height.value == 0 || height > chain_.tip().height) return std::nullopt;
  net::FinalBlock block;
  const chain::ReadHold hold(chain_.finals().lock());
  auto made = chain::read_block(chain_.finals().archive(), height, &block.payload);
  if (!made) {
    edges_.log.write(LogLevel::error, "sync", "a peer asked for blocks that cannot be read: " + made.error().detail);
    return std::unexpected(made.error());
  }
  block.anchor = std::move(made->anchor);
  return block;
}

void Ordering::peer_up(std::uint16_t peer, Height height) {
  feed(consensus::PeerUp{peer});
  if (height > chain_.tip().height) sync_.catch_up(peer, height, chain_.tip().height);
}

void Ordering::peer_down(std::uint16_t peer) {
  fetch_.peer_down(peer);
  compact_.peer_down(peer);
  sync_.peer_down(peer);
  ranges_.peer_down(peer);
}

void Ordering::wake_ranges() {
  if (!halted_) ranges_.wake();
}

void Ordering::wake() {
  if (halted_) return;
  compact_.wake();
  fetch_.wake();
  sync_.wake();
  if (const auto at = engine_->deadline_ns(); at && *at <= edges_.clock.monotonic_ns()) feed(consensus::Tick{});
  else work();
}

std::optional<std::uint64_t> Ordering::deadline_ns() const {
  if (halted_) return std::nullopt;
  auto first = engine_->deadline_ns();
  if (block_asked_ && !demand_.block && (!first || asked_again_ns_ < *first)) first = asked_again_ns_;
  for (const auto at : {compact_.deadline_ns(), fetch_.deadline_ns(), sync_.deadline_ns(), ranges_.deadline_ns()})
    if (at && (!first || *at < *first)) first = at;
  return first;
}

}  // namespace dos::replica
