#include "modules/tests/fs_driver.hpp"

#include "modules/id/calls.hpp"

namespace dos::modules {
namespace {

TEST_F(Files, a_folder_is_an_entry_and_a_directory) {
  const auto h = home("alice");
  const auto papers = folder("alice", h, "papers");
  const auto d = m.meta<fs::DirectoryMeta>(fs::directory_key(papers));
  ASSERT_TRUE(d);
  EXPECT_EQ(d->parent, h);
  EXPECT_EQ(d->name, "papers");
  EXPECT_TRUE(m.at(fs::ring_key(papers, 1)));
  EXPECT_TRUE(refused(mkdir("alice", h, "papers"), Errc::conflict, "papers exists"));
  EXPECT_TRUE(refused(mkdir("bob", h, "mine"), Errc::denied, "bob may not create mine"));
  EXPECT_TRUE(refused(mkdir("alice", fs::kRoot, "etc"), Errc::denied));
  EXPECT_TRUE(refused(mkdir("alice", fs::Id{9}, "x"), Errc::not_found));
  ASSERT_TRUE(done(mkdir("alice", h, "open", false)));
  EXPECT_TRUE(entry(h, "open").is_public);
  EXPECT_TRUE(refused(write("alice", h, "papers", 0, sealed()), Errc::wrong_type, "papers is a folder"));
  EXPECT_TRUE(refused(remove("alice", h, "papers"), Errc::wrong_type));
}

TEST_F(Files, only_empty_folders_go_and_they_come_back) {
  const auto h = home("alice");
  const auto papers = folder("alice", h, "papers");
  ASSERT_TRUE(done(create("alice", papers, "plan", sealed())));
  EXPECT_TRUE(refused(rmdir("alice", h, "papers"), Errc::not_empty));
  ASSERT_TRUE(done(remove("alice", papers, "plan")));
  EXPECT_TRUE(refused(rmdir("bob", h, "papers"), Errc::denied));
  const auto version = m.at(fs::entry_key(h, "papers"))->version;
  ASSERT_TRUE(done(rmdir("alice", h, "papers")));
  EXPECT_FALSE(m.at(fs::directory_key(papers)));
  EXPECT_TRUE(refused(create("alice", papers, "late", sealed()), Errc::not_found));
  ASSERT_TRUE(done(undelete("alice", h, "papers", version)));
  EXPECT_TRUE(m.at(fs::directory_key(papers)));
  EXPECT_TRUE(done(create("alice", papers, "again", sealed())));
  EXPECT_TRUE(refused(rmdir("alice", papers, "again"), Errc::wrong_type, "again is a file"));
}

TEST_F(Files, a_tree_moves_with_two_entries) {
  const auto h = home("alice");
  const auto a = folder("alice", h, "a"), b = folder("alice", a, "b"), c = folder("alice", b, "c");
  ASSERT_TRUE(done(create("alice", c, "deep", sealed())));
  EXPECT_TRUE(refused(rename("alice", {h, "a", c, "a", {}}), Errc::conflict, "into itself"));
  EXPECT_TRUE(refused(rename("alice", {h, "a", a, "a", {}}), Errc::conflict, "into itself"));
  const auto r = rename("alice", {a, "b", h, "bee", {}});
  ASSERT_TRUE(done(r));
  EXPECT_EQ(m.meta<fs::DirectoryMeta>(fs::directory_key(b))->parent, h);
  EXPECT_EQ(m.meta<fs::DirectoryMeta>(fs::directory_key(b))->name, "bee");
  EXPECT_EQ(entry(h, "bee").id, b);
  EXPECT_TRUE(is_there(c, "deep"));
  EXPECT_TRUE(refused(rename("alice", {h, "bee", h, "b", sealed()}), Errc::wrong_type));
  ASSERT_TRUE(done(rename("alice", {h, "bee", h, "b", {}})));
}

TEST_F(Files, grants_open_what_they_name_and_no_more) {
  const auto h = home("alice");
  const auto papers = folder("alice", h, "papers");
  ASSERT_TRUE(done(create("alice", papers, "plan", sealed())));
  EXPECT_TRUE(refused(write("bob", papers, "plan", 1, sealed()), Errc::denied, "bob may not write plan"));
  EXPECT_TRUE(refused(chmod("bob", {papers, "plan", "bob", fs::kWrite, {}}), Errc::denied));
  ASSERT_TRUE(done(chmod("alice", {papers, "plan", "bob", fs::kRead | fs::kWrite, {}})));
  ASSERT_TRUE(done(write("bob", papers, "plan", 1, sealed())));
  EXPECT_EQ(entry(papers, "plan").owner, "alice");
  EXPECT_EQ(m.meta<fs::RevisionMeta>(fs::revision_key(entry(papers, "plan").id, 2))->by, "bob");
  EXPECT_TRUE(refused(remove("bob", papers, "plan"), Errc::denied));
  EXPECT_TRUE(refused(write("carol", papers, "plan", 2, sealed()), Errc::denied));
  ASSERT_TRUE(done(chmod("alice", {papers, "plan", "bob", 0, {}})));
  EXPECT_TRUE(refused(write("bob", papers, "plan", 2, sealed()), Errc::denied));
}

TEST_F(Files, a_grant_on_a_folder_holds_below_it) {
  const auto h = home("alice");
  const auto a = folder("alice", h, "a"), b = folder("alice", a, "b");
  ASSERT_TRUE(done(chmod("alice", {h, "a", "bob", fs::kRead | fs::kWrite | fs::kDelete, {}})));
  EXPECT_EQ(m.meta<fs::DirectoryMeta>(fs::directory_key(a))->grants.size(), 1u);
  ASSERT_TRUE(done(create("bob", b, "from bob", sealed())));
  EXPECT_EQ(entry(b, "from bob").owner, "bob");
  EXPECT_TRUE(done(write("alice", b, "from bob", 1, sealed()))) << "the owner of a folder above has every right";
  EXPECT_TRUE(done(remove("bob", b, "from bob")));
  EXPECT_TRUE(refused(create("bob", h, "beside", sealed()), Errc::denied));
  EXPECT_TRUE(refused(chmod("bob", {a, "b", "carol", fs::kRead, {}}), Errc::denied));
}

TEST_F(Files, chmod_keeps_grants_sorted_and_limited) {
  const auto h = home("alice");
  ASSERT_TRUE(done(create("alice", h, "plan", sealed())));
  ASSERT_TRUE(done(chmod("alice", {h, "plan", "carol", 1, {}})));
  ASSERT_TRUE(done(chmod("alice", {h, "plan", "bob", 3, Bytes(2600, 1)})));
  ASSERT_TRUE(done(chmod("alice", {h, "plan", "bob", 7, {}})));
  const std::vector<fs::Grant> want{{"bob", 7}, {"carol", 1}};
  EXPECT_EQ(entry(h, "plan").grants, want);
  EXPECT_EQ(codec::decode<fs::Content>(m.at(fs::revision_key(entry(h, "plan").id, 1))->data)->seal.size(), 2600u);
  EXPECT_TRUE(refused(chmod("alice", {h, "plan", "alice", 1, {}}), Errc::usage, "owns"));
  EXPECT_TRUE(refused(chmod("alice", {h, "plan", "nobody", 1, {}}), Errc::not_found));
  EXPECT_TRUE(refused(chmod("alice", {h, "plan", "bob", 32, {}}), Errc::malformed));
  EXPECT_TRUE(refused(chmod("alice", {h, "plan", "bob", 1, Bytes(fs::kMaxSealBytes + 1)}), Errc::limit));
  ASSERT_TRUE(done(create("alice", h, "open", open_text("x"))));
  EXPECT_TRUE(refused(chmod("alice", {h, "open", "bob", 1, Bytes(10)}), Errc::wrong_type, "public"));
  folder("alice", h, "papers");
  EXPECT_TRUE(refused(chmod("alice", {h, "papers", "bob", 1, Bytes(10)}), Errc::wrong_type, "fs.ring"));
}

TEST_F(Files, folder_keys_go_from_epoch_to_epoch) {
  const auto h = home("alice");
  ASSERT_TRUE(done(ring("alice", h, 1, ring_for({"alice"})))) << "the first key of a home that genesis made";
  EXPECT_TRUE(refused(ring("bob", h, 1, ring_for({"bob"})), Errc::denied));
  ASSERT_TRUE(done(ring("alice", h, 1, ring_for({"alice", "bob"}))));
  EXPECT_TRUE(refused(ring("alice", h, 3, ring_for({"alice"})), Errc::conflict, "epoch 2"));
  ASSERT_TRUE(done(ring("alice", h, 2, ring_for({"alice"}))));
  EXPECT_TRUE(refused(ring("alice", h, 0, ring_for({"alice"})), Errc::malformed));
  auto empty = ring_for({});
  EXPECT_TRUE(refused(ring("alice", h, 3, empty), Errc::malformed, "nobody"));
  EXPECT_TRUE(refused(ring("alice", h, 3, fs::RingEpoch{}), Errc::malformed, "commitment"));
  EXPECT_TRUE(refused(ring("alice", h, 3, ring_for({"alice", "alice"})), Errc::malformed, "two envelopes"));
  auto r = ring_for({"alice"}, 1);
  r.under_parent.clear();
  EXPECT_TRUE(refused(ring("alice", h, 3, r), Errc::malformed));
  r = ring_for({"alice"});
  r.envelopes[0].box.assign(fs::kMaxEnvelopeBytes + 1, 0);
  EXPECT_TRUE(refused(ring("alice", h, 3, r), Errc::limit, "alice"));
  r.envelopes.assign(fs::kMaxEnvelopes + 1, {"bob", 1, Bytes(10)});
  EXPECT_TRUE(refused(ring("alice", h, 3, r), Errc::limit, "32"));
  EXPECT_TRUE(refused(ring("alice", fs::Id{9}, 1, ring_for({"alice"})), Errc::not_found));
}

TEST_F(Files, a_folder_keys_commitment_and_the_epoch_that_it_leads_to_are_judged) {
  const auto h = home("alice");
  ASSERT_TRUE(done(ring("alice", h, 1, ring_for({"alice"}))));
  auto r = ring_for({"alice", "bob"});
  r.commitment.bytes[5] ^= 1;
  EXPECT_TRUE(refused(ring("alice", h, 1, r), Errc::conflict, "another"));
  r.prior = Bytes(60, 1);
  EXPECT_TRUE(refused(ring("alice", h, 2, r), Errc::malformed, "earlier"));
  r.prior_epoch = 2;
  EXPECT_TRUE(refused(ring("alice", h, 2, r), Errc::malformed, "earlier"));
  r.prior_epoch = 1;
  ASSERT_TRUE(done(ring("alice", h, 2, r)));
  r.prior.clear();
  EXPECT_TRUE(refused(ring("alice", h, 3, r), Errc::malformed, "earlier"));
}

TEST_F(Files, folder_keys_have_a_bound_and_are_folded_from_the_newest_down) {
  const auto papers = folder("alice", home("alice"), "papers");
  ASSERT_TRUE(done(chmod("alice", {home("alice"), "papers", "bob", fs::kRead | fs::kWrite, {}})));
  for (std::uint32_t epoch = 2; epoch <= 70; ++epoch) ASSERT_TRUE(done(ring("bob", papers, epoch, ring_for({"bob"}))));
  EXPECT_TRUE(refused(fold("bob", papers, 3), Errc::denied, "bob may not remove keys of papers"));
  EXPECT_TRUE(refused(fold("alice", papers, 1), Errc::usage));
  EXPECT_TRUE(refused(fold("alice", papers, 71), Errc::not_found, "epoch 71"));
  EXPECT_TRUE(refused(fold("alice", papers, 70 - fs::kMaxFolded), Errc::limit, "64"));
  EXPECT_TRUE(done(fold("alice", papers, 71 - fs::kMaxFolded)));
  EXPECT_TRUE(m.at(fs::ring_key(papers, 6)));
  EXPECT_FALSE(m.at(fs::ring_key(papers, 7)));
  EXPECT_FALSE(m.at(fs::ring_key(papers, 70)));
  EXPECT_TRUE(done(fold("alice", papers, 2)));
  EXPECT_TRUE(done(ring("alice", papers, 2, ring_for({"alice"}))));
  EXPECT_TRUE(refused(ring("bob", papers, fs::kMaxRingEpochs + 1, ring_for({"bob"})), Errc::limit, "fs.fold"));
}

TEST_F(Files, who_may_read_and_write_may_renew_the_folder_key) {
  const auto papers = folder("alice", home("alice"), "papers");
  for (const std::uint8_t one : {fs::kWrite, fs::kRead}) {
    ASSERT_TRUE(done(chmod("alice", {home("alice"), "papers", "bob", one, {}})));
    EXPECT_TRUE(refused(ring("bob", papers, 2, ring_for({"bob"})), Errc::denied, "bob may not renew the key of papers"));
  }
  ASSERT_TRUE(done(chmod("alice", {home("alice"), "papers", "bob", fs::kRead | fs::kWrite, {}})));
  EXPECT_TRUE(done(ring("bob", papers, 2, ring_for({"alice", "bob"}))));
  EXPECT_TRUE(refused(ring("bob", papers, 2, ring_for({"bob"})), Errc::denied, "bob may not"));
  EXPECT_TRUE(refused(ring("carol", papers, 3, ring_for({"carol"})), Errc::denied));
}

TEST_F(Files, a_new_account_makes_its_home) {
  ASSERT_TRUE(done(
      m.call("alice", {Machine::absent(ledger::account_key("dave"))}, ledger::kIdModule, id::kNew, id::New{"dave", m.account("dave")})));
  const auto root_home = fs::new_id("home.", {});
  const auto id = home("dave");
  const AccessList access{Machine::latest(fs::entry_key(root_home, "dave")), Machine::latest(fs::directory_key(id)),
                          Machine::latest(fs::ring_key(id, 1)), Machine::reads(ledger::account_key("dave"))};
  const fs::Home args{"dave", ring_for({"dave"})};
  EXPECT_TRUE(refused(m.call("alice", access, ledger::kFsModule, fs::kHome, args), Errc::denied, "only dave"));
  m.also = {"dave"};
  ASSERT_TRUE(done(m.call("alice", access, ledger::kFsModule, fs::kHome, args))) << "dave agreed, alice pays";
  m.also.clear();
  EXPECT_EQ(entry(root_home, "dave").id, id);
  EXPECT_EQ(entry(root_home, "dave").owner, "dave");
  m.also = {"dave"};
  EXPECT_TRUE(refused(m.call("alice", access, ledger::kFsModule, fs::kHome, args), Errc::conflict, "dave exists"));
}

TEST_F(Files, a_bare_key_makes_account_and_home_in_one_transaction) {
  const auto root_home = fs::new_id("home.", {});
  const auto id = home("dave");
  m.bare_key = "dave";
  auto s = m.transaction(ledger::Sender{ledger::KeySender{m.key("dave").public_key()}},
                         {Machine::absent(ledger::account_key("dave")), Machine::absent(fs::entry_key(root_home, "dave")),
                          Machine::absent(fs::directory_key(id)), Machine::absent(fs::ring_key(id, 1))});
  const auto literal = [](Bytes b) { return std::vector<std::variant<ledger::Literal, ledger::ResultOf>>{ledger::Literal{std::move(b)}}; };
  s.tx.calls.push_back({ledger::kIdModule, id::kNew, literal(codec::encode(id::New{"dave", m.account("dave")}))});
  s.tx.calls.push_back({ledger::kFsModule, fs::kHome, literal(codec::encode(fs::Home{"dave", ring_for({"dave"})}))});
  ASSERT_TRUE(done(m.run(std::move(s), {})));
  m.bare_key.clear();
  EXPECT_EQ(entry(root_home, "dave").owner, "dave");
  EXPECT_TRUE(m.at(ledger::account_key("dave")));
}

TEST_F(Files, genesis_homes_belong_to_their_accounts) {
  EXPECT_EQ(entry(fs::kRoot, "home").id, fs::new_id("home.", {}));
  EXPECT_TRUE(refused(create("bob", home("alice"), "x", sealed()), Errc::denied));
  EXPECT_TRUE(refused(rmdir("alice", fs::kRoot, "home"), Errc::denied));
}

}  // namespace
}  // namespace dos::modules
