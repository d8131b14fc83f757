#include "sim/run.hpp"

#include <gtest/gtest.h>

namespace dos::sim {
namespace {

const Modules& modules() {
  static const auto loaded = *Modules::load(DOS_TEST_MODULES);
  return *loaded;
}

std::string all(const std::vector<std::string>& lines) {
  std::string out;
  for (const auto& l : lines) out += l + "\n";
  return out;
}

Plan calm(std::uint32_t validators) {
  Plan plan;
  plan.seed = 1;
  plan.weights.assign(validators, 1);
  plan.liars.assign(validators, LiarKind::none);
  plan.disk_unsafe.assign(validators, false);
  plan.faults_until = 2 * kSecond;
  plan.settle_within = 10 * kSecond;
  return plan;
}

TEST(Plan, liars_and_unsafe_disks_together_stay_below_a_third) {
  for (std::uint64_t seed = 0; seed < 2'000; ++seed) {
    const auto plan = draw_plan(seed, seed % 4 == 0 ? LiarKind::boaster : LiarKind::none);
    std::uint64_t bad = 0, total = 0;
    for (std::uint32_t v = 0; v < plan.validators(); ++v) {
      total += plan.weights[v];
      if (!plan.honest(v) || plan.disk_unsafe[v]) bad += plan.weights[v];
    }
    ASSERT_LT(3 * bad, total) << plan.text();
    ASSERT_TRUE(std::is_sorted(plan.weights.rbegin(), plan.weights.rend())) << plan.text();
  }
}

TEST(Plan, every_lie_is_drawn_and_one_alone_if_it_is_asked_for) {
  std::set<LiarKind> drawn;
  for (std::uint64_t seed = 0; seed < 2'000; ++seed) {
    for (const auto kind : draw_plan(seed).liars) drawn.insert(kind);
    for (const auto kind : draw_plan(seed, LiarKind::dripper).liars) ASSERT_TRUE(kind == LiarKind::none || kind == LiarKind::dripper);
  }
  EXPECT_EQ(drawn.size(), std::size_t(LiarKind::count));
  for (std::size_t k = 1; k < std::size_t(LiarKind::count); ++k) EXPECT_EQ(liar_called(liar_text(LiarKind(k))), LiarKind(k));
  EXPECT_FALSE(liar_called("honest"));
}

TEST(Run, a_calm_network_answers_everybody_and_ends_in_one_state) {
  for (const std::uint32_t validators : {1u, 4u}) {
    const auto report = run_plan(calm(validators), modules());
    EXPECT_TRUE(report.failures.empty()) << all(report.failures) << all(report.last_words);
    EXPECT_GT(report.transactions, 20u);
    EXPECT_LT(report.settled_in, 3 * kSecond);
  }
}

TEST(Run, power_cuts_partitions_and_loss_lose_nothing) {
  Plan plan = calm(4);
  for (const auto kind : {FaultKind::power_cut, FaultKind::power_cut_at_write, FaultKind::power_cut_all, FaultKind::partition_halves,
                          FaultKind::send_lost, FaultKind::send_cut})
    plan.on.set(std::size_t(kind));
  plan.path.loss = 50'000;
  plan.path.cut = 300'000;
  plan.fault_every_ms = 300;
  plan.faults_until = 4 * kSecond;
  plan.settle_within = 60 * kSecond;
  const auto report = run_plan(plan, modules());
  EXPECT_TRUE(report.failures.empty()) << all(report.failures) << all(report.last_words);
  EXPECT_GT(report.starts, 6u);
}

TEST(Run, who_floods_the_others_or_asks_them_without_end_fills_nobodys_memory_and_stops_nobody) {
  for (const auto& [kind, counter] :
       {std::pair(LiarKind::payload_flooder, FaultKind::liar_flooded), std::pair(LiarKind::asker, FaultKind::liar_asked)}) {
    Plan plan = calm(4);
    plan.liars[2] = kind;
    plan.faults_until = 4 * kSecond;
    plan.settle_within = 30 * kSecond;
    const auto report = run_plan(plan, modules());
    EXPECT_TRUE(report.failures.empty()) << all(report.failures) << all(report.last_words);
    EXPECT_GT(report.counters.of(counter), 200u);
    EXPECT_GT(report.transactions, 20u);
  }
}

TEST(Run, a_leader_that_spends_the_others_time_costs_its_own_turns_only) {
  Plan plan = calm(4);
  plan.faults_until = 8 * kSecond;
  const auto quiet = run_plan(plan, modules());
  for (const auto kind : {LiarKind::slow_leader, LiarKind::back_dater}) {
    plan.liars[3] = kind;
    const auto report = run_plan(plan, modules());
    EXPECT_TRUE(report.failures.empty()) << report.plan << "\n" << all(report.failures) << all(report.last_words);
    EXPECT_GE(10 * report.transactions, 4 * quiet.transactions) << report.plan;
    EXPECT_GT(report.counters.of(kind == LiarKind::slow_leader ? FaultKind::liar_slow : FaultKind::liar_dated_back), 0u);
  }
}

// Nodes that lost power have blocks to catch up with.
TEST(Run, who_drips_blocks_to_those_that_catch_up_holds_up_nobody) {
  Plan plan = calm(4);
  plan.on.set(std::size_t(FaultKind::power_cut));
  plan.fault_every_ms = 1'000;
  plan.think_ms = 20;
  plan.faults_until = 8 * kSecond;
  const auto quiet = run_plan(plan, modules());
  plan.liars[1] = LiarKind::dripper;
  const auto report = run_plan(plan, modules());
  EXPECT_TRUE(report.failures.empty()) << all(report.failures) << all(report.last_words);
  EXPECT_GT(report.counters.of(FaultKind::liar_dripped), 20u);
  EXPECT_LT(report.settled_in,
            quiet.settled_in + 3 * kSecond);  // where power comes back is drawn: up to two seconds after the end of faults
}

TEST(Run, whose_clock_is_ahead_outdates_nobodys_blocks_where_clocks_differ) {
  Plan plan = calm(4);
  plan.on.set(std::size_t(FaultKind::clock_skewed));
  plan.faults_until = 8 * kSecond;
  const auto quiet = run_plan(plan, modules());
  plan.liars[3] = LiarKind::ahead_dater;
  const auto report = run_plan(plan, modules());
  EXPECT_TRUE(report.failures.empty()) << all(report.failures) << all(report.last_words);
  EXPECT_GE(10 * report.transactions, 4 * quiet.transactions);
  EXPECT_GT(report.counters.of(FaultKind::liar_dated_ahead), 20u);
}

// Guests ask how current answers are, and store content: those who do not lie suffice.
TEST(Run, who_boasts_or_claims_content_keeps_no_answer_from_guests) {
  for (const auto kind : {LiarKind::boaster, LiarKind::claimer}) {
    Plan plan = calm(4);
    plan.guests = true;
    plan.faults_until = 8 * kSecond;
    plan.liars[2] = kind;
    const auto report = run_plan(plan, modules());
    EXPECT_TRUE(report.failures.empty()) << all(report.failures) << all(report.last_words);
    EXPECT_GT(report.acknowledged.size(), 20u) << liar_text(kind);
    EXPECT_GT(report.stored.size(), 3u) << liar_text(kind);
    EXPECT_LE(report.in_vain, 2u) << liar_text(kind) << ": those under way when all links are broken, as everything is healed";
    EXPECT_GT(report.counters.of(kind == LiarKind::boaster ? FaultKind::liar_boasted : FaultKind::liar_claimed), 20u);
  }
}

// Seeds of campaigns that failed once. 913: of seven validators all five honest ones were needed, and each view came to N after
// the time of some was over. 1266, 1616: an archive segment without a sound block.
TEST(Run, what_campaigns_found_stays_mended) {
  for (const std::uint64_t seed : {913u, 1266u, 1616u}) {
    const auto report = run_plan(draw_plan(seed), modules());
    EXPECT_TRUE(report.failures.empty()) << report.plan << "\n" << all(report.failures) << all(report.last_words);
  }
}

TEST(Run, a_leader_that_packs_junk_slows_its_own_views_only) {
  Plan plan = calm(4);
  plan.liars[2] = LiarKind::junk;
  plan.faults_until = 5 * kSecond;
  const auto report = run_plan(plan, modules());
  EXPECT_TRUE(report.failures.empty()) << all(report.failures) << all(report.last_words);
  EXPECT_GT(report.counters.of(FaultKind::liar_junk), 0u);
  EXPECT_GT(report.transactions, 20u);
}

TEST(Run, disks_that_keep_nothing_are_found_out) {
  Plan plan = calm(4);
  plan.disks_lie = true;
  const auto report = run_plan(plan, modules());
  ASSERT_FALSE(report.failures.empty());
  EXPECT_TRUE(report.failures.front().starts_with("durable before send")) << all(report.failures);
}

TEST(Run, a_seed_gives_the_same_run_to_the_bit) {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    const auto first = run_plan(draw_plan(seed), modules()), second = run_plan(draw_plan(seed), modules());
    EXPECT_EQ(first.digest, second.digest) << first.plan;
    EXPECT_EQ(first.failures, second.failures);
  }
}

}  // namespace
}  // namespace dos::sim
