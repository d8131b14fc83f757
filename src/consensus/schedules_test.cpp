// Random schedules: faults by a seed, then the network heals and everything that was asked for must become final, everywhere
// the same. DOS_SEEDS and DOS_FIRST_SEED widen the search; a failing seed is named and repeats to the bit.
#include <cstdlib>

#include "consensus/test_liar.hpp"

namespace dos::consensus::test {
namespace {

std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

const std::vector<std::vector<std::uint64_t>> kShapes = {
    {1, 1, 1, 1},          {1, 1, 1, 1}, {32, 23, 23, 22}, {1, 1, 1, 1, 1}, {3, 1, 1, 1, 1, 1, 1, 1},
    {1, 1, 1, 1, 1, 1, 1}, {5, 4, 4, 4}, {2, 2, 1, 1, 1}};

struct Counters {
  std::uint64_t seeds = 0, blocks = 0, crashes = 0, cuts = 0, lost_disks = 0, checkpoints = 0, nullified = 0, evidence = 0, fetches = 0,
                catch_ups = 0, liars = 0, punished = 0;
};
Counters total;

std::string name_of(const ledger::VoteItem& item) {
  return std::string(item.kind == ledger::VoteKind::notar  ? "N"
                     : item.kind == ledger::VoteKind::null ? "Z"
                                                           : "F") +
         std::to_string(item.view.value) + ":" + hex(item.id.view().first(3));
}
std::string name_of(const Message& m) {
  if (const auto* p = std::get_if<Proposal>(&m)) return "proposal " + std::to_string(p->header.view.value);
  std::string out = "message " + std::to_string(m.index());
  if (const auto* v = std::get_if<Votes>(&m))
    for (const auto& vote : v->votes)
      for (const auto& item : vote.ballot.items) out += " v" + std::to_string(vote.ballot.voter) + name_of(item);
  if (const auto* s = std::get_if<StatusReport>(&m)) {
    out =
        "status view " + std::to_string(s->current.value) + " final " + std::to_string(s->final_height.value) + (s->wants ? " wants" : "");
    for (const auto& item : s->held) out += " " + name_of(item);
  }
  return out;
}

// DOS_TRACE=1: what engines take and give, for a person.
struct Tracer final : Watcher {
  std::uint64_t now = 0;
  void line(std::uint16_t i, const std::string& text) {
    std::printf("%llu us: %u %s\n", (unsigned long long)(now / 1000), i, text.c_str());
  }
  static std::string short_id(const Hash& id) { return hex(id.view().first(3)); }
  void begins(const ChainFacts&, const Tip&) override {}
  void started(std::uint16_t i, const EngineSetup& setup) override {
    line(i, "starts at height " + std::to_string(setup.tip.height.value));
  }
  void takes(std::uint16_t i, const Input& in, std::uint64_t now_ns, std::uint64_t) override {
    now = now_ns;
    if (const auto* m = std::get_if<Received>(&in))
      line(i, "hears from " + std::to_string(m->from) + " " + name_of(*read_message(m->message)));
    if (const auto* p = std::get_if<PayloadReady>(&in)) line(i, "payload " + short_id(p->id) + (p->valid ? "" : " bad"));
    if (const auto* x = std::get_if<Executed>(&in)) line(i, "executed " + short_id(x->id) + (x->valid ? "" : " bad"));
    if (const auto* b = std::get_if<Built>(&in)) line(i, std::string("built") + (b->empty ? " nothing" : ""));
    if (const auto* a = std::get_if<Adopted>(&in)) line(i, "adopts height " + std::to_string(a->header.height.value));
    if (const auto* d = std::get_if<Demand>(&in))
      line(i, std::string("demand") + (d->pending ? " pending" : "") + (d->block ? " block" : ""));
    if (const auto* u = std::get_if<PeerUp>(&in)) line(i, "peer up " + std::to_string(u->peer));
  }
  void gives(std::uint16_t i, const Output& out) override {
    if (const auto* s = std::get_if<Send>(&out)) line(i, "says " + name_of(*read_message(s->message)));
    if (const auto* x = std::get_if<Execute>(&out)) line(i, "execute " + short_id(x->id));
    if (const auto* f = std::get_if<Fetch>(&out)) line(i, "fetch " + short_id(f->id) + " of view " + std::to_string(f->view.value));
    if (const auto* b = std::get_if<Build>(&out)) line(i, "build in view " + std::to_string(b->view.value) + " on " + short_id(b->parent));
    if (const auto* f = std::get_if<Finalize>(&out)) line(i, "final " + short_id(f->ids.back()));
    if (const auto* d = std::get_if<Drop>(&out))
      for (const auto& id : d->ids) line(i, "drop " + short_id(id));
    if (std::holds_alternative<CatchUp>(out)) line(i, "catch up");
    if (std::holds_alternative<Persist>(out)) line(i, "persist");
  }
  void rests(std::uint16_t i, const EngineStatus& s) override { line(i, "is in view " + std::to_string(s.current.value)); }
  void released(std::uint16_t, const std::vector<EngineRecord>&) override {}
};

bool all_final(const Cluster& c, Cluster& m, const std::set<std::uint64_t>& txs) {
  for (std::uint16_t i = 0; i < c.size(); ++i) {
    if (c.liar(i) || !m.node(i).up) continue;
    for (const auto tx : txs)
      if (!c.is_final(i, tx)) return false;
  }
  return true;
}

void run(std::uint64_t seed, bool with_liar) {
  Random r(seed);
  ClusterOptions o;
  o.seed = seed;
  o.weights = kShapes[r.below(kShapes.size())];
  const auto n = std::uint16_t(o.weights.size());
  std::uint64_t weight = 0;
  for (const auto w : o.weights) weight += w;
  if (with_liar) {
    std::uint16_t liar = std::uint16_t(r.below(n));
    while (3 * o.weights[liar] >= weight) liar = std::uint16_t(r.below(n));
    o.liars = {liar};
  }
  o.delay_max_ns = o.delay_min_ns + (r.chance(300) ? 80 * kMs : r.chance(500) ? 10 * kMs : kMs);
  o.loss = r.chance(400) ? r.below(300) : 0;
  o.twice = r.chance(300) ? r.below(300) : 0;
  o.execute_ns = r.chance(200) ? 50 * kMs : 100'000;
  o.gossip = r.chance(700);
  const bool crashes = r.chance(600), cuts = r.chance(500), disks = !with_liar && r.chance(300);
  Tracer tracer;
  if (std::getenv("DOS_TRACE") != nullptr) o.watcher = &tracer;
  Cluster c(o);
  std::vector<std::unique_ptr<Liar>> liars;
  for (const auto l : o.liars) liars.push_back(std::make_unique<Liar>(c, l, seed * 7 + l));
  c.liar_hears = [&](std::uint16_t to, std::uint16_t from, const Message& m) {
    (void)to;
    for (auto& l : liars) l->hear(from, m);
  };
  for (std::uint16_t i = 0; i < n; ++i) c.node(i).wall_skew_ms = r.below(200);
  std::set<std::uint64_t> txs;
  std::optional<std::uint16_t> diskless;
  const auto rounds = 20 + r.below(60);
  for (std::uint64_t k = 0; k < rounds && !testing::Test::HasFailure(); ++k) {
    c.run_for(r.below(r.chance(200) ? 400 * kMs : 20 * kMs));
    const auto i = std::uint16_t(r.below(n));
    if (c.liar(i)) continue;
    if (r.chance(500) && c.node(i).up) txs.insert(c.submit(i));
    if (r.chance(50) && c.node(i).up) c.ask_block(i);
    if (crashes && r.chance(200)) {
      if (c.node(i).up) {
        if (r.chance(700)) {
          c.node(i).crash_in = r.below(4);
          c.node(i).crash_after = r.chance(500);
        } else {
          c.power_off(i);
        }
        ++total.crashes;
      } else {
        if (disks && (!diskless || *diskless == i) && r.chance(500)) {
          c.lose_disk(i);
          diskless = i;
          ++total.lost_disks;
        }
        c.start(i);
      }
    }
    if (crashes && r.chance(20)) {  // the power goes everywhere
      for (std::uint16_t j = 0; j < n; ++j)
        if (!c.liar(j)) c.power_off(j);
      ++total.crashes;
    }
    if (c.node(i).up && r.chance(100)) {
      c.checkpoint(i);
      ++total.checkpoints;
    }
    if (cuts && r.chance(100)) {
      if (r.chance(500)) c.isolate(i);
      else c.cut(i, std::uint16_t((i + 1 + r.below(n - 1)) % n));
      ++total.cuts;
    }
    if (cuts && r.chance(100)) c.heal();
  }
  // Everything heals; liars go on lying. A client whose node went down asks another one.
  c.heal();
  c.options().loss = 0;
  for (std::uint16_t i = 0; i < n; ++i) {
    if (c.liar(i)) continue;
    c.node(i).crash_in.reset();
    if (!c.node(i).up) c.start(i);
  }
  txs.insert(c.submit([&] {
    std::uint16_t i = 0;
    while (c.liar(i)) ++i;
    return i;
  }()));
  c.run_until([&] { return all_final(c, c, txs); }, 120 * kSecond);
  for (std::uint16_t i = 0; i < n; ++i) {
    if (c.liar(i)) continue;
    auto& node = c.node(i);
    EXPECT_EQ(node.stopped, "") << "node " << i;
    EXPECT_EQ(node.halted, "") << "node " << i;
    for (const auto tx : txs) EXPECT_TRUE(c.is_final(i, tx)) << "transaction " << tx << " is not final at node " << i;
    const auto s = c.status(i);
    if (testing::Test::HasFailure())
      std::printf("%s\n node %u: view %llu floor %llu height %llu leader %u votes %d %s\n", describe(c.node(i)).c_str(), i,
                  (unsigned long long)s.current.value, (unsigned long long)s.floor.value, (unsigned long long)c.height(i), s.leader,
                  s.votes, s.why_not.c_str());
    if (testing::Test::HasFailure())
      std::printf(" fetches %llu catch-ups %llu executes %llu builds %llu steps %llu pool %zu told %d deadline in %lld ms at %llu\n",
                  (unsigned long long)node.fetches, (unsigned long long)node.catch_ups, (unsigned long long)node.executes,
                  (unsigned long long)node.builds, (unsigned long long)node.steps, node.pool.size(), node.told.pending,
                  c.node(i).engine->deadline_ns() ? (long long)(*c.node(i).engine->deadline_ns() - c.now()) / (long long)kMs : -1,
                  (unsigned long long)(c.now() / kMs));
    total.nullified += s.nullified;
    total.evidence += node.evidence.size();
    total.fetches += node.fetches;
    total.catch_ups += node.catch_ups;
    total.punished += node.punished.size();
  }
  if (testing::Test::HasFailure() && std::getenv("DOS_TRACE") != nullptr) {  // what is still said
    c.run_for(5 * kSecond);
  }
  for (auto& l : liars) l->fall_silent();
  if (!testing::Test::HasFailure()) {
    for (int k = 0; k < 100; ++k) {  // what is on its way may stir them up again
      c.run_until([&] { return c.idle(); }, 120 * kSecond);
      c.run_for(kSecond);
      if (c.idle()) break;
    }
    EXPECT_TRUE(c.idle()) << "it does not come to rest";
    for (std::uint16_t i = 0; i < n; ++i)
      EXPECT_EQ(c.liar(i) ? c.final_chain().size() : c.height(i), c.final_chain().size()) << "node " << i << " lacks a final block";
  }
  ++total.seeds;
  total.blocks += c.final_chain().size();
  total.liars += o.liars.size();
}

void search(bool with_liar, std::uint64_t seeds) {
  total = {};
  const auto first = from_environment("DOS_FIRST_SEED", 1);
  seeds = from_environment("DOS_SEEDS", seeds);
  for (auto seed = first; seed < first + seeds; ++seed) {
    run(seed, with_liar);
    ASSERT_FALSE(testing::Test::HasFailure()) << "again: DOS_FIRST_SEED=" << seed << " DOS_SEEDS=1 consensus_test --gtest_filter=Schedules."
                                              << (with_liar ? "with_a_liar" : "with_faults");
  }
  std::printf(
      "seeds %llu blocks %llu crashes %llu cuts %llu disks %llu checkpoints %llu nullified %llu evidence %llu fetches %llu "
      "catch-ups %llu liars %llu punished %llu\n",
      (unsigned long long)total.seeds, (unsigned long long)total.blocks, (unsigned long long)total.crashes, (unsigned long long)total.cuts,
      (unsigned long long)total.lost_disks, (unsigned long long)total.checkpoints, (unsigned long long)total.nullified,
      (unsigned long long)total.evidence, (unsigned long long)total.fetches, (unsigned long long)total.catch_ups,
      (unsigned long long)total.liars, (unsigned long long)total.punished);
}

TEST(Schedules, with_faults) { search(false, 40); }
TEST(Schedules, with_a_liar) { search(true, 40); }

}  // namespace
}  // namespace dos::consensus::test
