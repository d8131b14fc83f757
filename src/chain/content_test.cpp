// Content of a chain: for how long it is kept, by which records, and what its blocks wait for.
#include "chain/test_chain_by_hand.hpp"
#include "chain/test_gate.hpp"
#include "modules/fs/calls.hpp"
#include "modules/fs/new_id.hpp"

namespace dos::chain {
namespace {

using namespace testnet;

// Who has the chain alone waits for all that read it, each time.
TEST_F(ChainTest, a_block_waits_for_readers_as_often_whatever_files_it_writes) {
  int alone = 0;
  open({std::make_unique<CountedGate>(alone), nullptr, nullptr});
  const auto made = [&](std::uint8_t n) {
    const Hash salt{{n}};
    const auto home = fs::new_id("alice", {}), file = fs::new_id("alice", salt);
    const auto until = TimeMs{net.clock.wall_ms() + 8 * 86'400'000ull};
    fs::Create create{home, "x" + std::to_string(n), salt, fs::Op::create, {}, {}, until};
    create.content.where = Bytes(10, n);
    create.content.commit = Hash{{1}};
    create.content.is_public = true;
    create.content.bytes = 10;
    ledger::Transaction t;
    t.chain = net.chain;
    t.sender = {ledger::AccountSender{"alice", "active"}};
    t.valid_until = TimeMs{net.clock.wall_ms() + 60'000};
    t.limits = {Gas{2'000'000}, 20'000, Credits{kMicroPerCredit}};
    t.calls.push_back({ledger::kFsModule, fs::kCreate, {ledger::Literal{codec::encode(create)}}});
    for (auto key : {fs::entry_key(home, create.name), fs::taken_key(file), fs::revision_key(file, 1)})
      t.access.push_back({ledger::Absent{key}});
    for (auto dir : {home, fs::new_id("home.", {}), fs::kRoot}) t.access.push_back({ledger::Read{fs::directory_key(dir), std::nullopt}});
    return net.sign(std::move(t), "alice");
  };
  const auto waits = [&](std::uint64_t view, const std::vector<ledger::SignedTransaction>& txs) {
    const auto m = block(chain->tip().id, view, txs);
    EXPECT_TRUE(run(m));
    for (const auto& r : chain->unfinal().tree().find(m.id)->run->receipts)
      EXPECT_EQ(r.status, ledger::TxStatus::ok) << r.code << " " << r.detail;
    const Hash ids[] = {m.id};
    const auto before = alone;
    EXPECT_TRUE(chain->finalize(ids, final_by(m), [](MadeBlock) {}));
    return alone - before;
  };
  const auto one = waits(1, {made(1)});
  EXPECT_EQ(waits(2, {made(2), made(3), made(4)}), one);
}

// Alice's file `x` in her home, its content a blob that is here.
struct Content : ChainTest {
  const Bytes bytes = Bytes(5000, 7);
  const ledger::BlobRef blob{ledger::blob_root_of(bytes), bytes.size()};
  const std::uint64_t began = net.clock.wall_ms();
  const TimeMs until{began + 8 * 86'400'000ull};
  std::uint64_t view = 0;

  void upload() {
    ASSERT_TRUE(chain->content().blobs().begin(blob.root, bytes.size(), {crypto::plain_hash(bytes)}, began));
    ASSERT_TRUE(chain->content().blobs().put_chunk(blob.root, 0, bytes));
  }
  ledger::SignedTransaction file();
  // A block with these transactions, which are carried out, becomes final.
  void add(const std::vector<ledger::SignedTransaction>& txs, TimeMs time) {
    auto m = block(chain->tip().id, ++view, txs);
    m.header.time = time;
    m.id = ledger::block_id(m.header);
    ASSERT_TRUE(run(m));
    for (const auto& r : chain->unfinal().tree().find(m.id)->run->receipts)
      EXPECT_EQ(r.status, ledger::TxStatus::ok) << r.code << " " << r.detail;
    const Hash ids[] = {m.id};
    ASSERT_TRUE(chain->finalize(ids, final_by(m), [](MadeBlock) {}));
  }
  void add_file() { add({file()}, TimeMs{std::max(began, chain->tip().time.value + 1)}); }
};

ledger::SignedTransaction Content::file() {
  const Hash salt{{5}};
  const auto home = fs::new_id("alice", {}), file = fs::new_id("alice", salt);
  fs::Create create{home, "x", salt, fs::Op::create, {}, {}, until};
  create.content.where = blob;
  create.content.commit = Hash{{1}};
  create.content.is_public = true;
  create.content.bytes = bytes.size();
  ledger::Transaction t;
  t.chain = net.chain;
  t.sender = {ledger::AccountSender{"alice", "active"}};
  t.valid_until = TimeMs{began + 60'000};
  t.limits = {Gas{2'000'000}, 20'000, Credits{kMicroPerCredit}};
  t.calls.push_back({ledger::kFsModule, fs::kCreate, {ledger::Literal{codec::encode(create)}}});
  for (auto key : {fs::entry_key(home, "x"), fs::taken_key(file), fs::revision_key(file, 1)}) t.access.push_back({ledger::Absent{key}});
  for (auto dir : {home, fs::new_id("home.", {}), fs::kRoot}) t.access.push_back({ledger::Read{fs::directory_key(dir), std::nullopt}});
  const std::vector<Hash> leaves{ledger::stored_leaf(blob)};
  t.stored = ledger::StoredClaim{crypto::merkle_root(crypto::kStoredTree, leaves),
                                 bytes.size(),
                                 TimeMs{began + 3'600'000},
                                 Epoch{0},
                                 {{blob, crypto::merkle_path(crypto::kStoredTree, leaves, 0)}}};
  auto made = net.sign(t, "alice");
  const ledger::StoredPromise promise{Epoch{0}, t.stored->list_root, t.stored->bytes, t.stored->until};
  made.witnesses.push_back(
      {ledger::StoredWitness{{{0, *crypto::sign(key_of("v1"), crypto::domain::kStored, net.chain, promise, net.entropy)}}}});
  return made;
}

TEST_F(Content, whose_records_have_expired_is_read_by_nobody_and_kept_no_longer_by_the_time_of_blocks) {
  upload();
  add_file();
  EXPECT_EQ(chain->content().blobs().unclaimed_bytes(), 0u);
  add({}, TimeMs{until.value + kExpiredGraceMs});
  EXPECT_TRUE(chain->content().readable(blob.root));
  EXPECT_EQ(chain->content().blobs().unclaimed_bytes(), 0u);
  add({}, TimeMs{until.value + kExpiredGraceMs + 1});
  const auto no = chain->content().readable(blob.root);
  ASSERT_FALSE(no);
  EXPECT_EQ(no.error().code, Errc::not_found);
  EXPECT_GE(chain->content().blobs().unclaimed_bytes(), bytes.size());
  open();  // the blocks are executed again
  EXPECT_FALSE(chain->content().readable(blob.root));
  EXPECT_GE(chain->content().blobs().unclaimed_bytes(), bytes.size());
  ASSERT_TRUE(chain->checkpoint({}));
  open();  // the state is read
  EXPECT_FALSE(chain->content().readable(blob.root));
  EXPECT_TRUE(chain->content().readable(Hash{{9}}));  // an upload that nothing names
}

TEST_F(Content, is_kept_for_what_the_rules_of_modules_say_names_it) {
  const auto shipped = rules;
  for (auto& m : rules) m.content.reset();
  open();
  upload();
  add_file();
  EXPECT_GE(chain->content().blobs().unclaimed_bytes(), bytes.size());
  rules = shipped;
  rules.push_back({.number = 90, .name = "test", .content = ledger::ContentRule{Bytes{0, 90}, [](BytesView) {
                                                                                  return std::optional<Hash>();
                                                                                }}});  // which has no record
  open();
  EXPECT_EQ(chain->content().blobs().unclaimed_bytes(), 0u);
  EXPECT_TRUE(chain->content().missing().empty());
}

}  // namespace
}  // namespace dos::chain
