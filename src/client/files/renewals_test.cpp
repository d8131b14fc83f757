// Writes below a folder whose parent has begun a new key: the folder's is renewed first, and whoever is to agree is told so.
#include <gtest/gtest.h>

#include "base/test_code.hpp"
#include "client/files/file_write.hpp"
#include "client/files/put_tree.hpp"
#include "client/test_files.hpp"
#include "modules/fs/calls.hpp"

namespace dos::client {
namespace {

// /home/alice/sub is under the first key of /home/alice, which has a second one by now.
struct Renewals : testing::Test, TestFiles {
  NewRing first = *first_ring(id(2), nullptr, {{"alice", {1, alice.box_key(1)}}}, chain.entropy);
  NewRing second = *next_ring(first.key, 1, nullptr, {{"alice", {1, alice.box_key(1)}}}, chain.entropy);
  NewRing below = *first_ring(id(4), &first.key, {}, chain.entropy);
  std::optional<Session> session;
  const std::string renewed = "renews the key of /home/alice/sub";

  Renewals() {
    file(&first.key, kPermanent);
    put(fs::directory_key(id(1)), codec::encode(fs::DirectoryMeta{fs::kRoot, "home", "", {}}));  // nobody's, and public
    folder(id(2), "sub", id(4));
    put(fs::ring_key(id(2), 1), {}, codec::encode(first.record));
    put(fs::ring_key(id(2), 2), {}, codec::encode(second.record));
    put(fs::ring_key(id(4), 1), {}, codec::encode(below.record));
    const auto bob = *new_identity("bob", crypto::Suite::classic, chain.entropy);
    for (const Identity* who : {&std::as_const(alice), &bob}) put(ledger::account_key(who->account()), {}, codec::encode(account_of(*who)));
    node.set([this](std::string_view target, BytesView) {
      return target == "/v1/state" ? codec::encode(chain.state(Height(9), state)) : Bytes();
    });
    session.emplace(open());
  }
  static DosPath at(std::vector<std::string> names) {
    DosPath path{{"home", "alice"}};
    for (auto& n : names) path.components.push_back(std::move(n));
    return path;
  }
  // The one draft of the step that comes next.
  static Draft one_of(Plan& plan, int attempt) {
    auto step = plan.next();
    EXPECT_TRUE(step) << step.error().detail;
    if (!step) return {};
    EXPECT_EQ(step->attempt, attempt);
    EXPECT_EQ(step->drafts.size(), 1u);
    return step->drafts.size() == 1 ? std::move(step->drafts[0]) : Draft{};
  }
  static bool over(Plan& plan) {
    const auto step = plan.next();
    return step && step->drafts.empty();
  }
  // Its calls of fs.ring are final.
  void renew(const Draft& draft) {
    for (const auto& call : draft.tx.calls) {
      if (call.module != ledger::kFsModule || call.number != fs::kRing) continue;
      const auto ring = codec::decode<fs::Ring>(std::get<ledger::Literal>(call.args.at(0)).bytes);
      ASSERT_TRUE(ring);
      put(fs::ring_key(ring->dir, ring->epoch), {}, codec::encode(ring->ring));
    }
  }
  const std::vector<HostFile> one_file = {
      {false, "x", {"x"}, [this]() -> Result<std::unique_ptr<ByteSource>> { return std::make_unique<MemorySource>(plain); }}};
  Planned<TreePut> tree(const std::vector<std::string>& to, const std::vector<HostFile>& files) {
    return std::move(*put_tree(*session, alice, at(to), files, {}));
  }
};

TEST_F(Renewals, a_write_says_which_keys_it_renews_and_which_folders_it_makes) {
  MemorySource source(plain);
  const auto write = one_of(*put_file(*session, alice, at({"sub", "x"}), source, {}), 1);
  EXPECT_EQ(write.calls(), 2u);
  EXPECT_EQ(write.told, "writes /home/alice/sub/x; " + renewed);
  EXPECT_EQ(one_of(*put_file(*session, alice, at({"new", "er", "x"}), source, {}), 1).told,
            "writes /home/alice/new/er/x; makes the folder /home/alice/new; makes the folder /home/alice/new/er");
  const auto made = make_folders(*session, alice, at({"sub", "deep"}), false);
  ASSERT_TRUE(made) << made.error().detail;
  EXPECT_EQ(made->told, "makes the folder /home/alice/sub/deep; " + renewed);
  Written out;
  const auto copied = copy_file(*session, alice, {at({"f"}), {}, {}}, at({"sub", "copy"}), out);
  ASSERT_TRUE(copied) << copied.error().detail;
  EXPECT_EQ(copied->told, "copies /home/alice/f to /home/alice/sub/copy; " + renewed);
  const auto moved = move_entry(*session, alice, at({"f"}), at({"sub", "f"}));
  ASSERT_TRUE(moved) << moved.error().detail;
  EXPECT_EQ(moved->told, "moves /home/alice/f to /home/alice/sub/f; " + renewed);
}

TEST_F(Renewals, who_gets_rights_gets_them_under_a_key_that_was_renewed_before) {
  const auto plan = change_rights(*session, alice, at({"sub"}), {"bob", fs::kRead, true});
  EXPECT_EQ(one_of(*plan, 1).told, renewed);
  const auto again = one_of(*plan, 2);  // the first was STALE
  EXPECT_EQ(again.told, renewed);
  EXPECT_EQ(again.calls(), 1u);
  renew(again);
  ASSERT_TRUE(plan->proved({Done{}}));
  const auto change = one_of(*plan, 3);
  EXPECT_EQ(change.told, "gives bob rights on /home/alice/sub");
  EXPECT_EQ(change.calls(), 2u);
  Done done;
  done.txid = Hash{{7}};
  ASSERT_TRUE(plan->proved({done}));
  EXPECT_TRUE(over(*plan));
  EXPECT_EQ(plan->outcome().txid, done.txid) << "that of the change, not of the renewal";
}

TEST_F(Renewals, whose_rights_are_taken_loses_them_with_a_new_key) {
  renew(one_of(*change_rights(*session, alice, at({"sub"}), {"bob", fs::kRead, true}), 1));
  const auto plan = change_rights(*session, alice, at({"sub"}), {"bob", fs::kRead, true});
  const auto given = one_of(*plan, 1);
  renew(given);
  put(fs::directory_key(id(4)), codec::encode(fs::DirectoryMeta{id(2), "sub", "alice", {{"bob", fs::kRead}}}));
  fs::EntryMeta e;
  e.type = fs::EntryType::directory, e.id = id(4), e.owner = "alice", e.grants = {{"bob", fs::kRead}};
  put(fs::entry_key(id(2), "sub"), codec::encode(e));
  const auto taken = one_of(*change_rights(*session, alice, at({"sub"}), {"bob", fs::kRead, false}), 1);
  EXPECT_EQ(taken.told, "takes rights from bob on /home/alice/sub; " + renewed);
  EXPECT_TRUE(taken.declares(fs::ring_key(id(4), 3)));
}

TEST_F(Renewals, a_folder_whose_key_is_old_each_time_is_given_up_after_eight) {
  const auto rights = change_rights(*session, alice, at({"sub"}), {"bob", fs::kRead, true});
  const auto put = tree({"sub"}, one_file);
  for (Plan* plan : std::initializer_list<Plan*>{rights.get(), put.get()})
    for (int attempt = 1; attempt <= 8; ++attempt) {
      EXPECT_EQ(one_of(*plan, attempt).told, renewed);
      const auto goes_on = plan->proved({Done{}});
      EXPECT_EQ(goes_on.has_value(), attempt < 8) << attempt;
      EXPECT_TRUE(goes_on || code_of(goes_on) == Errc::stale);
    }
}

TEST_F(Renewals, a_tree_that_is_put_into_a_folder_with_an_old_key_renews_it_first) {
  const auto plan = tree({"sub"}, one_file);
  EXPECT_EQ(one_of(*plan, 1).told, renewed);
  const auto again = one_of(*plan, 2);  // the first was STALE
  EXPECT_EQ(again.told, renewed);
  renew(again);
  ASSERT_TRUE(plan->proved({Done{}}));
  const auto files = one_of(*plan, 0);
  EXPECT_EQ(files.told, "writes files into /home/alice/sub");
  EXPECT_EQ(files.calls(), 1u);
  ASSERT_TRUE(plan->proved({Done{}}));
  EXPECT_TRUE(over(*plan));
  const auto put = plan->outcome();
  EXPECT_EQ(put.folders, 0u);
  EXPECT_EQ(put.files.size(), 1u);
  EXPECT_EQ(put.transactions, 2u);
}

TEST_F(Renewals, a_folder_of_a_tree_that_is_there_is_opened_and_renewed_in_its_turn) {
  auto files = one_file;
  files[0].names = {"sub", "x"};
  files.insert(files.begin(), {true, "sub", {"sub"}, {}});
  const auto plan = tree({}, files);
  const auto renewal = one_of(*plan, 1);
  EXPECT_EQ(renewal.told, renewed);
  renew(renewal);
  ASSERT_TRUE(plan->proved({Done{}}));
  EXPECT_EQ(one_of(*plan, 0).calls(), 1u);
  ASSERT_TRUE(plan->proved({Done{}}));
  EXPECT_TRUE(over(*plan));
  EXPECT_EQ(plan->outcome().folders, 0u);
}

TEST_F(Renewals, a_root_that_somebody_else_makes_meanwhile_is_taken_as_it_is_and_not_counted) {
  const auto plan = tree({"tree"}, one_file);
  EXPECT_EQ(one_of(*plan, 1).told, "makes the folder /home/alice/tree");
  EXPECT_EQ(one_of(*plan, 2).told, "makes the folder /home/alice/tree") << "STALE, and still not there";
  folder(id(2), "tree", id(8));
  put(fs::ring_key(id(8), 1), {}, codec::encode(first_ring(id(8), &second.key, {}, chain.entropy)->record));
  EXPECT_EQ(one_of(*plan, 0).told, "writes files into /home/alice/tree");
  ASSERT_TRUE(plan->proved({Done{}}));
  EXPECT_TRUE(over(*plan));
  EXPECT_EQ(plan->outcome().folders, 0u);
  const auto ours = tree({"other", "deeper"}, one_file);
  one_of(*ours, 1), one_of(*ours, 2);
  ASSERT_TRUE(ours->proved({Done{}}));
  EXPECT_EQ(ours->outcome().folders, 2u) << "each once, however often it was tried";
}

}  // namespace
}  // namespace dos::client
