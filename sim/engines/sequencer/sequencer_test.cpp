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

// Parts of it by themselves: validator v1 orders, v2 and v3 follow.
struct Parts {
  struct Ones final : Entropy {
    void fill(std::span<std::uint8_t> out) override { std::ranges::fill(out, std::uint8_t(1)); }
  } entropy;
  const consensus::EngineRow& engine = *engine_numbered(sequencer::kNumber);
  consensus::ChainFacts facts{Hash{{3}}, Epoch{0}, {}, 1, &engine};
  std::vector<crypto::SigningKey> keys;
  Parts() {
    for (const char* name : {"v1", "v2", "v3"}) {
      keys.push_back(key_of(name, crypto::KeyType::ed25519));
      facts.validators.members.push_back({name, 1, keys.back().public_key(), keys.back().public_key(), ""});
    }
  }
  ledger::Vote vote(std::uint16_t by, const ledger::VoteItem& item) {
    return *consensus::make_vote(facts.chain, facts.epoch, by, keys[by], {item}, entropy);
  }
  std::unique_ptr<consensus::Engine> of(std::uint16_t voter, std::vector<consensus::EngineRecord> records = {}) {
    consensus::EngineSetup setup;
    setup.facts = facts;
    setup.facts.voter = voter;
    setup.key = &keys[voter];
    setup.records = std::move(records);
    setup.key_unused = setup.records.empty();
    auto made = *engine.make(std::move(setup), entropy);
    made->step(0, 0, consensus::Start{});
    return made;
  }
  template <class O>
  static std::size_t count(const consensus::Outputs& outputs) {
    return std::size_t(std::ranges::count_if(outputs, [](const auto& o) { return std::holds_alternative<O>(o); }));
  }
};

TEST(Sequencer, goes_on_with_the_block_that_its_journal_has_and_orders_no_other_there) {
  Parts parts;
  EXPECT_EQ(Parts::count<consensus::Build>(parts.of(0)->step(1, 1, consensus::Demand{true, true})), 1u);
  consensus::Proposal p;
  p.header.height = Height{1}, p.header.view = View{1};
  const Hash id = ledger::block_id(p.header);
  p.vote = parts.vote(0, {ledger::VoteKind::notar, p.header.view, id, {}});
  const auto again = parts.of(0, {consensus::encode_gate({parts.facts.epoch, View{0}}, Height{1}), consensus::encode_proposal(p)});
  EXPECT_EQ(Parts::count<consensus::Build>(again->step(1, 1, consensus::Demand{true, true})), 0u);
  const auto next = again->step(2, 2, consensus::PayloadReady{id, true});
  ASSERT_EQ(next.size(), 1u);
  ASSERT_TRUE(std::holds_alternative<consensus::Execute>(next[0]));
  EXPECT_EQ(std::get<consensus::Execute>(next[0]).id, id);
}

TEST(Sequencer, what_others_say_in_its_place_is_punished_and_ends_nothing) {
  Parts parts;
  const ledger::VoteItem final{ledger::VoteKind::final, View{1}, Hash{{4}}, Hash{{5}}};
  const sequencer::Final forged{{parts.facts.epoch, final, {{0, {}, parts.vote(2, final).signature}}}};
  const auto engine = parts.of(1);
  for (const auto& message : {consensus::EngineMessage{sequencer::Final::kKind, Bytes{1}}, consensus::EngineMessage{99, Bytes{}},
                              consensus::EngineMessage{sequencer::Final::kKind, codec::encode(forged)}}) {
    const auto out = engine->step(1, 1, consensus::Received{2, message});
    ASSERT_EQ(out.size(), 1u);
    EXPECT_EQ(Parts::count<consensus::Punish>(out), 1u);
    EXPECT_TRUE(engine->status().votes);
  }
}

TEST(Sequencer, only_its_signature_seals_a_header_and_makes_a_block_final) {
  Parts parts;
  const auto& engine = parts.engine;
  const auto& facts = parts.facts;
  for (const std::uint16_t by : {0, 1}) {
    consensus::Proposal p;
    p.header.proposer = by;
    const Hash id = ledger::block_id(p.header);
    p.vote = parts.vote(by, {ledger::VoteKind::notar, p.header.view, id, {}});
    EXPECT_EQ(engine.sealed(facts, p).has_value(), by == 0);
    const ledger::VoteItem final{ledger::VoteKind::final, View{1}, id, Hash{{5}}};
    const auto vote = parts.vote(by, final);
    consensus::FinalityProof proof{{facts.epoch, final, {{by, {}, vote.signature}}}};
    EXPECT_EQ(engine.verifier().judge(facts.chain, facts.validators, proof).has_value(), by == 0);
    proof.form.entries[0].voter = 0;
    EXPECT_EQ(engine.verifier().judge(facts.chain, facts.validators, proof).has_value(), by == 0);
  }
}

}  // namespace
}  // namespace dos::sim
