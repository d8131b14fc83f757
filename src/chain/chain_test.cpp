// The chain by hand: blocks above the last final one, forks, what becomes final and what is left behind.
#include "chain/test_chain_by_hand.hpp"

namespace dos::chain {
namespace {

using namespace testnet;

TEST_F(ChainTest, of_two_blocks_on_one_parent_the_final_one_stays_and_the_other_leaves_nothing) {
  const auto tx = net.pay(5), other = net.pay(7);
  const auto a = block(chain->tip().id, 1, {tx}), b = block(chain->tip().id, 2, {tx, other});
  const auto ran_a = run(a), ran_b = run(b);
  ASSERT_TRUE(ran_a && ran_a->valid && ran_b && ran_b->valid);
  EXPECT_NE(ran_a->result, ran_b->result);
  EXPECT_EQ(bob(chain->finals().store().view(chain->unfinal().tree().find(a.id)->run->stage)), 5u);
  EXPECT_EQ(bob(chain->finals().store().view(chain->unfinal().tree().find(b.id)->run->stage)), 12u);
  EXPECT_EQ(bob(chain->finals().store().view()), 0u);
  // A transaction stands once on each branch: on top of `a` it was seen, on top of genesis it was not.
  const auto twice = block(a.id, 3, {other, tx});
  const auto ran_twice = run(twice);
  ASSERT_TRUE(ran_twice && !ran_twice->valid);
  EXPECT_NE(chain->unfinal().tree().find(twice.id)->why_refused.find("transaction 1"), std::string::npos);
  const auto c = block(a.id, 4, {other});
  const auto ran_c = run(c);
  ASSERT_TRUE(ran_c && ran_c->valid);

  std::vector<Hash> lost;
  chain->unfinal().on_leave([&](TreeBlock& block, bool final) {
    if (!final) lost.push_back(block.id);
  });
  std::vector<MadeBlock> made;
  const Hash ids[] = {a.id, c.id};
  const auto finalized = chain->finalize(ids, final_by(c), [&](MadeBlock m) { made.push_back(std::move(m)); });
  ASSERT_TRUE(finalized) << finalized.error().detail;
  EXPECT_EQ(std::set<Hash>(lost.begin(), lost.end()), (std::set<Hash>{b.id, twice.id}));
  EXPECT_EQ(chain->unfinal().tree().size(), 0u);
  EXPECT_EQ(bob(chain->finals().store().view()), 12u);
  EXPECT_TRUE(chain->unfinal().final_id(ledger::txid(tx.tx)));
  ASSERT_EQ(made.size(), 2u);
  EXPECT_EQ(made[0].anchor.path.size(), 1u);  // final through its child
  for (const auto& m : made) {
    const auto signers = ledger::verify_anchor(net.chain, net.genesis.validators, m.anchor);
    EXPECT_TRUE(signers) << signers.error().detail;
  }
  const Hash root = chain->finals().store().root();
  open();  // nothing was checkpointed: the archive's blocks are executed again
  EXPECT_EQ(chain->tip().height.value, 2u);
  EXPECT_EQ(chain->finals().store().root(), root);
  EXPECT_TRUE(chain->unfinal().final_id(ledger::txid(other.tx)));
}

TEST_F(ChainTest, a_block_without_content_does_not_wait_for_who_holds_the_blobs) {
  const auto a = block(chain->tip().id, 1, {net.pay(5)});
  ASSERT_TRUE(run(a));
  const Hash ids[] = {a.id};
  const WriteHold held(chain->content().lock());
  const auto finalized = chain->finalize(ids, final_by(a), [](MadeBlock) {});
  EXPECT_TRUE(finalized) << finalized.error().detail;
}

TEST_F(ChainTest, what_was_voted_for_stands_in_the_tree_again_after_a_power_cut) {
  const auto a = block(chain->tip().id, 1, {net.pay(5)});
  ASSERT_TRUE(run(a));
  const Hash ids[] = {a.id};
  ASSERT_TRUE(chain->persist({consensus::encode_proposal({a.header, {}})}, ids));
  const auto certificate = final_by(a);
  open();
  EXPECT_EQ(chain->tip().height.value, 0u);
  ASSERT_NE(chain->unfinal().tree().find(a.id), nullptr);
  EXPECT_TRUE(chain->unfinal().tree().find(a.id)->payload);
  ASSERT_TRUE(chain->unfinal().execute(a.id));
  ASSERT_TRUE(chain->persist({consensus::encode_final(Height{1}, certificate)}, {}));
  open();  // now the journal shows that it is final
  EXPECT_EQ(chain->tip().id, a.id);
  EXPECT_EQ(bob(chain->finals().store().view()), 5u);
  EXPECT_EQ(chain->journal().boots(), 3u);
}

TEST_F(ChainTest, a_checkpoint_keeps_what_is_live_and_lets_the_rest_of_the_journal_go) {
  const auto a = block(chain->tip().id, 1, {net.pay(5)});
  ASSERT_TRUE(run(a));
  const Hash first[] = {a.id};
  ASSERT_TRUE(chain->persist({consensus::encode_proposal({a.header, {}})}, first));
  ASSERT_TRUE(chain->finalize(first, final_by(a), [](MadeBlock) {}));
  const auto b = block(a.id, 2, {net.pay(6)});
  ASSERT_TRUE(run(b));
  const Hash second[] = {b.id};
  ASSERT_TRUE(chain->persist({consensus::encode_proposal({b.header, {}})}, second));
  ASSERT_TRUE(chain->checkpoint({consensus::encode_proposal({b.header, {}}), consensus::encode_gate({Epoch{0}, View{0}}, Height{0})}));
  EXPECT_EQ(chain->finals().store().durable_height().value, 1u);
  open();
  EXPECT_EQ(chain->tip().id, a.id);
  ASSERT_NE(chain->unfinal().tree().find(b.id), nullptr);
  EXPECT_TRUE(chain->unfinal().tree().find(b.id)->payload);
  const auto records = chain->journal().take_kept().records;
  EXPECT_TRUE(std::any_of(records.begin(), records.end(), [](const auto& r) { return r.kind == consensus::RecordKind::gate; }));
}

TEST_F(ChainTest, a_header_that_lies_about_its_parent_or_rules_is_executed_by_nobody) {
  for (int what = 0; what < 4; ++what) {
    auto m = block(chain->tip().id, std::uint64_t(what + 1), {net.pay(5)});
    if (what == 0) m.header.parent_result.bytes[0] ^= 1;
    if (what == 1) m.header.params.bytes[0] ^= 1;
    if (what == 2) m.header.valset.bytes[0] ^= 1;
    if (what == 3) m.header.next_valset.bytes[0] ^= 1;
    m.id = ledger::block_id(m.header);
    const auto ran = run(m);
    ASSERT_TRUE(ran) << ran.error().detail;
    EXPECT_FALSE(ran->valid) << what;
    EXPECT_TRUE(chain->unfinal().tree().find(m.id)->refused);
  }
}

// What a leader could know to be junk is nothing that its block may hold, and no receipt is made of it: not of a copy of what took effect,
// nor of what its purse does not cover or its time has left behind.
TEST_F(ChainTest, a_block_that_holds_what_cannot_stand_is_not_valid) {
  const auto good = net.pay(5);
  const auto first = block(chain->tip().id, 1, {good});
  ASSERT_TRUE(run(first));
  const Hash ids[] = {first.id};
  ASSERT_TRUE(chain->finalize(ids, final_by(first), [](MadeBlock) {}));
  auto forged = net.pay(6);
  std::get<ledger::SigWitness>(forged.witnesses[0].is).signature.bytes[7] ^= 1;
  auto poor = net.pay(7).tx, late = net.pay(8).tx;
  poor.limits.rent = Credits{10'000 * kMicroPerCredit};
  late.valid_until = TimeMs{chain->tip().time.value};
  std::uint64_t view = 2;
  for (const auto& junk : {good, forged, net.sign(poor, "alice"), net.sign(late, "alice")}) {
    for (const auto& txs : {std::vector{junk}, std::vector{net.pay(100 + view), junk}}) {
      const auto m = block(chain->tip().id, view++, txs);
      const auto ran = run(m);
      ASSERT_TRUE(ran) << ran.error().detail;
      EXPECT_FALSE(ran->valid) << view;
      EXPECT_TRUE(chain->unfinal().tree().find(m.id)->refused);
      EXPECT_EQ(chain->unfinal().tree().find(m.id)->run, nullptr);
    }
  }
  const auto place = chain->finals().archive().find(ledger::txid(good.tx));
  ASSERT_TRUE(place && *place);
  EXPECT_EQ((*place)->height.value, 1u);
  EXPECT_EQ(read_block(chain->finals().archive(), Height{1})->receipts[(*place)->index].status, ledger::TxStatus::ok);
  // The same in a block that came certified: then a quorum lies, or this node is broken.
  const auto m = block(chain->tip().id, view, {good});
  chain->unfinal().tree().add(m.header, {});
  ASSERT_TRUE(take_payload(*chain->unfinal().tree().find(m.id), m.payload));
  const ledger::VoteItem item{ledger::VoteKind::final, m.header.view, m.id, ledger::result_of({Height{2}, Hash{{1}}, Hash{{2}}})};
  const auto vote = *consensus::make_vote(net.chain, Epoch{0}, 0, key_of("v1"), {item}, net.entropy);
  const auto certificate = *consensus::certify(net.genesis.validators, item, std::span(&vote, 1));
  const Hash made[] = {m.id};
  const auto finalized = chain->finalize(made, {certificate}, [](MadeBlock) {});
  ASSERT_FALSE(finalized);
  EXPECT_EQ(finalized.error().code, Errc::corrupt) << finalized.error().detail;
  EXPECT_NE(finalized.error().detail.find("not valid"), std::string::npos) << finalized.error().detail;
  const ledger::Anchor anchor{m.header, {Height{2}, Hash{{1}}, Hash{{2}}}, {}, certificate};
  const auto adopted = chain->adopt(anchor, m.payload, [](MadeBlock) {});
  ASSERT_FALSE(adopted);
  EXPECT_EQ(adopted.error().code, Errc::corrupt) << adopted.error().detail;
  EXPECT_NE(adopted.error().detail.find("not valid"), std::string::npos) << adopted.error().detail;
}

TEST_F(ChainTest, a_block_from_others_is_adopted_only_with_a_certificate_that_fits) {
  const auto a = block(chain->tip().id, 1, {net.pay(5)});
  ASSERT_TRUE(run(a));
  const ledger::Anchor good{a.header, chain->unfinal().tree().find(a.id)->run->parts, {}, final_by(a).form};
  auto forged = good;
  forged.certificate.entries[0].signature.bytes[7] ^= 1;
  EXPECT_FALSE(chain->adopt(forged, a.payload, [](MadeBlock) {}));
  auto claimed = good;
  claimed.parts.state_root.bytes[0] ^= 1;
  EXPECT_FALSE(chain->adopt(claimed, a.payload, [](MadeBlock) {}));
  EXPECT_EQ(chain->tip().height.value, 0u);
  const auto adopted = chain->adopt(good, a.payload, [](MadeBlock) {});
  ASSERT_TRUE(adopted) << adopted.error().detail;
  EXPECT_EQ(chain->tip().id, a.id);
}

}  // namespace
}  // namespace dos::chain
