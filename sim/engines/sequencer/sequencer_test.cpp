// Whole networks whose blocks another engine orders.
#include "sim/engines/sequencer/sequencer.hpp"

#include <gtest/gtest.h>

#include "consensus/votes.hpp"
#include "sim/engines/engines.hpp"
#include "sim/run.hpp"

namespace dos::sim {
namespace {

const Modules& modules() {
  static const auto loaded = *Modules::load(DOS_TEST_MODULES);
  return *loaded;
}

std::string all(const Report& report) {
  std::string out = report.plan + "\n";
  for (const auto* lines : {&report.failures, &report.last_words})
    for (const auto& l : *lines) out += l + "\n";
  return out;
}

Plan ordered(std::uint32_t validators) {
  Plan plan;
  plan.seed = 1;
  plan.engine = sequencer::kNumber;
  plan.weights.assign(validators, 1);
  plan.liars.assign(validators, LiarKind::none);
  plan.disk_unsafe.assign(validators, false);
  plan.faults_until = 3 * kSecond;
  plan.settle_within = 20 * kSecond;
  return plan;
}

TEST(Sequencer, a_network_orders_executes_and_ends_in_one_state) {
  for (const std::uint32_t validators : {1u, 4u}) {
    const auto report = run_plan(ordered(validators), modules());
    EXPECT_TRUE(report.failures.empty()) << all(report);
    EXPECT_GT(report.transactions, 20u);
    EXPECT_GE(report.views, report.height.value);  // a view is a height: none was lost
    EXPECT_LE(report.views, report.height.value + 1);
  }
}

// The sequencer among them: it goes on with the block that it had ordered. The others catch up.
TEST(Sequencer, nodes_that_lose_power_come_back_to_what_was_final) {
  Plan plan = ordered(4);
  plan.on.set(std::size_t(FaultKind::power_cut));
  plan.on.set(std::size_t(FaultKind::power_cut_at_write));
  plan.fault_every_ms = 300;
  plan.faults_until = 6 * kSecond;
  const auto report = run_plan(plan, modules());
  EXPECT_TRUE(report.failures.empty()) << all(report);
  EXPECT_GT(report.starts, 6u);
  EXPECT_GT(report.transactions, 20u);
}

TEST(Sequencer, who_lies_and_does_not_order_harms_nobody) {
  for (const auto kind : {LiarKind::garbage, LiarKind::ranges, LiarKind::stale, LiarKind::silent}) {
    Plan plan = ordered(4);
    plan.liars[2] = kind;
    plan.ask_liars = false;
    const auto report = run_plan(plan, modules());
    EXPECT_TRUE(report.failures.empty()) << all(report);
    EXPECT_GT(report.transactions, 20u) << liar_text(kind);
  }
}

TEST(Sequencer, only_its_signature_seals_a_header_and_makes_a_block_final) {
  struct Ones final : Entropy {
    void fill(std::span<std::uint8_t> out) override { std::ranges::fill(out, std::uint8_t(1)); }
  } entropy;
  const auto& engine = *engine_numbered(sequencer::kNumber);
  consensus::ChainFacts facts{Hash{{3}}, Epoch{0}, {}, 1, &engine};
  for (const char* name : {"v1", "v2"}) {
    const auto key = key_of(name, crypto::KeyType::ed25519).public_key();
    facts.validators.members.push_back({name, 1, key, key, ""});
  }
  for (const std::uint16_t by : {0, 1}) {
    const auto key = key_of(by == 0 ? "v1" : "v2", crypto::KeyType::ed25519);
    consensus::Proposal p;
    p.header.proposer = by;
    const Hash id = ledger::block_id(p.header);
    p.vote = *consensus::make_vote(facts.chain, facts.epoch, by, key, {{ledger::VoteKind::notar, p.header.view, id, {}}}, entropy);
    EXPECT_EQ(engine.sealed(facts, p).has_value(), by == 0);
    const ledger::VoteItem final{ledger::VoteKind::final, View{1}, id, Hash{{5}}};
    const auto vote = *consensus::make_vote(facts.chain, facts.epoch, by, key, {final}, entropy);
    consensus::FinalityProof proof{{facts.epoch, final, {{by, {}, vote.signature}}}};
    EXPECT_EQ(engine.verifier().judge(facts.chain, facts.validators, proof).has_value(), by == 0);
    proof.form.entries[0].voter = 0;
    EXPECT_EQ(engine.verifier().judge(facts.chain, facts.validators, proof).has_value(), by == 0);
  }
}

}  // namespace
}  // namespace dos::sim
