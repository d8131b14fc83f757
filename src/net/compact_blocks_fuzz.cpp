// Proposals by short ids and the answers with missing transactions, as a peer may send them: nothing crashes, whatever
// arrives is what its header commits to, and what is kept stays within its limits.
#include <cstdlib>

#include "net/compact_blocks.hpp"
#include "net/framing.hpp"

using namespace dos;
using namespace dos::net;

namespace {

struct World final : PendingTransactions, Outbox, Clock, Entropy, BlockArrivals {
  std::vector<std::pair<Hash, ledger::SignedTransaction>> pool;
  std::vector<GetTransactions> asked;
  std::uint64_t now = 1;

  World() {
    for (std::uint64_t i = 0; i < 24; ++i) {
      ledger::SignedTransaction tx;
      tx.tx.sender.is = ledger::AccountSender{"a", "active"};
      tx.tx.valid_until = TimeMs{i};
      if (i % 2) tx.witnesses.push_back({ledger::ListWitness{"a", {}, {0, 1, {}}, {crypto::KeyType::ed25519, Bytes(64, 1)}}});
      pool.emplace_back(ledger::wtxid(ledger::txid(tx.tx), tx.witnesses), tx);
    }
  }
  const ledger::SignedTransaction* find(const Hash& wtxid) const override {
    for (const auto& [w, tx] : pool)
      if (w == wtxid) return &tx;
    return nullptr;
  }
  void each(const std::function<bool(const Hash&)>& take) const override {
    for (std::size_t i = 0; i < pool.size(); i += 1 + i % 3)  // some are missing
      if (!take(pool[i].first)) return;
  }
  bool send(std::uint16_t, const AnyMessage& message) override {
    if (!encode_frame(message)) std::abort();
    if (const auto* ask = std::get_if<GetTransactions>(&message)) asked.push_back(*ask);
    return true;
  }
  void send_all(const AnyMessage&) override {}
  std::vector<std::uint16_t> linked() const override { return {1, 2, 3}; }
  bool room_for(std::uint16_t, std::size_t) const override { return true; }
  std::uint64_t wall_ms() override { return 0; }
  std::uint64_t monotonic_ns() override { return now; }
  void fill(std::span<std::uint8_t> out) override { std::ranges::fill(out, std::uint8_t(3)); }
  void block_arrived(std::uint16_t, consensus::Proposal proposal, Bytes payload, std::vector<Hash>) override {
    if (!check_payload(proposal.header, payload)) std::abort();
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  World world;
  const consensus::ChainFacts facts;
  BlockFetch fetch(facts, world, world, world);
  CompactBlocks compact(world, world, world, fetch, world);
  BytesView rest(data, size);
  for (std::uint64_t view = 1; rest.size() >= 4; ++view) {
    const std::uint8_t op = rest[0] % 4, from = rest[1] % 3 + 1, mutation = rest[2];
    const std::size_t bytes = std::min<std::size_t>(rest[3], rest.size() - 4);
    const BytesView more = rest.subspan(4, bytes);
    rest = rest.subspan(4 + bytes);
    world.now += std::uint64_t(mutation) * 10'000'000;
    if (op == 0) {  // any bytes that decode
      if (auto frame = codec::decode<ProposeFrame>(more)) (void)compact.received(from, std::move(*frame));
      if (auto answer = codec::decode<BlockTransactions>(more)) compact.received(from, std::move(*answer));
    } else if (op == 1 || op == 2) {  // an honest proposal, then changed
      std::vector<ledger::SignedTransaction> txs;
      std::vector<Hash> wtxids;
      for (const auto b : more.first(std::min<std::size_t>(more.size(), 40))) {
        txs.push_back(world.pool[b % world.pool.size()].second);
        wtxids.push_back(world.pool[b % world.pool.size()].first);
      }
      const auto payload = ledger::pack(txs);
      const Bytes encoded = codec::encode(payload);
      consensus::Proposal proposal;
      proposal.header.view = View{view};
      proposal.header.payload = {std::uint32_t(encoded.size()), ledger::payload_hash(encoded), {}};
      auto frame = make_proposal(proposal, payload, wtxids, world);
      if (auto* ids = std::get_if<ShortIds>(&frame.body); ids && op == 2) {
        if (!ids->ids.empty()) ids->ids[mutation % ids->ids.size()][mutation % 6] ^= mutation;
        if (mutation & 1) ids->list_of.push_back(mutation);
        if (mutation & 2) frame.proposal.header.payload.len ^= mutation << 4;
      }
      world.asked.clear();
      const bool taken = compact.received(from, frame).has_value();
      if (op == 1 && !taken && !wtxids.empty()) std::abort();
      if (!world.asked.empty() && mutation % 3)
        if (auto answer = answer_transactions(world.asked.back(), payload)) {
          if (mutation % 3 == 2 && !answer->transactions.empty()) answer->transactions[0].push_back(1);
          compact.received(from, std::move(*answer));
        }
    } else {
      compact.wake();
      fetch.wake();
      if (mutation & 1) compact.peer_down(from), fetch.peer_down(from);
    }
    if (compact.partial() > kMaxPartialBlocks) std::abort();
  }
  return 0;
}
