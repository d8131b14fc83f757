// What comes in: messages, times, demands; the engine is stepped here.
#include "node/ordering.hpp"

namespace dos::node {

Ordering::Ordering(Chain& chain, TransactionDesk& desk, Edges edges, net::Outbox& out, OrderingEvents& events)
    : chain_(chain),
      desk_(desk),
      edges_(edges),
      out_(out),
      events_(events),
      fetch_(chain.facts(), out, edges.clock, *this),
      compact_(desk, out, edges.clock, fetch_, *this),
      sync_(out, edges.clock, *this) {}

Result<std::unique_ptr<Ordering>> Ordering::make(Chain& chain, TransactionDesk& desk, const crypto::SigningKey& vote_key,
                                                 consensus::Timing timing, bool key_unused, Edges edges, net::Outbox& out,
                                                 OrderingEvents& events) {
  std::unique_ptr<Ordering> o(new Ordering(chain, desk, edges, out, events));
  consensus::EngineSetup setup;
  setup.facts = chain.facts();
  setup.key = &vote_key;
  setup.timing = timing;
  setup.records = chain.take_records();
  setup.journal_intact = chain.journal_intact();
  setup.sound_from = chain.records_sound_from();
  setup.boot = chain.boots();
  setup.tip = chain.tip();
  if (chain.anchor()) setup.tip_certificate = chain.anchor()->certificate;
  setup.key_unused = key_unused;
  DOS_ASSIGN(o->engine_, consensus::make_simplex(std::move(setup), edges.entropy));
  chain.on_leave([p = o.get()](TreeBlock& block, bool final) { p->left(block, final); });
  return o;
}

void Ordering::start() {
  if (chain_.tip().height.value == 0) ask_block();  // block 1 follows from the genesis, without anybody's transaction
  started_ = true;
  demand_ = wanted();
  inputs_.push_back(consensus::Start{});
  inputs_.push_back(demand_);
  for (const auto& [id, block] : chain_.tree())
    if (block->payload) inputs_.push_back(consensus::PayloadReady{id, true});
  work();
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
  if (!halted_ && chain_.checkpoint_due()) stop_on(checkpoint());
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
  const bool under_way = chain_.tree().size() > 0 && edges_.clock.monotonic_ns() < asked_again_ns_;
  return {desk_.pool().count() > 0, block_asked_ && !under_way};
}

void Ordering::ask_block() {
  block_asked_ = true;
  asked_again_ns_ = edges_.clock.monotonic_ns() + kAskAgainNs;
  if (started_) work();
}

void Ordering::received(std::uint16_t from, net::ProposeFrame frame) {
  if (halted_) return;
  // The engine hears of the header first; the payload may be whole at once.
  working_ = true;
  announced_ = ledger::block_id(frame.proposal.header);
  inputs_.push_back(consensus::Received{from, frame.proposal});
  auto taken = compact_.received(from, std::move(frame));
  announced_ = {};
  working_ = false;
  work();
  if (!taken) events_.punish(from, taken.error().detail);
}

void Ordering::received(std::uint16_t from, net::BlockFrame frame) { fetch_.received(from, std::move(frame)); }
void Ordering::received(std::uint16_t from, net::BlockTransactions answer) { compact_.received(from, std::move(answer)); }
void Ordering::received(std::uint16_t from, net::Range range) { sync_.received(from, std::move(range)); }

// What this node can give by id: a block of the tree, or one that became final lately.
std::optional<consensus::Proposal> Ordering::held(const Hash& id, Bytes& payload) {
  if (const auto* block = chain_.tree().find(id); block != nullptr && block->payload && !block->vote.signature.bytes.empty()) {
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
  // Not here: silence. The asker goes on to the next holder.
  if (auto proposal = held(ask.id, payload)) out_.send(from, net::BlockFrame{std::move(*proposal), std::move(payload)});
}

void Ordering::received(std::uint16_t from, net::GetTransactions ask) {
  auto answer = [&](const ledger::Payload& payload) {
    auto transactions = net::answer_transactions(ask, payload);
    if (!transactions) return events_.punish(from, transactions.error().detail);
    out_.send(from, std::move(*transactions));
  };
  if (proposed_ && proposed_->first == ask.id) return answer(proposed_->second);
  Bytes payload;
  if (!held(ask.id, payload)) return;
  if (const auto packed = codec::decode<ledger::Payload>(payload)) answer(*packed);
}

void Ordering::received(std::uint16_t from, net::GetRange ask) {
  if (!out_.room_for(from, kMaxRangeBytes)) return;
  auto answer = net::answer_range(ask, [&](Height height) -> Result<std::optional<net::FinalBlock>> {
    if (height.value == 0 || height > chain_.tip().height) return std::nullopt;
    net::FinalBlock block;
    std::shared_lock hold(chain_.lock());
    DOS_ASSIGN(auto made, Chain::read_block(chain_.archive(), height, &block.payload));
    block.anchor = std::move(made.anchor);
    return block;
  });
  if (answer) out_.send(from, std::move(*answer));
  else edges_.log.write(LogLevel::error, "sync", "a peer asked for blocks that cannot be read: " + answer.error().detail);
}

void Ordering::peer_up(std::uint16_t peer, Height height) {
  feed(consensus::PeerUp{peer});
  if (height > chain_.tip().height) sync_.catch_up(peer, height, chain_.tip().height);
}

void Ordering::peer_down(std::uint16_t peer) {
  fetch_.peer_down(peer);
  compact_.peer_down(peer);
  sync_.peer_down(peer);
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
  for (const auto at : {compact_.deadline_ns(), fetch_.deadline_ns(), sync_.deadline_ns()})
    if (at && (!first || *at < *first)) first = at;
  return first;
}

}  // namespace dos::node
