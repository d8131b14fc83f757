// Every kind of write gives its draft, with what a person is told of it, and nothing has left this machine that changes anything.
#include <gtest/gtest.h>

#include <atomic>

#include "client/accounts/new_account.hpp"
#include "client/calls/access_template.hpp"
#include "client/calls/credits.hpp"
#include "client/calls/message.hpp"
#include "client/files/file_write.hpp"
#include "client/files/put_tree.hpp"
#include "client/test_files.hpp"
#include "modules/fs/calls.hpp"

namespace dos::client {
namespace {

struct Drafts : testing::Test, TestFiles {
  std::atomic<int> questions = 0, writes = 0;  // that were put to the node
  NewRing ring = *first_ring(id(2), nullptr, {{"alice", {1, alice.box_key(1)}}}, chain.entropy);
  NewRing below = *first_ring(id(4), &ring.key, {}, chain.entropy);
  std::optional<Session> session;

  Drafts() {
    file(&ring.key, kPermanent);
    put(fs::directory_key(id(1)), codec::encode(fs::DirectoryMeta{fs::kRoot, "home", "", {}}));  // nobody's, and public
    folder(id(2), "sub", id(4));
    put(fs::ring_key(id(2), 1), {}, codec::encode(ring.record));
    put(fs::ring_key(id(4), 1), {}, codec::encode(below.record));
    fs::EntryMeta gone;
    gone.id = id(5), gone.owner = "alice", gone.revision = 1;
    put(fs::removed_key(id(2), "gone", Version(Height(1), 0)), codec::encode(gone));
    const auto bob = *new_identity("bob", crypto::Suite::classic, chain.entropy);
    for (const Identity* who : {&std::as_const(alice), &bob}) {
      put(ledger::account_key(who->account()), {}, codec::encode(account_of(*who)));
      put(ledger::purse_key(who->account()), {}, codec::encode(ledger::Purse{Credits{100 * kMicroPerCredit}}));
    }
    node.set([this](std::string_view target, BytesView) {
      const bool writing = target.starts_with("/v1/transactions") || target.starts_with("/v1/blobs") || target == "/v1/stored";
      ++(writing ? writes : questions);
      return target == "/v1/state" ? codec::encode(chain.state(Height(9), state)) : Bytes();
    });
    session.emplace(open());
  }
  static DosPath at(const std::string& name) { return {{"home", "alice", name}}; }

  // That is a write of so many calls, told, and not handed in.
  void drafted(const Result<Draft>& draft, std::size_t calls = 1) {
    ASSERT_TRUE(draft) << draft.error().detail;
    EXPECT_EQ(draft->calls(), calls) << draft->told;
    EXPECT_FALSE(draft->told.empty());
    EXPECT_FALSE(draft->tx.access.empty()) << draft->told;
    EXPECT_EQ(writes, 0) << draft->told;
  }
  template <class Outcome>
  void planned(Planned<Outcome> plan, std::size_t calls = 1) {
    auto step = plan->next();
    ASSERT_TRUE(step) << step.error().detail;
    ASSERT_EQ(step->drafts.size(), 1u);
    drafted(std::move(step->drafts[0]), calls);
  }
};

TEST_F(Drafts, credits_and_messages) {
  drafted(pay(*session, alice, "bob", Credits{5}));
  drafted(faucet(*session, "alice", Credits{5}));
  ByteArray<16> message{};
  drafted(send_message(*session, alice, "bob", "hello", message));
  EXPECT_NE(message, (ByteArray<16>{}));
  const auto taken = take_messages({{to_bytes(as_bytes("a message")), Version(Height(1), 0)}});
  ASSERT_EQ(taken.size(), 1u);
  drafted(taken[0]);
}

TEST_F(Drafts, an_account_and_new_keys) {
  const auto carol = *new_identity("carol", crypto::Suite::classic, chain.entropy);
  planned(make_account(*session, carol, true));
  planned(make_account(*session, carol, false));
  const auto next = *next_identity(alice);
  drafted(rotate_keys(*session, alice, next));
}

TEST_F(Drafts, a_system_call_by_its_template) {
  const auto dir = id(2);
  CallFacts facts;
  facts.sender = "alice", facts.module = ledger::kFsModule;
  facts.arguments["dir"] = {{}, Bytes(dir.begin(), dir.end()), 0, false};
  facts.arguments["name"] = {{}, to_bytes(as_bytes("f")), 0, false};
  facts.find = [&](BytesView key) { return find_object(*session, key); };
  ledger::CallRow row;
  row.number = fs::kRemove, row.name = "delete", row.access = "exact 'e' {dir} {name}; read 'd' {dir}";
  const auto draft = make_call(row, facts, "", Bytes(3));
  drafted(draft);
  EXPECT_TRUE(draft->declares(fs::directory_key(fs::kRoot)));
}

TEST_F(Drafts, files) {
  MemorySource source(plain);
  planned(put_file(*session, alice, at("new"), source, {}));
  planned(put_file(*session, alice, at("f"), source, {}));
  Written copied;
  drafted(copy_file(*session, alice, {at("f"), {}, {}}, at("copy"), copied));
  EXPECT_EQ(copied.size, plain.size());
  drafted(move_entry(*session, alice, at("f"), at("moved")));
  planned(change_rights(*session, alice, at("f"), {"bob", fs::kRead, true}));
  planned(remove_path(*session, alice, at("f"), false));
  planned(restore_path(*session, alice, {at("gone"), {}, {}}));
  planned(restore_path(*session, alice, {at("f"), 1, {}}));
  EXPECT_GT(questions, 0);
}

TEST_F(Drafts, folders) {
  drafted(make_folders(*session, alice, at("made"), false));
  drafted(make_folders(*session, alice, at("made").below("deep"), true), 2);
  drafted(move_entry(*session, alice, at("sub"), at("other")));
  planned(change_rights(*session, alice, at("sub"), {"bob", fs::kRead, true}), 2);
  planned(remove_path(*session, alice, at("sub"), true));
}

// A tree goes in steps: the folder, those below it, what is in them; then there is no next.
TEST_F(Drafts, a_tree) {
  const auto open_source = [&]() -> Result<std::unique_ptr<ByteSource>> { return std::make_unique<MemorySource>(plain); };
  const std::vector<HostFile> tree = {{true, "a", {"a"}, {}}, {false, "a/x", {"a", "x"}, open_source}, {false, "y", {"y"}, open_source}};
  auto plan = put_tree(*session, alice, at("tree"), tree, {});
  ASSERT_TRUE(plan);
  for (const std::size_t calls : {1u, 1u, 2u}) {
    auto step = (*plan)->next();
    ASSERT_TRUE(step) << step.error().detail;
    ASSERT_EQ(step->drafts.size(), 1u);
    drafted(step->drafts[0], calls);
    ASSERT_TRUE((*plan)->proved({Done{}}));
  }
  const auto end = (*plan)->next();
  ASSERT_TRUE(end) << end.error().detail;
  EXPECT_TRUE(end->drafts.empty());
  const auto put = (*plan)->outcome();
  EXPECT_EQ(put.files.size(), 2u);
  EXPECT_EQ(put.folders, 2u);
  EXPECT_EQ(put.transactions, 3u);
}

// What could be read at no path, or has no name of its own, is found before anything is made or paid.
TEST_F(Drafts, of_a_tree_each_has_a_path_and_a_name_of_its_own) {
  const auto open_source = [&]() -> Result<std::unique_ptr<ByteSource>> { return std::make_unique<MemorySource>(plain); };
  const auto refused = [&](const std::vector<HostFile>& tree) {
    const auto plan = put_tree(*session, alice, at("tree"), tree, {});
    return !plan && plan.error().code == Errc::bad_name;
  };
  const auto deep = [&](std::size_t names) { return HostFile{false, "deep", std::vector<std::string>(names, "d"), open_source}; };
  EXPECT_FALSE(refused({deep(kMaxPathDepth - 3)}));
  EXPECT_TRUE(refused({deep(kMaxPathDepth - 2)}));
  std::string grows;  // composed, each of these is two characters
  for (std::size_t i = 0; i < kMaxNameBytes / 3; ++i) grows += "\u0958";
  EXPECT_TRUE(refused({{false, "a", {"a"}, open_source}, {false, "long", {grows}, open_source}}));
  for (const bool folders : {false, true})
    EXPECT_TRUE(refused({{folders, "decomposed", {"e\u0301"}, open_source}, {folders, "composed", {"\u00e9"}, open_source}}));
  EXPECT_FALSE(refused({{true, "a", {"a"}, {}}, {false, "composed", {"a", "\u00e9"}, open_source}, {false, "e", {"\u00e9"}, open_source}}));
  auto below = at("sub");
  below.components.resize(kMaxPathDepth + 1, "d");
  questions = 0;
  EXPECT_EQ(look(*session, below, kFolderFacts).error().code, Errc::bad_name);
  EXPECT_EQ(questions, 0);
}

// The content lies at the nodes before anybody can sign that it does; what changes the ledger waits for that signature.
TEST_F(Drafts, large_content_is_uploaded_when_its_step_is_made_and_not_before) {
  std::vector<std::string> asked;
  node.set([&](std::string_view target, BytesView body) {
    if (target == "/v1/state") return codec::encode(chain.state(Height(9), state));
    asked.emplace_back(target.substr(0, target.find('/', 4)));
    if (target == "/v1/blobs") {
      const auto manifest = codec::decode<ledger::BlobManifest>(body);
      return codec::encode(ledger::BlobStatus{*ledger::blob_root(*manifest), {0}});
    }
    if (target != "/v1/stored") return Bytes(1);
    const auto blobs = codec::decode<ledger::StoredRequest>(body)->blobs;
    const std::vector<Hash> leaves{ledger::stored_leaf(blobs.at(0))};
    const ledger::StoredPromise promise{Epoch{0}, crypto::merkle_root(crypto::kStoredTree, leaves), blobs[0].bytes, TimeMs{3'600'000}};
    return codec::encode(
        ledger::StoredAnswer{promise, {{0, *crypto::sign(chain.key, crypto::domain::kStored, chain.root.chain, promise, chain.entropy)}}});
  });
  const Bytes large(6000, 1);
  MemorySource source(large);
  const auto plan = put_file(*session, alice, at("large"), source, {});
  EXPECT_TRUE(asked.empty());
  const auto step = plan->next();
  ASSERT_TRUE(step) << step.error().detail;
  EXPECT_EQ(asked, (std::vector<std::string>{"/v1/blobs", "/v1/blobs", "/v1/stored"}));
  EXPECT_TRUE(step->drafts.at(0).tx.stored);
}

TEST_F(Drafts, an_account_and_its_home_are_two_steps_and_then_there_is_none) {
  const auto carol = *new_identity("carol", crypto::Suite::classic, chain.entropy);
  const auto plan = make_account(*session, carol, false);
  for (const auto* told : {"makes the account carol", "makes the home of carol"}) {
    const auto step = plan->next();
    ASSERT_TRUE(step) << step.error().detail;
    EXPECT_EQ(step->drafts.at(0).told, told);
    EXPECT_TRUE(step->drafts[0].bare);
    ASSERT_TRUE(plan->proved({Done{}}));
  }
  EXPECT_TRUE(plan->next()->drafts.empty());
  EXPECT_TRUE(plan->outcome().account);
}

// What is brought back comes one after the other, each folder before what was removed in it.
TEST_F(Drafts, a_removed_folder_comes_back_from_the_top) {
  fs::EntryMeta e;
  e.type = fs::EntryType::directory, e.id = id(6), e.owner = "alice";
  put(fs::removed_key(id(2), "old", Version(Height(1), 3)), codec::encode(e));
  e.type = fs::EntryType::file, e.id = id(7), e.revision = 1;
  put(fs::removed_key(id(6), "in", Version(Height(1), 1)), codec::encode(e));
  const auto newest = fs::removed_key(id(6), "in", Version(Height(2), 1));
  put(newest, codec::encode(e));
  put(fs::removed_key(id(6), "also", Version(Height(1), 2)), codec::encode(e));
  const auto plan = restore_path(*session, alice, {at("old"), {}, {}});
  for (const auto* name : {"old", "also", "in"}) {
    auto step = plan->next();
    ASSERT_TRUE(step) << step.error().detail;
    ASSERT_EQ(step->drafts.size(), 1u) << name;
    drafted(step->drafts[0]);
    EXPECT_EQ(step->drafts[0].told, "brings back " + std::string(name));
    EXPECT_EQ(step->drafts[0].declares(newest), std::string_view(name) == "in") << "of each name the newest";
    ASSERT_TRUE(plan->proved({Done{}}));
  }
  EXPECT_TRUE(plan->next()->drafts.empty());
  EXPECT_EQ(plan->outcome().size(), 3u);
}

}  // namespace
}  // namespace dos::client
