#include "modules/tests/fs_driver.hpp"

namespace dos::modules {
namespace {

TEST_F(Files, a_file_has_an_entry_a_revision_and_an_id_for_ever) {
  const auto r = create("alice", home("alice"), "plan.txt", sealed());
  ASSERT_TRUE(done(r));
  EXPECT_LE(r.gas.value, fs::kCalls[2].gas) << "gas bound of the call table";
  const auto e = entry(home("alice"), "plan.txt");
  EXPECT_EQ(*codec::decode<fs::Id>(r.returns[0]), e.id);
  EXPECT_EQ(e.owner, "alice");
  EXPECT_EQ(e.revision, 1u);
  EXPECT_EQ(e.bytes, 50u);
  EXPECT_EQ(e.modified, m.now);
  EXPECT_EQ(e.hash, crypto::hash(crypto::domain::kData, std::get<Bytes>(sealed().where)));
  const auto rev = m.meta<fs::RevisionMeta>(fs::revision_key(e.id, 1));
  ASSERT_TRUE(rev);
  EXPECT_EQ(rev->by, "alice");
  EXPECT_EQ(rev->hash, e.hash);
  EXPECT_TRUE(m.at(fs::taken_key(e.id)));
  EXPECT_GT(r.rent.value, 0u);
}

TEST_F(Files, public_files_have_no_seal) {
  ASSERT_TRUE(done(create("alice", home("alice"), "readme", open_text("hello"))));
  EXPECT_TRUE(entry(home("alice"), "readme").is_public);
  auto c = open_text("hello");
  c.seal = Bytes(10);
  EXPECT_TRUE(refused(create("alice", home("alice"), "a", c), Errc::malformed, "seal"));
  c = open_text("hello");
  c.bytes = 4;
  EXPECT_TRUE(refused(create("alice", home("alice"), "a", c), Errc::malformed, "5 bytes"));
  EXPECT_TRUE(done(create("alice", home("alice"), "empty", open_text(""))));
}

TEST_F(Files, content_that_does_not_fit_is_refused) {
  const auto h = home("alice");
  auto c = sealed();
  c.seal.clear();
  EXPECT_TRUE(refused(create("alice", h, "a", c), Errc::limit, "seal"));
  c.seal.assign(fs::kMaxSealBytes + 1, 0);
  EXPECT_TRUE(refused(create("alice", h, "a", c), Errc::limit, "seal"));
  c = sealed();
  c.sealed_size.assign(fs::kMaxSealedSizeBytes + 1, 0);
  EXPECT_TRUE(refused(create("alice", h, "a", c), Errc::limit, "sealed size"));
  c = sealed();
  c.bytes = 101;
  EXPECT_TRUE(refused(create("alice", h, "a", c), Errc::malformed));
  c = sealed();
  c.commit = {};
  EXPECT_TRUE(refused(create("alice", h, "a", c), Errc::malformed, "commitment"));
  EXPECT_TRUE(done(create("alice", h, "edge", sealed(kInlineContentBytes))));
  EXPECT_TRUE(refused(create("alice", h, "a", sealed(kInlineContentBytes + 1)), Errc::limit, "4096"));
}

TEST_F(Files, names_are_checked) {
  const auto h = home("alice");
  for (const char* name : {"", ".", "..", "a/b", "a\nb", "\x7f"})
    EXPECT_TRUE(refused(create("alice", h, name, sealed()), Errc::bad_name)) << name;
  EXPECT_TRUE(refused(create("alice", h, std::string(256, 'a'), sealed()), Errc::bad_name));
  EXPECT_TRUE(done(create("alice", h, std::string(255, 'a'), sealed())));
  EXPECT_TRUE(done(create("alice", h, "Grüße an alle.txt", sealed())));
}

TEST_F(Files, a_name_is_created_once_and_a_salt_used_once) {
  const auto h = home("alice");
  fs::Create a{h, "one", next_salt(), fs::Op::create, sealed(), {}, a_year()};
  ASSERT_TRUE(done(create("alice", a)));
  EXPECT_TRUE(refused(create("alice", h, "one", sealed()), Errc::conflict, "one exists"));
  a.name = "two";
  EXPECT_TRUE(refused(create("alice", a), Errc::conflict, "salt"));
}

TEST_F(Files, rent_is_paid_ahead_within_limits) {
  fs::Create a{home("alice"), "one", next_salt(), fs::Op::create, sealed(), {}, m.now};
  EXPECT_TRUE(refused(create("alice", a), Errc::usage, "past"));
  a.paid_until = TimeMs{m.now.value + fs::kMaxPaidMs + 2000};
  EXPECT_TRUE(refused(create("alice", a), Errc::limit, "100 years"));
  a.paid_until = kPermanent;
  EXPECT_TRUE(refused(create("alice", a), Errc::limit));
  a.paid_until = a_year();
  a.op = fs::Op::write;
  EXPECT_TRUE(refused(create("alice", a), Errc::usage));
}

TEST_F(Files, a_blob_needs_storage_receipts_or_a_live_source) {
  const auto h = home("alice");
  const auto c = blob(1 << 20);
  EXPECT_TRUE(refused(create("alice", h, "big", c), Errc::not_stored));
  m.stored = {std::get<ledger::BlobRef>(c.where)};
  ASSERT_TRUE(done(create("alice", h, "big", c)));
  const auto other = blob(1 << 20, 2);
  EXPECT_TRUE(refused(create("alice", h, "other", other), Errc::not_stored));
  m.stored.clear();

  const fs::Source source{entry(h, "big").id, 1};
  auto copy = c;
  copy.seal = Bytes(300, 8);
  ASSERT_TRUE(done(create("alice", h, "copy", copy, source, fs::Op::copy)));
  EXPECT_TRUE(refused(create("alice", h, "lie", other, source, fs::Op::copy), Errc::conflict, "another content"));
  EXPECT_TRUE(refused(create("alice", h, "lie", copy, fs::Source{source.file, 7}, fs::Op::copy), Errc::not_found, "7"));
}

TEST_F(Files, blobs_pay_rent_for_their_bytes) {
  const auto small = create("alice", home("alice"), "small", sealed());
  const auto c = blob(10 << 20);
  m.stored = {std::get<ledger::BlobRef>(c.where)};
  const auto big = create("alice", home("alice"), "big", c);
  ASSERT_TRUE(done(big));
  EXPECT_GT(big.rent.value, 9 * kMicroPerCredit);
  EXPECT_LT(small.rent.value, kMicroPerCredit);
}

TEST_F(Files, revisions_follow_one_another) {
  const auto h = home("alice");
  ASSERT_TRUE(done(create("alice", h, "plan", sealed())));
  const auto r = write("alice", h, "plan", 1, sealed(80, 2));
  ASSERT_TRUE(done(r));
  EXPECT_EQ(*codec::decode<std::uint32_t>(r.returns[0]), 2u);
  EXPECT_EQ(entry(h, "plan").revision, 2u);
  EXPECT_EQ(entry(h, "plan").bytes, 40u);
  EXPECT_TRUE(m.at(fs::revision_key(entry(h, "plan").id, 1)));
  EXPECT_TRUE(refused(write("alice", h, "plan", 1, sealed()), Errc::conflict, "revision 2, not 1"));
  EXPECT_TRUE(refused(write("alice", h, "plan", 3, sealed()), Errc::conflict));
  EXPECT_TRUE(refused(write("alice", h, "none", 1, sealed()), Errc::not_found, "none"));
  EXPECT_TRUE(refused(write("alice", home("alice"), "plan", 2, sealed(), {}, fs::Op::create), Errc::usage));
  const auto back = write("alice", h, "plan", 2, sealed(), fs::Source{entry(h, "plan").id, 1}, fs::Op::restore);
  ASSERT_TRUE(done(back));
  EXPECT_EQ(m.meta<fs::RevisionMeta>(fs::revision_key(entry(h, "plan").id, 3))->op, fs::Op::restore);
}

TEST_F(Files, a_removed_file_comes_back_with_its_history) {
  const auto h = home("alice");
  ASSERT_TRUE(done(create("alice", h, "plan", sealed())));
  const auto version = m.at(fs::entry_key(h, "plan"))->version;
  const auto id = entry(h, "plan").id;
  EXPECT_TRUE(refused(remove("bob", h, "plan"), Errc::denied, "bob may not delete plan"));
  ASSERT_TRUE(done(remove("alice", h, "plan")));
  EXPECT_FALSE(is_there(h, "plan"));
  EXPECT_TRUE(m.at(fs::removed_key(h, "plan", version)));
  EXPECT_TRUE(m.at(fs::revision_key(id, 1)));
  EXPECT_TRUE(refused(remove("alice", h, "plan"), Errc::not_found));
  EXPECT_TRUE(refused(undelete("bob", h, "plan", version), Errc::denied));
  ASSERT_TRUE(done(undelete("alice", h, "plan", version)));
  EXPECT_EQ(entry(h, "plan").id, id);
  EXPECT_FALSE(m.at(fs::removed_key(h, "plan", version)));
  EXPECT_TRUE(refused(undelete("alice", h, "plan", version), Errc::not_found));
}

TEST_F(Files, undelete_does_not_overwrite) {
  const auto h = home("alice");
  ASSERT_TRUE(done(create("alice", h, "plan", sealed())));
  const auto version = m.at(fs::entry_key(h, "plan"))->version;
  ASSERT_TRUE(done(remove("alice", h, "plan")));
  ASSERT_TRUE(done(create("alice", h, "plan", sealed())));
  EXPECT_TRUE(refused(undelete("alice", h, "plan", version), Errc::conflict, "plan exists"));
}

TEST_F(Files, moving_keeps_id_and_history) {
  const auto h = home("alice");
  const auto to = folder("alice", h, "papers");
  ASSERT_TRUE(done(create("alice", h, "plan", sealed())));
  const auto id = entry(h, "plan").id;
  auto content = sealed();
  content.seal = Bytes(64, 7);
  content.sealed_size = Bytes(40, 7);
  ASSERT_TRUE(done(rename("alice", {h, "plan", to, "plan v2", content})));
  EXPECT_FALSE(is_there(h, "plan"));
  EXPECT_EQ(entry(to, "plan v2").id, id);
  EXPECT_EQ(codec::decode<fs::Content>(m.at(fs::revision_key(id, 1))->data)->seal, content.seal);
  EXPECT_EQ(entry(to, "plan v2").sealed_size, content.sealed_size);
  content.commit.bytes[1] = 1;
  EXPECT_TRUE(refused(rename("alice", {to, "plan v2", h, "plan", content}), Errc::conflict, "seal only"));
  EXPECT_TRUE(refused(rename("alice", {to, "plan v2", to, "plan v2", {}}), Errc::usage));
  ASSERT_TRUE(done(create("alice", h, "plan", sealed())));
  EXPECT_TRUE(refused(rename("alice", {to, "plan v2", h, "plan", {}}), Errc::conflict, "plan exists"));
  EXPECT_TRUE(refused(rename("bob", {to, "plan v2", home("bob"), "mine", {}}), Errc::denied, "bob may not move"));
  EXPECT_TRUE(refused(rename("alice", {to, "plan v2", home("bob"), "yours", {}}), Errc::denied, "alice may not create"));
}

TEST_F(Files, another_seal_on_the_way_needs_the_right_to_write) {
  const auto h = home("alice");
  ASSERT_TRUE(done(create("alice", h, "plan", sealed())));
  ASSERT_TRUE(done(chmod("alice", {h, "plan", "bob", fs::kDelete, {}})));
  auto garbage = sealed();
  garbage.seal = Bytes(64, 7);
  EXPECT_TRUE(refused(rename("bob", {h, "plan", home("bob"), "mine", garbage}), Errc::denied, "bob may not reseal plan"));
  ASSERT_TRUE(done(chmod("alice", {h, "plan", "bob", fs::kDelete | fs::kWrite, {}})));
  EXPECT_TRUE(done(rename("bob", {h, "plan", home("bob"), "mine", garbage})));
}

TEST_F(Files, an_undeclared_object_is_ACCESS) {
  const auto h = home("alice");
  const fs::Create a{h, "one", next_salt(), fs::Op::create, sealed(), {}, a_year()};
  const auto id = fs::new_id("alice", a.salt);
  EXPECT_TRUE(refused(
      m.call("alice",
             {Machine::absent(fs::entry_key(h, "one")), Machine::absent(fs::taken_key(id)), Machine::absent(fs::revision_key(id, 1))},
             ledger::kFsModule, fs::kCreate, a),
      Errc::access));
}

TEST_F(Files, one_directory_read_is_enough_when_it_grants) {
  const auto h = home("alice");
  const fs::Create a{h, "one", next_salt(), fs::Op::create, sealed(), {}, a_year()};
  const auto id = fs::new_id("alice", a.salt);
  EXPECT_TRUE(done(m.call("alice",
                          {Machine::absent(fs::entry_key(h, "one")), Machine::absent(fs::taken_key(id)),
                           Machine::absent(fs::revision_key(id, 1)), Machine::reads(fs::directory_key(h))},
                          ledger::kFsModule, fs::kCreate, a)));
}

}  // namespace
}  // namespace dos::modules
