// Gossip while links come and go: what was handed in here and is pending reaches everybody linked, nobody gets what it is known to
// have, and once all is sent nothing waits.
#include "net/fuzz_world.hpp"
#include "net/gossip.hpp"

using namespace dos;
using namespace dos::net;

namespace {

struct Pool final : PendingTransactions {
  struct Row {
    Hash wtxid;
    ledger::SignedTransaction tx;
    Bytes encoded;
    bool pending = false, here = false;
  };
  std::vector<Row> rows;
  Pool() {
    for (std::uint64_t i = 0; i < 12; ++i) {
      Row r;
      r.tx.tx.valid_until = TimeMs{i};
      if (i % 3 == 0) r.tx.witnesses.push_back({ledger::PreimageWitness{Bytes(i * 8'000, 1)}});
      r.wtxid = ledger::wtxid(ledger::txid(r.tx.tx), r.tx.witnesses);
      r.encoded = codec::encode(r.tx);
      rows.push_back(std::move(r));
    }
  }
  const ledger::SignedTransaction* find(const Hash& wtxid) const override {
    for (const auto& r : rows)
      if (r.pending && r.wtxid == wtxid) return &r.tx;
    return nullptr;
  }
  void each(const std::function<bool(const Hash&)>& take) const override {
    for (const auto& r : rows)
      if (r.pending && !take(r.wtxid)) return;
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Pool fresh;
  Pool pool = fresh;
  fuzz::World world;
  TransactionGossip gossip(world, world, pool);
  std::map<std::uint16_t, std::set<std::size_t>> has;  // which rows a peer is known to have
  const auto sort_sent = [&] {
    for (const auto& [to, message] : world.sent)
      for (const auto& bytes : std::get<Gossip>(message).transactions) {
        std::size_t i = 0;
        while (i < pool.rows.size() && pool.rows[i].encoded != bytes) ++i;
        DOS_CHECK(i < pool.rows.size() && has[to].insert(i).second);
      }
    world.sent.clear();
  };
  BytesView rest(data, size);
  for (int n = 0; n < 400; ++n) {
    const auto s = fuzz::next_step(rest);
    if (!s) break;
    const std::size_t i = s->number % pool.rows.size();
    auto& row = pool.rows[i];
    switch (s->what % 7) {
      case 0:
        row.pending = row.here = true;
        gossip.submitted(row.wtxid, row.encoded);
        break;
      case 1:
        if (s->number & 0x80) row.pending = true;
        if (!row.pending || !world.up.contains(s->who)) break;
        gossip.heard(s->who, row.wtxid);
        has[s->who].insert(i);
        break;
      case 2:
        row.pending = row.here = false;
        gossip.gone(row.wtxid);
        for (auto& [peer, rows] : has) rows.erase(i);
        break;
      case 3: gossip.block_final(); break;
      case 4:
        world.up.erase(s->who);
        has.erase(s->who);
        gossip.peer_down(s->who);
        break;
      case 5:
        if (world.up.insert(s->who).second) gossip.peer_up(s->who);
        break;
      default: world.now += std::uint64_t(s->number) * 2'000'000; fuzz::wake(world, gossip);
    }
    sort_sent();
    DOS_CHECK(gossip.known() <= pool.rows.size());
  }
  world.now += kGossipWaitNs;
  fuzz::wake(world, gossip);
  sort_sent();
  for (std::size_t i = 0; i < pool.rows.size(); ++i)
    for (const auto peer : world.up)
      if (pool.rows[i].here) DOS_CHECK(has[peer].contains(i));
  return 0;
}
