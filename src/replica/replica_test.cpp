#include <gtest/gtest.h>

#include <fstream>

#include "ledger/blob_manifest.hpp"
#include "replica/test_cluster.hpp"

namespace dos::replica {
namespace {

using testnet::Cluster;

void expect_same_state(Cluster& c) {
  std::optional<Hash> root;
  for (std::size_t i = 0; i < c.machines.size(); ++i) {
    EXPECT_FALSE(c.machines[i].stopped) << i << ": " << c.machines[i].stopped->detail;
    if (!c.machines[i].replica) continue;
    if (!root) root = c.root(i);
    EXPECT_EQ(c.root(i), *root) << i;
  }
}

TEST(Replica, four_make_block_one_of_the_genesis_alone_and_then_rest) {
  Cluster c(4);
  ASSERT_TRUE(c.run(5'000, [&] { return c.all_at(1); }));
  const auto view = c.machines[0].replica->status().engine.current;
  c.run(60'000, [] { return false; });
  EXPECT_TRUE(c.all_at(1));
  for (auto& m : c.machines) {
    EXPECT_EQ(m.replica->chain().tip().height.value, 1u);
    EXPECT_EQ(m.replica->status().engine.current, view);
    EXPECT_FALSE(m.replica->wakeup_ns());  // idle: no timer runs
    ASSERT_EQ(m.made.size(), 1u);
    const auto signers = ledger::verify_anchor(c.chain, c.genesis.validators, m.made[0].anchor);
    ASSERT_TRUE(signers) << signers.error().detail;
    EXPECT_GE(signers->have, 3u);
  }
  expect_same_state(c);
}

TEST(Replica, an_engine_with_a_message_that_fits_no_frame_is_refused_at_the_start) {
  Cluster c(1);
  c.kill(0);
  auto row = consensus::simplex_engine();
  c.engine = &row;
  for (const auto& message : {consensus::MessageLimit{13, 16 * 1024 + 1}, {17, 1}, {9, 1}}) {
    row.messages = std::span(&message, 1);
    EXPECT_THROW(c.start(0), std::runtime_error) << message.kind;
  }
  row.messages = {};
  c.start(0);
  EXPECT_TRUE(c.machines[0].replica);
  c.kill(0);
}

TEST(Replica, what_is_handed_in_anywhere_becomes_final_everywhere_once) {
  Cluster c(4);
  ASSERT_TRUE(c.run(5'000, [&] { return c.all_at(1); }));
  std::uint64_t sum = 0;
  for (std::size_t at = 0; at < 4; ++at) {
    std::vector<PoolEntry> entries;
    for (std::uint64_t k = 0; k < 30; ++k) {
      entries.push_back(c.pay(1 + 100 * at + k, at));
      sum += 1 + 100 * at + k;
    }
    for (const auto& s : c.machines[at].replica->submit(std::move(entries))) ASSERT_TRUE(s) << s.error().detail;
  }
  ASSERT_TRUE(c.run(20'000, [&] {
    for (std::size_t i = 0; i < 4; ++i)
      if (c.balance(i, "bob") != 10'000 * kMicroPerCredit + sum) return false;
    return true;
  }));
  for (auto& m : c.machines) {
    EXPECT_GE(m.mine, 30u);  // its own at the least; gossip brought most others before their block came
    EXPECT_EQ(m.replica->status().pool_count, 0u);
  }
  expect_same_state(c);
}

TEST(Replica, three_go_on_without_the_fourth_and_it_catches_up) {
  Cluster c(4);
  ASSERT_TRUE(c.run(5'000, [&] { return c.all_at(1); }));
  c.kill(3);
  for (std::uint64_t k = 1; k <= 10; ++k) {
    std::vector<PoolEntry> one;
    one.push_back(c.pay(k, k % 3));
    ASSERT_TRUE(c.machines[k % 3].replica->submit(std::move(one)).front());
    ASSERT_TRUE(c.run(60'000, [&] { return c.balance(0, "bob") == 10'000 * kMicroPerCredit + k * (k + 1) / 2; })) << k;
  }
  c.start(3);
  c.link_all(3);
  const auto height = c.machines[0].replica->chain().tip().height.value;
  ASSERT_TRUE(c.run(30'000, [&] { return c.all_at(height); }));
  expect_same_state(c);
  EXPECT_TRUE(c.machines[3].replica->status().engine.votes);
}

TEST(Replica, without_a_quorum_nothing_is_final_and_with_it_again_nothing_is_lost) {
  Cluster c(4);
  ASSERT_TRUE(c.run(5'000, [&] { return c.all_at(1); }));
  for (std::size_t a = 0; a < 2; ++a)
    for (std::size_t b = 2; b < 4; ++b) c.unlink(a, b, true);
  for (std::size_t at = 0; at < 4; ++at) {
    std::vector<PoolEntry> one;
    one.push_back(c.pay(10 + at, at));
    ASSERT_TRUE(c.machines[at].replica->submit(std::move(one)).front());
  }
  EXPECT_FALSE(c.run(20'000, [&] {
    for (auto& m : c.machines)
      if (m.replica->chain().tip().height.value > 1) return true;
    return false;
  }));
  for (std::size_t a = 0; a < 2; ++a)
    for (std::size_t b = 2; b < 4; ++b) c.link(a, b);
  ASSERT_TRUE(c.run(30'000, [&] {
    for (std::size_t i = 0; i < 4; ++i)
      if (c.balance(i, "bob") != 10'000 * kMicroPerCredit + 46) return false;
    return true;
  }));
  expect_same_state(c);
}

// Else what a test hands in would be refused as a copy whenever two come in one millisecond.
TEST(Replica, equal_payments_of_one_moment_are_two_transactions) {
  Cluster c(1);
  EXPECT_NE(c.pay(4, 0).txid, c.pay(4, 0).txid);
}

TEST(Replica, a_node_whose_disk_is_lost_asks_what_it_signed_and_comes_back) {
  Cluster c(4);
  ASSERT_TRUE(c.run(5'000, [&] { return c.all_at(1); }));
  c.kill(2);
  std::filesystem::remove_all(c.folder.path + "/" + Cluster::name(2));
  std::vector<PoolEntry> one;
  one.push_back(c.pay(3, 0));
  ASSERT_TRUE(c.machines[0].replica->submit(std::move(one)).front());
  ASSERT_TRUE(c.run(30'000, [&] { return c.balance(0, "bob") == 10'000 * kMicroPerCredit + 3; }));
  c.start(2);
  EXPECT_FALSE(c.machines[2].replica->status().engine.votes);
  c.link_all(2);
  ASSERT_TRUE(c.run(30'000, [&] { return c.machines[2].replica->status().engine.votes && c.all_at(2); }));
  // It votes above the view that the others were in: once they are there, its vote counts like any.
  for (std::uint64_t k = 1; k <= 3; ++k) {
    std::vector<PoolEntry> more;
    more.push_back(c.pay(4, k));
    ASSERT_TRUE(c.machines[k].replica->submit(std::move(more)).front());
    ASSERT_TRUE(c.run(60'000, [&] { return c.balance(1, "bob") == 10'000 * kMicroPerCredit + 3 + 4 * k; }));
  }
  c.kill(0);  // now it is needed
  std::vector<PoolEntry> last;
  last.push_back(c.pay(8, 1));
  ASSERT_TRUE(c.machines[1].replica->submit(std::move(last)).front());
  ASSERT_TRUE(c.run(60'000, [&] { return c.balance(1, "bob") == 10'000 * kMicroPerCredit + 23; }));
  expect_same_state(c);
}

TEST(Replica, a_damaged_journal_is_asked_about_once_and_not_at_every_later_start) {
  const auto rot = [](Cluster& c) {  // the second group behind the head, which has the gate record; others stand behind it
    std::fstream file(c.folder.path + "/" + Cluster::name(2) + "/journal/journal/00000001",
                      std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(2 * 512 + 48);
    file.put('\x5a');
    ASSERT_TRUE(file.good());
  };
  const auto pay = [](Cluster& c, std::size_t by, std::uint64_t height) {
    std::vector<PoolEntry> one;
    one.push_back(c.pay(3, by));
    ASSERT_TRUE(c.machines[by].replica->submit(std::move(one)).front());
    ASSERT_TRUE(c.run(30'000, [&] { return c.all_at(height); }));
  };
  Cluster c(4);
  ASSERT_TRUE(c.run(5'000, [&] { return c.all_at(1); }));
  pay(c, 0, 2);
  c.kill(2);
  rot(c);
  c.start(2);
  EXPECT_FALSE(c.machines[2].replica->status().engine.votes);
  c.link_all(2);
  ASSERT_TRUE(c.run(30'000, [&] { return c.machines[2].replica->status().engine.votes; }));
  for (int again = 0; again < 2; ++again) {
    c.kill(2);
    c.start(2);
    EXPECT_TRUE(c.machines[2].replica->status().engine.votes) << c.machines[2].replica->status().engine.why_not;
    c.link_all(2);
    pay(c, std::size_t(again), std::uint64_t(3 + again));
  }
  expect_same_state(c);
}

TEST(Replica, damage_before_a_checkpoint_takes_no_vote_away) {
  Cluster c(4);
  ASSERT_TRUE(c.run(5'000, [&] { return c.all_at(1); }));
  ASSERT_TRUE(c.machines[2].replica->checkpoint());  // all that matters stands behind it once more
  c.kill(2);
  std::fstream file(c.folder.path + "/" + Cluster::name(2) + "/journal/journal/00000001", std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(2 * 512 + 48);
  file.put('\x5a');
  ASSERT_TRUE(file.good());
  file.close();
  c.start(2);
  EXPECT_TRUE(c.machines[2].replica->status().engine.votes) << c.machines[2].replica->status().engine.why_not;
}

TEST(Replica, over_a_checkpoint_and_a_power_cut_the_votes_above_it_stay) {
  Cluster c(4);
  ASSERT_TRUE(c.run(5'000, [&] { return c.all_at(1); }));
  for (std::uint64_t round = 0; round < 3; ++round) {
    std::vector<PoolEntry> one;
    one.push_back(c.pay(5, round));
    ASSERT_TRUE(c.machines[round].replica->submit(std::move(one)).front());
    ASSERT_TRUE(c.run(20'000, [&] { return c.all_at(round + 2) && c.balance(3, "bob") == 10'000 * kMicroPerCredit + 5 * (round + 1); }));
    for (auto& m : c.machines) ASSERT_TRUE(m.replica->checkpoint());
    for (std::size_t i = 0; i < 4; ++i) c.kill(i);
    for (std::size_t i = 0; i < 4; ++i) c.start(i);
    for (std::size_t i = 0; i < 4; ++i) {
      EXPECT_TRUE(c.machines[i].replica->status().engine.votes) << c.machines[i].replica->status().engine.why_not;
      for (std::size_t b = i + 1; b < 4; ++b) c.link(i, b);
    }
  }
  expect_same_state(c);
}

TEST(Replica, after_a_power_cut_of_all_the_last_final_block_stands_and_work_goes_on) {
  Cluster c(4);
  std::vector<PoolEntry> one;
  ASSERT_TRUE(c.run(5'000, [&] { return c.all_at(1); }));
  one.push_back(c.pay(77, 2));
  ASSERT_TRUE(c.machines[2].replica->submit(std::move(one)).front());
  ASSERT_TRUE(c.run(20'000, [&] { return c.balance(2, "bob") == 10'000 * kMicroPerCredit + 77; }));
  for (std::size_t i = 0; i < 4; ++i) c.kill(i);
  for (std::size_t i = 0; i < 4; ++i) c.start(i);
  for (std::size_t a = 0; a < 4; ++a)
    for (std::size_t b = a + 1; b < 4; ++b) c.link(a, b);
  std::vector<PoolEntry> more;
  ASSERT_TRUE(c.run(20'000, [&] { return c.all_at(2); }));
  more.push_back(c.pay(23, 1));
  ASSERT_TRUE(c.machines[1].replica->submit(std::move(more)).front());
  ASSERT_TRUE(c.run(20'000, [&] {
    for (std::size_t i = 0; i < 4; ++i)
      if (c.balance(i, "bob") != 10'000 * kMicroPerCredit + 100) return false;
    return true;
  }));
  expect_same_state(c);
}

TEST(Replica, a_strong_set_acknowledges_the_tip) {
  Cluster c(4);
  ASSERT_TRUE(c.run(5'000, [&] { return c.all_at(1); }));
  std::optional<Result<ledger::TipAnswer>> answer;
  c.machines[1].replica->ask_tip(crypto::plain_hash(as_bytes("nonce")), 2'000, [&](auto a) { answer = std::move(a); });
  ASSERT_TRUE(c.run(3'000, [&] { return answer.has_value(); }));
  ASSERT_TRUE(*answer) << answer->error().detail;
  EXPECT_GE((*answer)->acks.size(), 3u);
  for (const auto& ack : (*answer)->acks) EXPECT_LE(ack.body.fin_voted, (*answer)->anchor.header.height);
}

TEST(Replica, content_reaches_every_validator_and_all_promise_to_hold_it) {
  Cluster c(4);
  ASSERT_TRUE(c.run(5'000, [&] { return c.all_at(1); }));
  Bytes content(600'000);
  for (std::size_t i = 0; i < content.size(); ++i) content[i] = std::uint8_t(i * 31 + i / 997);
  const auto manifest = ledger::manifest_of(content);
  const auto root = *ledger::blob_root(manifest);
  auto& chain = c.machines[0].replica->chain();
  ASSERT_TRUE(chain.content().blobs().begin(root, manifest.bytes, manifest.chunks, c.clock.wall_ms()));
  c.machines[0].replica->upload_begun();
  for (std::uint32_t i = 0; i < manifest.chunks.size(); ++i) {
    ASSERT_TRUE(chain.content().blobs().put_chunk(
        root, i, BytesView(content).subspan(i * kChunkBytes, std::min<std::size_t>(kChunkBytes, content.size() - i * kChunkBytes))));
    c.machines[0].replica->chunk_here(root, i);
  }
  // Until then it is a matter of the node that took it in.
  c.run(5'000, [] { return false; });
  for (std::size_t i = 1; i < c.machines.size(); ++i) {
    const auto info = c.machines[i].replica->chain().content().blobs().info(root);
    EXPECT_TRUE(info && !*info) << i;
  }
  std::optional<Result<ledger::StoredAnswer>> answer;
  c.machines[0].replica->ask_stored({{root, manifest.bytes}}, 10'000, [&](auto a) { answer = std::move(a); });
  ASSERT_TRUE(c.run(11'000, [&] { return answer.has_value(); }));
  ASSERT_TRUE(*answer) << answer->error().detail;
  EXPECT_EQ((*answer)->signatures.size(), 4u);
  for (auto& m : c.machines) {
    const auto info = m.replica->chain().content().blobs().info(root);
    ASSERT_TRUE(info && *info);
    EXPECT_TRUE((*info)->complete());
  }
}

TEST(Replica, while_content_goes_to_the_disk_blocks_are_made_and_nothing_is_promised) {
  Cluster c(4);
  ASSERT_TRUE(c.run(5'000, [&] { return c.all_at(1); }));
  const Bytes content(kChunkBytes, 5);
  const auto manifest = ledger::manifest_of(content);
  const auto root = *ledger::blob_root(manifest);
  auto& chain = c.machines[0].replica->chain();
  ASSERT_TRUE(chain.content().blobs().begin(root, manifest.bytes, manifest.chunks, c.clock.wall_ms()));
  ASSERT_TRUE(chain.content().blobs().put_chunk(root, 0, content));
  c.slow_disk = true;
  std::vector<Result<ledger::StoredAnswer>> answers;
  const auto ask = [&] { c.machines[0].replica->ask_stored({{root, manifest.bytes}}, 10'000, [&](auto a) { answers.push_back(a); }); };
  ask();
  ask();  // joins the first
  ASSERT_EQ(c.waiting_work.size(), 1u) << "this node's own disk, once";
  const auto before = c.machines[0].replica->chain().tip().height.value;
  std::vector<PoolEntry> one;
  one.push_back(c.pay(5, 0));
  ASSERT_TRUE(c.machines[0].replica->submit(std::move(one)).front());
  ASSERT_TRUE(c.run(5'000, [&] { return c.all_at(before + 1) && c.machines[0].mine == 1; }));
  EXPECT_TRUE(answers.empty());
  std::size_t done = 0;
  while (answers.empty() && done < 20) {
    if (!c.waiting_work.empty()) {
      auto [work, then] = std::move(c.waiting_work.front());
      c.waiting_work.pop_front();
      then(work());
      ++done;
    }
    c.run(1'000, [&] { return !answers.empty() || !c.waiting_work.empty(); });
  }
  ASSERT_EQ(answers.size(), 2u);
  for (const auto& a : answers) {
    ASSERT_TRUE(a) << a.error().detail;
    EXPECT_EQ(a->signatures.size(), 4u);
  }
  EXPECT_EQ(done, 4u) << "one piece of work at each validator";
  for (auto& m : c.machines) EXPECT_TRUE(m.replica->chain().content().blobs().begin_durable(std::span(&root, 1))->nothing());
}

TEST(Replica, content_that_nothing_names_goes_by_age_though_no_block_comes) {
  Cluster c(4);
  ASSERT_TRUE(c.run(5'000, [&] { return c.all_at(1); }));
  const Bytes content(600'000, 5);
  const auto manifest = ledger::manifest_of(content);
  const auto root = *ledger::blob_root(manifest);
  auto& blobs = c.machines[0].replica->chain().content().blobs();
  ASSERT_TRUE(blobs.begin(root, manifest.bytes, manifest.chunks, c.clock.wall_ms()));
  ASSERT_TRUE(blobs.put_chunk(root, 0, BytesView(content).first(kChunkBytes), c.clock.wall_ms()));
  c.machines[0].replica->upload_begun();
  c.run(store::kUnclaimedLifeMs - 1'000, [] { return false; });
  EXPECT_GT(blobs.unclaimed_bytes(), 0u);
  ASSERT_TRUE(c.run(121'000, [&] { return blobs.unclaimed_bytes() == 0; }));
}

TEST(Replica, content_that_a_final_block_names_is_fetched_by_a_node_that_was_away) {
  Cluster c(4);
  ASSERT_TRUE(c.run(5'000, [&] { return c.all_at(1); }));
  Bytes content(300'000, 7);
  const auto manifest = ledger::manifest_of(content);
  const auto root = *ledger::blob_root(manifest);
  for (std::size_t i = 0; i < 3; ++i) {
    auto& blobs = c.machines[i].replica->chain().content().blobs();
    ASSERT_TRUE(blobs.begin(root, manifest.bytes, manifest.chunks, c.clock.wall_ms()));
    for (std::uint32_t k = 0; k < manifest.chunks.size(); ++k)
      ASSERT_TRUE(blobs.put_chunk(
          root, k, BytesView(content).subspan(k * kChunkBytes, std::min<std::size_t>(kChunkBytes, content.size() - k * kChunkBytes))));
  }
  c.kill(3);
  {  // the claim of a live record, as the last block before the power went left it
    auto blob_disk = std::move(*os::open_posix_disk(c.folder.path + "/v4/blobs"));
    auto blobs = std::move(*store::BlobStore::open(*blob_disk, c.log, 1 << 30));
    EXPECT_EQ(blobs->claim(root).error().code, Errc::no_blob);
    ASSERT_TRUE(blobs->sync());
  }
  c.start(3);
  EXPECT_EQ(c.machines[3].replica->status().missing_blobs, 1u);
  c.link_all(3);
  ASSERT_TRUE(c.run(30'000, [&] { return c.machines[3].replica->status().missing_blobs == 0; }));
  EXPECT_EQ(*c.machines[3].replica->chain().content().blobs().read_chunk(root, 1), to_bytes(BytesView(content).subspan(kChunkBytes)));
}

TEST(Replica, alone_a_transaction_is_final_before_submit_returns) {
  Cluster c(1);
  ASSERT_TRUE(c.run(1'000, [&] { return c.all_at(1); }));
  std::vector<PoolEntry> one;
  one.push_back(c.pay(5, 0));
  ASSERT_TRUE(c.machines[0].replica->submit(std::move(one)).front());
  EXPECT_EQ(c.balance(0, "bob"), 10'000 * kMicroPerCredit + 5);
  EXPECT_EQ(c.machines[0].mine, 1u);
}

}  // namespace
}  // namespace dos::replica
