#include <gtest/gtest.h>

#include "base/test_code.hpp"
#include "ledger/blob_manifest.hpp"
#include "ledger/path_reader.hpp"
#include "modules/fs/formats.hpp"
#include "node/test_network.hpp"

namespace dos::node {
namespace {

using namespace testnet;

TEST(Node, makes_block_one_final_from_a_genesis_and_proves_its_state) {
  Network net;
  auto node = net.open();
  ASSERT_TRUE(node) << node.error().detail;
  const auto anchor = (*node)->anchor();
  ASSERT_TRUE(anchor);
  EXPECT_EQ(anchor->header.height.value, 1u);
  EXPECT_EQ(anchor->header.parent, net.chain);
  const auto signers = ledger::verify_certificate(net.chain, net.genesis.validators, anchor->certificate);
  ASSERT_TRUE(signers) << signers.error().detail;
  EXPECT_EQ(signers->have, 1u);
  EXPECT_EQ(anchor->certificate.item.id, ledger::block_id(anchor->header));
  EXPECT_EQ(anchor->certificate.item.result, ledger::result_of(anchor->parts));
  EXPECT_EQ(balance(**node, "alice"), 10'000 * kMicroPerCredit);
}

TEST(Node, a_payment_is_final_proved_and_survives_a_restart_with_the_same_root) {
  Network net;
  Hash root;
  std::uint64_t bob = 0;
  {
    auto node = net.open();
    ASSERT_TRUE(node) << node.error().detail;
    const auto tx = net.pay(5 * kMicroPerCredit);
    const auto a = submit(**node, {codec::encode(tx)});
    ASSERT_EQ(a.outcomes.size(), 1u);
    const auto* fin = std::get_if<ledger::Final>(&a.outcomes[0].is);
    ASSERT_NE(fin, nullptr) << std::get<ledger::Refused>(a.outcomes[0].is).detail;
    EXPECT_EQ(fin->proof.receipt.status, ledger::TxStatus::ok) << fin->proof.receipt.detail;
    const auto& parts = a.anchors[fin->anchor].parts;
    const auto leaf = crypto::merkle_leaf(crypto::kReceiptTree, codec::encode(fin->proof.receipt));
    const auto receipts = crypto::merkle_climb(crypto::kReceiptTree, leaf, fin->proof.path);
    ASSERT_TRUE(receipts);
    codec::Encoder e;
    e.integer(fin->proof.path.count);
    codec::write(e, *receipts);
    codec::write(e, fin->proof.txids_root);
    EXPECT_EQ(crypto::hash(crypto::domain::kReceipts, e.out), parts.receipts_root);
    bob = balance(**node, "bob");
    EXPECT_EQ(bob, 10'005 * kMicroPerCredit);
    root = (*node)->anchor()->parts.state_root;
    // The same again gives the first one's outcome.
    const auto again = submit(**node, {codec::encode(tx)});
    ASSERT_TRUE(std::holds_alternative<ledger::Final>(again.outcomes[0].is));
    EXPECT_EQ(again.anchors[0].header.height, a.anchors[0].header.height);
    EXPECT_TRUE((*node)->stop());
  }
  auto node = net.open();
  ASSERT_TRUE(node) << node.error().detail;
  EXPECT_EQ((*node)->anchor()->parts.state_root, root);
  EXPECT_EQ((*node)->anchor()->header.height.value, 2u);
  EXPECT_EQ(balance(**node, "bob"), bob);
  EXPECT_EQ((*node)->status().boots, 2u);
  const auto more = submit(**node, {codec::encode(net.pay(1))});
  EXPECT_TRUE(std::holds_alternative<ledger::Final>(more.outcomes[0].is));
  EXPECT_EQ((*node)->anchor()->header.height.value, 3u);
}

TEST(Node, a_thousand_at_once_are_all_final) {
  Network net;
  auto node = net.open();
  ASSERT_TRUE(node) << node.error().detail;
  std::vector<Bytes> txs;
  for (int i = 0; i < 1000; ++i) txs.push_back(codec::encode(net.pay(std::uint64_t(i + 1))));
  std::atomic<int> final_count{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      for (int i = t * 250; i < (t + 1) * 250; i += 50) {
        const auto a = submit(**node, {txs.begin() + i, txs.begin() + i + 50}, 60'000);
        for (const auto& o : a.outcomes)
          if (const auto* f = std::get_if<ledger::Final>(&o.is); f != nullptr && f->proof.receipt.status == ledger::TxStatus::ok)
            ++final_count;
      }
    });
  for (auto& t : threads) t.join();
  EXPECT_EQ(final_count, 1000);
  EXPECT_EQ(balance(**node, "bob"), 10'000 * kMicroPerCredit + 1000 * 1001 / 2);
}

TEST(Node, refuses_what_is_malformed_foreign_expired_or_unsigned_with_a_code) {
  Network net;
  auto node = net.open();
  ASSERT_TRUE(node) << node.error().detail;
  auto foreign = net.pay(1);
  foreign.tx.chain.bytes[0] ^= 1;
  auto old = net.pay(1);
  old.tx.valid_until = TimeMs{net.clock.wall_ms() - 1};
  old = net.sign(old.tx, "alice");
  auto unsigned_tx = net.pay(1);
  unsigned_tx.witnesses.clear();
  const auto a = submit(
      **node, {Bytes{1, 2, 3}, codec::encode(foreign), codec::encode(old), codec::encode(unsigned_tx), Bytes(kMaxTransactionBytes + 1)});
  const Errc want[] = {Errc::malformed, Errc::wrong_chain, Errc::expired, Errc::bad_witness, Errc::limit};
  for (std::size_t i = 0; i < std::size(want); ++i) {
    const auto* refused = std::get_if<ledger::Refused>(&a.outcomes[i].is);
    ASSERT_NE(refused, nullptr) << i;
    EXPECT_EQ(Errc(refused->code), want[i]) << i << ": " << refused->detail;
    EXPECT_FALSE(refused->detail.empty()) << i;
  }
  EXPECT_EQ((*node)->anchor()->header.height.value, 1u);
}

TEST(Node, without_a_clean_stop_the_journal_gives_the_same_height_and_root) {
  Network net;
  Hash root;
  const auto copy = net.folder.path + "/copy";
  {
    auto node = net.open();
    ASSERT_TRUE(node) << node.error().detail;
    for (int i = 0; i < 5; ++i) submit(**node, {codec::encode(net.pay(std::uint64_t(7 + i)))});
    root = (*node)->anchor()->parts.state_root;
    std::filesystem::copy(net.folder.path + "/v1", copy, std::filesystem::copy_options::recursive);  // as a cut of power leaves it
  }
  std::filesystem::remove_all(net.folder.path + "/v1");
  std::filesystem::rename(copy, net.folder.path + "/v1");
  auto node = net.open();
  ASSERT_TRUE(node) << node.error().detail;
  EXPECT_EQ((*node)->anchor()->parts.state_root, root);
  EXPECT_EQ((*node)->anchor()->header.height.value, 6u);
  EXPECT_TRUE((*node)->status().ready);
}

TEST(Node, without_its_journal_it_serves_but_does_not_vote) {
  Network net;
  {
    auto node = net.open();
    ASSERT_TRUE(node);
    submit(**node, {codec::encode(net.pay(7))});
  }
  std::filesystem::remove_all(net.folder.path + "/v1/journal");
  auto node = net.open();
  ASSERT_TRUE(node) << node.error().detail;
  EXPECT_FALSE((*node)->status().ready);
  EXPECT_NE((*node)->status().why_not.find("does not vote"), std::string::npos) << (*node)->status().why_not;
  EXPECT_EQ((*node)->anchor()->header.height.value, 2u);
  EXPECT_EQ(balance(**node, "bob"), 10'000 * kMicroPerCredit + 7);
  const auto a = submit(**node, {codec::encode(net.pay(1))});
  ASSERT_TRUE(std::holds_alternative<ledger::Refused>(a.outcomes[0].is));
  EXPECT_EQ(Errc(std::get<ledger::Refused>(a.outcomes[0].is).code), Errc::not_ready);
}

TEST(Node, paths_are_resolved_and_their_absence_is_proved) {
  Network net;
  auto node = net.open();
  ASSERT_TRUE(node);
  ledger::StateQuery q;
  ledger::PathItem there, absent;
  there.components = {"home"};
  there.want = ledger::PathItem::kList | ledger::PathItem::kDirectories | ledger::PathItem::kRings;
  absent.components = {"home", "alice", "none.txt"};
  absent.want = ledger::PathItem::kRevision | ledger::PathItem::kRemoved;
  q.items = {there, absent};
  const auto a = read(**node, q);
  ASSERT_TRUE(a) << a.error().detail;
  const auto view = proof::verify(a->proof, a->anchor.parts.state_root);
  ASSERT_TRUE(view) << view.error().detail;
  const auto* home = *view->find(fs::entry_key(fs::kRoot, "home"));
  ASSERT_NE(home, nullptr);
  const auto id = codec::decode<fs::EntryMeta>(home->leaf.meta)->id;
  const auto list = view->range(fs::entry_prefix(id));
  ASSERT_TRUE(list) << list.error().detail;
  EXPECT_EQ(list->items.size(), 3u);
  EXPECT_FALSE(list->more);
  const auto alice = codec::decode<fs::EntryMeta>((*view->find(fs::entry_key(id, "alice")))->leaf.meta)->id;
  const auto none = view->find(fs::entry_key(alice, "none.txt"));
  ASSERT_TRUE(none) << none.error().detail;
  EXPECT_EQ(*none, nullptr);
}

TEST(Node, a_path_is_read_by_the_rules_of_the_module_that_has_paths) {
  Network net;
  auto config = net.config();
  for (auto& m : config.chain.rules) m.read_path = nullptr;
  config.chain.rules.push_back({.number = 90, .name = "test", .read_path = [](const ledger::PathItem& item, ledger::PathReader& reader) {
                                  reader.prove(ledger::purse_key(item.components.at(0)), true);
                                  return Status{};
                                }});
  auto node = net.open(std::move(config));
  ASSERT_TRUE(node) << node.error().detail;
  ledger::PathItem item;
  item.components = {"alice"};
  ledger::StateQuery q;
  q.items.push_back(item);
  const auto a = read(**node, q);
  ASSERT_TRUE(a) << a.error().detail;
  const auto view = proof::verify(a->proof, a->anchor.parts.state_root);
  ASSERT_TRUE(view) << view.error().detail;
  const auto purse = view->find(ledger::purse_key("alice"));
  ASSERT_TRUE(purse) << purse.error().detail;
  EXPECT_NE(*purse, nullptr);
  EXPECT_FALSE(view->find(fs::directory_key(fs::kRoot))) << "nothing of another module came";
}

TEST(Node, a_height_not_reached_is_behind) {
  Network net;
  auto node = net.open();
  ASSERT_TRUE(node);
  ledger::StateQuery q;
  q.at = Height{9};
  q.items.push_back(ledger::KeyItem{ledger::params_key(), true});
  const auto a = read(**node, q);
  ASSERT_FALSE(a);
  EXPECT_EQ(code_of(a), Errc::behind);
}

TEST(Node, blobs_are_taken_resumed_promised_and_given_back) {
  Network net;
  auto node = net.open();
  ASSERT_TRUE(node);
  Bytes content(kChunkBytes + 1000);
  for (std::size_t i = 0; i < content.size(); ++i) content[i] = std::uint8_t(i * 31);
  const auto manifest = ledger::manifest_of(content);
  auto begun = (*node)->begin_blob(manifest);
  ASSERT_TRUE(begun) << begun.error().detail;
  EXPECT_EQ(begun->missing.size(), 2u);
  const ledger::StoredRequest request{{{begun->root, content.size()}}};
  EXPECT_EQ(code_of(stored(**node, request)), Errc::not_stored);
  EXPECT_FALSE((*node)->put_chunk(begun->root, 0, BytesView(content).subspan(1, kChunkBytes)));
  ASSERT_TRUE((*node)->put_chunk(begun->root, 0, BytesView(content).first(kChunkBytes)));
  EXPECT_EQ((*node)->begin_blob(manifest)->missing, std::vector<std::uint32_t>{1});
  ASSERT_TRUE((*node)->put_chunk(begun->root, 1, BytesView(content).subspan(kChunkBytes)));
  const auto stored = testnet::stored(**node, request);
  ASSERT_TRUE(stored) << stored.error().detail;
  EXPECT_TRUE(crypto::verify(net.genesis.validators.members[0].vote_key, crypto::domain::kStored, net.chain, stored->promise,
                             stored->signatures[0].signature));
  EXPECT_EQ(*(*node)->chunk(begun->root, 1), to_bytes(BytesView(content).subspan(kChunkBytes)));
}

TEST(Node, below_the_disk_reserve_nothing_is_taken_in_and_reads_go_on) {
  Network net;
  std::atomic<std::uint64_t> free = 10ull << 30;
  auto config = net.config();
  config.disk_space = [&](const std::string& folder) -> Result<os::DiskSpace> {
    EXPECT_EQ(folder, config.data);
    return os::DiskSpace{100ull << 30, free.load()};
  };
  auto node = net.open(config);
  ASSERT_TRUE(node) << node.error().detail;
  const Bytes content(kChunkBytes + 1000, 7);
  const auto manifest = ledger::manifest_of(content);
  const auto begun = (*node)->begin_blob(manifest);
  ASSERT_TRUE(begun) << begun.error().detail;
  ASSERT_TRUE((*node)->put_chunk(begun->root, 0, BytesView(content).first(kChunkBytes)));
  free = kDiskReserveBytes;
  const auto chunk = (*node)->put_chunk(begun->root, 1, BytesView(content).subspan(kChunkBytes));
  ASSERT_FALSE(chunk);
  EXPECT_EQ(code_of(chunk), Errc::disk_full);
  EXPECT_FALSE(chunk.error().detail.empty());
  EXPECT_EQ(code_of((*node)->begin_blob(manifest)), Errc::disk_full);
  const auto tx = codec::encode(net.pay(3));
  const auto a = submit(**node, {tx});
  ASSERT_TRUE(std::holds_alternative<ledger::Refused>(a.outcomes[0].is));
  EXPECT_EQ(Errc(std::get<ledger::Refused>(a.outcomes[0].is).code), Errc::disk_full);
  EXPECT_EQ(balance(**node, "alice"), 10'000 * kMicroPerCredit);
  EXPECT_EQ((*node)->chunk(begun->root, 0)->size(), kChunkBytes);
  EXPECT_TRUE((*node)->status().ready);
  free = 10ull << 30;
  EXPECT_TRUE((*node)->put_chunk(begun->root, 1, BytesView(content).subspan(kChunkBytes)));
  EXPECT_TRUE(std::holds_alternative<ledger::Final>(submit(**node, {tx}).outcomes[0].is));
}

TEST(Node, the_disk_reserve_of_a_small_file_system_is_a_share_of_it) {
  std::uint64_t free = 0;
  const DiskReserve reserve("x", [&](const std::string&) -> Result<os::DiskSpace> { return os::DiskSpace{100 << 20, free}; });
  free = 6 << 20;
  EXPECT_TRUE(reserve.room_for(1 << 20));
  EXPECT_FALSE(reserve.room_for((1 << 20) + 1));
  free = 4 << 20;
  EXPECT_FALSE(reserve.room_for(1));
  const auto real = os::disk_space("/tmp");
  ASSERT_TRUE(real) << real.error().detail;
  EXPECT_GE(real->total, real->free);
}

TEST(Node, a_dry_run_takes_little_gas) {
  Network net;
  auto node = net.open();
  ASSERT_TRUE(node) << node.error().detail;
  auto tx = net.pay(3);
  EXPECT_TRUE((*node)->dry_run(codec::encode(tx)));
  tx.tx.limits.gas = Gas{8'000'001};
  const auto much = (*node)->dry_run(codec::encode(net.sign(tx.tx, "alice")));
  ASSERT_FALSE(much);
  EXPECT_EQ(code_of(much), Errc::limit);
}

TEST(Node, tip_acknowledgements_name_the_nonce_and_the_height) {
  Network net;
  auto node = net.open();
  ASSERT_TRUE(node);
  Hash nonce;
  nonce.bytes[3] = 9;
  const auto tip = testnet::tip(**node, nonce);
  ASSERT_TRUE(tip) << tip.error().detail;
  const auto& ack = tip->acks.at(0);
  EXPECT_EQ(ack.body.fin_voted.value, 1u);
  EXPECT_EQ(*crypto::merkle_climb(crypto::kNonceTree, crypto::merkle_leaf(crypto::kNonceTree, nonce.view()), ack.path),
            ack.body.nonce_root);
  EXPECT_TRUE(crypto::verify(net.genesis.validators.members[0].vote_key, crypto::domain::kTipAck, net.chain, ack.body, ack.signature));
}

}  // namespace
}  // namespace dos::node
