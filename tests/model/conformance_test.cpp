// Real engines under random schedules with Byzantine voters, power cuts, lost disks and journals cut back: every vote that
// they sign is one the model allows, with stake counted as the model counts it; then the network heals and goes on. And the
// judge sees: what no rule allows is named.
#include <gtest/gtest.h>

#include <cstdio>

#include "effort.hpp"
#include "trace_judge.hpp"
#include "world.hpp"

namespace dos::model {
namespace {

using consensus::test::Cluster;
using consensus::test::ClusterOptions;
using consensus::test::kMs;
using ledger::VoteItem;
using ledger::VoteKind;

TraceJudge judge_of_clusters() {
  return TraceJudge({.result =
                         [](const ledger::Header& h) {
                           codec::Encoder e;
                           codec::write(e, h.parent_result);
                           codec::write(e, ledger::block_id(h));
                           return crypto::plain_hash(e.out);
                         },
                     .valid = [](const ledger::Header& h) { return h.params.is_zero(); }});
}

// Liars that know everything: they answer whatever they hear with votes for it, to whom they like, and lead with two blocks.
class Liars {
 public:
  Liars(Cluster& cluster, std::uint64_t seed) : c_(cluster), dice_(seed) {
    c_.liar_hears = [this](std::uint16_t to, std::uint16_t from, const consensus::Message& m) { hears(to, from, m); };
  }
  bool silent = false;

  // Called now and then: leads its view, nullifies, votes for two.
  void act(std::uint16_t liar) {
    if (silent) return;
    std::uint64_t view = 1;
    for (std::uint16_t i = 0; i < c_.size(); ++i)
      if (!c_.liar(i) && c_.node(i).up) view = std::max(view, c_.status(i).current.value);
    if (dice_.one_in(3)) say(liar, {{VoteKind::null, View{view}, {}, {}}});
    if (c_.leader(view) == liar) lead(liar, View{view});
  }

 private:
  void say(std::uint16_t liar, std::vector<VoteItem> items) {
    const consensus::Votes votes{{c_.vote(liar, std::move(items))}};
    if (dice_.one_in(2)) return c_.say_all(liar, votes);
    for (std::uint16_t to = 0; to < c_.size(); ++to)
      if (!c_.liar(to) && dice_.one_in(2)) c_.say(liar, to, votes);
  }
  void hears(std::uint16_t liar, std::uint16_t from, const consensus::Message& m) {
    if (const auto* p = std::get_if<consensus::Proposal>(&m)) seen_.push_back(p->header);
    if (const auto* ask = std::get_if<consensus::SignedAsk>(&m))  // the least that it can say
      return c_.say(liar, from, consensus::SignedAnswer{ask->epoch, ask->nonce, View{1}, Height{0}, {}});
    if (silent || !dice_.one_in(2)) return;
    if (const auto* p = std::get_if<consensus::Proposal>(&m)) {
      say(liar, {{VoteKind::notar, p->header.view, ledger::block_id(p->header), {}}});
    } else if (const auto* v = std::get_if<consensus::Votes>(&m)) {
      auto item = v->votes.front().ballot.items.front();
      if (item.kind == VoteKind::final && dice_.one_in(6)) item.result.bytes[0] ^= 1;
      say(liar, {item});
    }
  }
  void lead(std::uint16_t liar, View view) {
    const int blocks = 1 + dice_.below(2);
    for (int k = 0; k < blocks; ++k) {
      const ledger::Header* parent = nullptr;
      if (!seen_.empty() && !dice_.one_in(8)) parent = &seen_[seen_.size() - 1 - std::size_t(dice_.below(std::min(3, int(seen_.size()))))];
      if (parent != nullptr && parent->view >= view) continue;
      Hash result = parent != nullptr ? c_.result_of(*parent) : c_.genesis().result;
      if (dice_.one_in(10)) result.bytes[0] ^= 1;
      const auto p = c_.propose(liar, view, parent, result, {1000000 + view.value * 10 + std::uint64_t(k)}, !dice_.one_in(6));
      seen_.push_back(p.header);
      for (std::uint16_t to = 0; to < c_.size(); ++to)
        if (!c_.liar(to) && (blocks == 1 || dice_.one_in(2))) c_.say(liar, to, p);
    }
  }

  Cluster& c_;
  Dice dice_;
  std::vector<ledger::Header> seen_;
};

struct Setting {
  std::string name;
  std::vector<std::uint64_t> weights;
  std::set<std::uint16_t> liars;
};
const std::vector<Setting> kSettings{
    {"four", {1, 1, 1, 1}, {}},
    {"four_one_lies", {1, 1, 1, 1}, {3}},
    {"seven_two_lie", {1, 1, 1, 1, 1, 1, 1}, {5, 6}},
    {"whale_lies", {32, 23, 23, 22}, {0}},
    {"zipf_four_of_seven_lie", {420, 210, 140, 105, 84, 70, 60}, {3, 4, 5, 6}},
};

struct Story {
  std::uint64_t finals = 0, power_cuts = 0, disks = 0;
};

// Everything is mended, the liars fall silent: a transaction becomes final everywhere. (Where several disks were lost at
// once there may be no strong set left to tell the others what they signed: then nothing is promised.)
void go_on(Cluster& c, Liars& liars, std::uint16_t at, const Story& story) {
  liars.silent = true;
  c.options().loss = 0;
  c.heal();
  for (std::uint16_t i = 0; i < c.size(); ++i) {
    if (c.liar(i)) continue;
    c.node(i).crash_in.reset();
    if (!c.node(i).up) c.start(i);
  }
  if (story.disks != 0) return;
  const auto tx = c.submit(at);
  EXPECT_TRUE(c.run_until(
      [&] {
        for (std::uint16_t i = 0; i < c.size(); ++i)
          if (!c.liar(i) && !c.is_final(i, tx)) return false;
        return true;
      },
      600'000 * kMs))
      << "the network stands still";
}

// One random story; ends healed, with a transaction of the end final everywhere.
Story tell(const Setting& setting, std::uint64_t seed, TraceJudge& judge) {
  Story story;
  Dice dice(seed);
  ClusterOptions o;
  o.weights = setting.weights;
  o.liars = setting.liars;
  o.seed = seed;
  o.loss = dice.one_in(2) ? 0 : std::uint64_t(dice.below(300));
  o.twice = dice.one_in(2) ? 0 : 100;
  o.delay_max_ns = dice.one_in(3) ? 60 * kMs : 2 * kMs;
  o.execute_ns = dice.one_in(4) ? 40 * kMs : 100'000;
  o.watcher = &judge;
  Cluster c(o);
  Liars liars(c, seed + 1);
  const auto any = [&] {
    for (;;)
      if (const auto i = std::uint16_t(dice.below(int(c.size()))); !c.liar(i)) return i;
  };
  std::set<std::uint16_t> off;
  for (int k = 0; k < 60; ++k) {
    if (dice.one_in(2)) c.submit(any());
    for (const auto liar : setting.liars) liars.act(liar);
    const auto i = any();
    switch (dice.below(14)) {
      case 0:
        if (c.node(i).up) {
          c.node(i).crash_in = std::uint64_t(dice.below(6));
          c.node(i).crash_after = dice.one_in(2);
        }
        break;
      case 1:
        if (c.node(i).up) c.power_off(i);
        break;
      case 2:
        if (c.node(i).up) c.checkpoint(i);
        break;
      case 3: c.isolate(i); break;
      case 4: c.heal(); break;
      case 5: {  // a disk is lost; without its stake and the liars' there must be a strong set to ask
        if (!dice.one_in(3)) break;
        if (c.node(i).up) c.power_off(i);
        c.lose_disk(i);
        c.node(i).intact = false;
        ++story.disks;
        break;
      }
      default: break;
    }
    for (std::uint16_t j = 0; j < c.size(); ++j)
      if (!c.liar(j) && !c.node(j).up) {
        if (off.insert(j).second) ++story.power_cuts;
        if (dice.one_in(3)) {
          off.erase(j);
          c.start(j);
        }
      }
    c.run_for(std::uint64_t(1 + dice.below(dice.one_in(5) ? 800 : 60)) * kMs);
  }
  for (std::uint16_t i = 0; i < c.size(); ++i)
    if (!c.liar(i)) story.finals = std::max(story.finals, c.height(i));
  go_on(c, liars, any(), story);
  return story;
}

// Each setting is a test of its own; a story that fails is told again alone by DOS_MODEL_STORY=seed.
class Conformance : public ::testing::TestWithParam<Setting> {};

TEST_P(Conformance, every_vote_of_the_engines_is_one_that_the_model_allows) {
  Story all;
  TraceJudge::Counts counts;
  const char* only = std::getenv("DOS_MODEL_STORY");
  const auto first = only != nullptr ? std::strtoull(only, nullptr, 10) : 1, last = only != nullptr ? first : std::uint64_t(runs(20));
  for (std::uint64_t seed = first; seed <= last; ++seed) {
    SCOPED_TRACE("DOS_MODEL_STORY=" + std::to_string(seed) + " model_test --gtest_filter='*" + GetParam().name + "'");
    auto judge = judge_of_clusters();
    const Story story = tell(GetParam(), seed, judge);
    for (const auto& complaint : judge.complaints()) ADD_FAILURE() << complaint;
    all.finals += story.finals;
    all.power_cuts += story.power_cuts;
    all.disks += story.disks;
    counts += judge.counts();
  }
  const auto say = [](const char* what, std::uint64_t n) { std::printf("%llu %s", (unsigned long long)n, what); };
  say("blocks final, ", all.finals), say("NOTAR, ", counts.notar), say("of them over gaps, ", counts.over_gaps);
  say("after NULL, ", counts.after_null), say("NULL, ", counts.null), say("FINAL; ", counts.final);
  say("headers ahead of their records, ", counts.ahead), say("of them lost; ", counts.lost);
  say("power cuts, ", all.power_cuts), say("disks lost, ", all.disks), say("floors set\n", counts.gates);
  if (only != nullptr) return;
  EXPECT_GT(all.finals, 5 * last);
  EXPECT_GT(counts.over_gaps, 0u);
}

INSTANTIATE_TEST_SUITE_P(Settings, Conformance, ::testing::ValuesIn(kSettings), [](const auto& p) { return p.param.name; });

// ---- the judge sees

// A quiet network in which three blocks became final, and whatever a test lets its nodes sign besides.
struct Judged : ::testing::Test {
  Judged() {
    for (int k = 0; k < 3; ++k) {
      c.submit(0);
      c.run_for(2000 * kMs);
    }
    view = c.status(0).current.value;
  }
  static constexpr std::uint64_t kWall = 2'000'000;
  static ClusterOptions watched(TraceJudge& by) {
    ClusterOptions o;
    o.watcher = &by;
    return o;
  }
  void sign(const VoteItem& item, std::uint16_t by = 0) {
    judge.gives(by, consensus::Persist{{consensus::encode_vote(c.vote(by, {item}), Height{9})}, {}});
  }
  void hears(std::uint16_t voter, const VoteItem& item) {
    judge.takes(0, consensus::Received{voter, consensus::Votes{{c.vote(voter, {item})}}}, c.now(), kWall);
  }
  // A block led by who leads its view, on the last final one, shown to node 0 with its payload.
  ledger::Header shown(std::uint64_t at_view) {
    const auto& last = c.node(0).finals.back();
    const auto p = c.propose(c.leader(at_view), View{at_view}, &last.header, last.result, {77 + at_view});
    judge.takes(0, consensus::Received{c.leader(at_view), p}, c.now(), kWall);
    judge.takes(0, consensus::PayloadReady{ledger::block_id(p.header), true}, c.now(), kWall);
    judge.gives(0, consensus::Persist{{consensus::encode_proposal(p)}, {ledger::block_id(p.header)}});
    return p.header;
  }
  static VoteItem notar(const ledger::Header& h) { return {VoteKind::notar, h.view, ledger::block_id(h), {}}; }
  VoteItem final(const ledger::Header& h) { return {VoteKind::final, h.view, ledger::block_id(h), c.result_of(h)}; }
  static VoteItem null(std::uint64_t view) { return {VoteKind::null, View{view}, {}, {}}; }
  bool named(const std::string& what) const {
    return std::ranges::any_of(judge.complaints(), [&](const auto& c) { return c.find(what) != std::string::npos; });
  }

  TraceJudge judge = judge_of_clusters();
  Cluster c{watched(judge)};
  std::uint64_t view = 0;
};

TEST_F(Judged, a_quiet_network_is_beyond_reproach) {
  EXPECT_EQ(c.height(0), 3u);
  EXPECT_TRUE(judge.complaints().empty()) << judge.complaints().front();
  sign(notar(shown(view)));
  EXPECT_TRUE(judge.complaints().empty()) << judge.complaints().front();
}
TEST_F(Judged, a_second_notar_of_a_view) {
  const auto h = shown(view);
  sign(notar(h));
  auto other = h;
  other.time.value += 1;
  judge.takes(0, consensus::Received{h.proposer, consensus::Proposal{other, c.vote(h.proposer, {notar(other)})}}, c.now(), kWall);
  sign(notar(other));
  EXPECT_TRUE(named("not allowed by M3"));
}
TEST_F(Judged, a_vote_at_or_below_the_floor) {
  sign(null(view - 1));
  EXPECT_TRUE(named("not allowed by M6"));
}
TEST_F(Judged, a_view_that_nothing_leads_to) {
  sign(null(view + 1));
  EXPECT_TRUE(named("that nothing leads to"));
}
TEST(Judges, null_without_a_reason) {  // before anybody's view took long: a slow leader may be passed over
  TraceJudge judge = judge_of_clusters();
  Cluster c(Judged::watched(judge));
  const auto by = std::uint16_t((c.leader(1) + 1) % 4);
  judge.gives(by, consensus::Persist{{consensus::encode_vote(c.vote(by, {Judged::null(1)}), Height{9})}, {}});
  ASSERT_FALSE(judge.complaints().empty());
  EXPECT_NE(judge.complaints().front().find("without a reason"), std::string::npos) << judge.complaints().front();
}
TEST(Judges, null_for_a_leader_whose_block_was_not_valid) {
  TraceJudge judge = judge_of_clusters();
  Cluster c(Judged::watched(judge));
  const auto chief = c.leader(1), by = std::uint16_t((chief + 1) % 4);
  const auto signs = [&](std::uint64_t view) {  // in one of the next views of that leader, or of another
    const auto before = judge.complaints().size();
    judge.gives(by, consensus::Persist{{consensus::encode_vote(c.vote(by, {Judged::null(view)}), Height{9})}, {}});
    return std::count_if(judge.complaints().begin() + std::ptrdiff_t(before), judge.complaints().end(),
                         [](const auto& said) { return said.find("without a reason") != std::string::npos; });
  };
  const auto led = [&](bool by_chief) {
    for (std::uint64_t view = 2;; ++view)
      if ((c.leader(view) == chief) == by_chief && c.leader(view) != by) return view;
  };
  const auto p = c.propose(chief, View{1}, nullptr, c.genesis().result, {7}, false);
  judge.takes(by, consensus::Received{chief, p}, c.now(), 2'000'000);
  EXPECT_EQ(signs(led(true)), 1);
  judge.takes(by, consensus::Executed{ledger::block_id(p.header), false, {}, 1}, c.now(), 2'000'000);
  EXPECT_EQ(signs(led(true)), 0);
  EXPECT_EQ(signs(led(false)), 1);
}
TEST_F(Judged, null_while_a_good_block_is_notarized) {
  const auto h = shown(view);
  for (const std::uint16_t voter : {1, 2, 3}) hears(voter, notar(h));
  judge.takes(0, consensus::Tick{}, c.now() + 3'600'000 * kMs, kWall);
  sign(null(view));
  EXPECT_TRUE(named("without a reason"));
}
TEST_F(Judged, notar_over_a_gap_that_is_not_nullified) {
  const auto h = shown(view), past = shown(view + 1);
  for (const std::uint16_t voter : {1, 2, 3}) hears(voter, notar(h));
  sign(notar(past));
  EXPECT_TRUE(named("not allowed by M3"));
}
TEST_F(Judged, final_without_notars_or_without_execution) {
  const auto h = shown(view);
  sign(final(h));
  EXPECT_TRUE(named("not allowed by M5"));
  EXPECT_TRUE(named("not executed"));
}
TEST_F(Judged, final_after_null) {
  const auto h = shown(view);
  for (const std::uint16_t voter : {1, 2}) hears(voter, null(view));  // a reason
  sign(null(view));
  for (const std::uint16_t voter : {1, 2, 3}) hears(voter, notar(h));
  judge.takes(0, consensus::Executed{ledger::block_id(h), true, c.result_of(h), 1}, c.now(), kWall);
  sign(final(h));
  EXPECT_TRUE(named("not allowed by M5"));
}
TEST_F(Judged, evidence_that_is_not_durable) {
  const auto h = shown(view);
  std::vector<consensus::EngineRecord> group;
  for (const std::uint16_t voter : {1, 2, 3}) {
    hears(voter, notar(h));
    group.push_back(consensus::encode_vote(c.vote(voter, {notar(h)}), Height{9}));
  }
  judge.takes(0, consensus::Executed{ledger::block_id(h), true, c.result_of(h), 1}, c.now(), kWall);
  sign(final(h));
  EXPECT_TRUE(named("its N is not durable"));
  const auto before = judge.complaints().size();
  judge.gives(0, consensus::Persist{group, {}});
  sign(final(h));  // the same again, now with all of it
  EXPECT_EQ(judge.complaints().size(), before);
}
TEST_F(Judged, an_answer_to_a_quarantine_that_says_too_little) {
  sign(notar(shown(view)));
  judge.gives(0, consensus::Send{1, consensus::SignedAnswer{Epoch{0}, Hash{}, View{view - 1}, Height{3}, {}}});
  EXPECT_TRUE(named("below its own votes"));
}

}  // namespace
}  // namespace dos::model
