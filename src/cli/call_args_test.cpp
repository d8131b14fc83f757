#include "cli/call_args.hpp"

#include <gtest/gtest.h>

#include "base/text.hpp"
#include "client/files/folder_keys.hpp"
#include "client/home/private_file.hpp"
#include "client/test_places.hpp"
#include "client/trust/json_text.hpp"
#include "modules/fs/calls.hpp"
#include "modules/fs/new_id.hpp"
#include "modules/id/calls.hpp"

namespace dos::cli {
namespace {

const std::string kId(32, '3'), kHash(64, '4');

fs::Id id_of(std::uint8_t b) {
  fs::Id id;
  id.fill(b);
  return id;
}

// A state in which entries are files of id 55.. with revision 2, and the folders 33.. and 77.. lie in the root. box, new.txt and
// dave are not there; gone.txt was removed.
CallSetting setting() {
  CallSetting s;
  s.sender = "me";
  s.source.now = TimeMs{1'000'000};
  s.source.at_path = [](const std::string& path) -> Result<fs::Id> {
    if (path == "/nowhere") return fail(Errc::not_found, path);
    return id_of(0x77);
  };
  s.find = [](BytesView key) -> Result<std::optional<client::StoredObject>> {
    const auto absent = std::optional<client::StoredObject>();
    for (const auto* fresh : {"box", "new.txt", "dave"})
      if (as_text(key).ends_with(fresh)) return absent;
    if (ledger::key_module(key) != ledger::kFsModule) return client::StoredObject{Version{9}, {}};
    if ((key[2] == 'e' && !as_text(key).ends_with("gone.txt")) || (key[2] == 't' && key.back() == 77)) {
      fs::EntryMeta meta;
      meta.id = id_of(0x55);
      meta.revision = 2;
      return client::StoredObject{Version{9}, codec::encode(meta)};
    }
    if (equal(key, fs::directory_key(id_of(0x33))) || equal(key, fs::directory_key(id_of(0x77))))
      return client::StoredObject{Version{8}, codec::encode(fs::DirectoryMeta{})};
    return absent;
  };
  return s;
}

Result<client::Draft> draft(std::string_view name, const std::vector<std::string>& args) {
  return draft_call(*find_call(name), args, setting());
}

const std::string kContent =
    R"({"where":{"inline":"616263"},"commit":")" + kHash + R"(","public":true,"bytes":3,"sealed_size":"","seal":""})";
const std::string kRing =
    R"({"parent_epoch":0,"under_parent":"","envelopes":[{"account":"bob","key_epoch":1,"box":"base64:AQID"}],"parent":")" + kId +
    R"(","prior":"","prior_epoch":0,"commitment":")" + kHash + R"("})";

const std::map<std::string, std::vector<std::string>>& samples() {
  static const std::string account =
      R"({"permissions":[{"name":"owner","threshold":1,"keys":[{"key":{"type":4,"bytes":")" + std::string(64, 'a') +
      R"("},"weight":1}],"accounts":[{"account":"bob","permission":"active","weight":2}]}],"encryption":[{"epoch":1,"key":{"type":2,"bytes":")" +
      kHash + R"("}}],"development":false})";
  static const std::map<std::string, std::vector<std::string>> all = {
      {"fs.mkdir", {"/home/me", "box", kHash, kRing}},
      {"fs.rmdir", {kId, "old"}},
      {"fs.create", {kId, "new.txt", kHash, "1", kContent, "none", "+30d"}},
      {"fs.write", {kId, "plan.txt", "2", "2", kContent, R"({"file":")" + kId + R"(","revision":7})", "5000000"}},
      {"fs.delete", {kId, "plan.txt"}},
      {"fs.chmod", {kId, "plan.txt", "bob", "1", ""}},
      {"fs.rename", {kId, "plan.txt", "/home", "new.txt", "none"}},
      {"fs.undelete", {kId, "gone.txt", "77"}},
      {"fs.ring", {kId, "2", kRing}},
      {"fs.home", {"dave", kRing}},
      {"fs.fold", {kId, "2"}},
      {"id.new", {"dave", account}},
      {"id.rotate", {"dave", account}},
      {"msg.send", {"bob", kId, "1", "256", "0x0102"}},
      {"msg.take", {"00046d626f6200"}},
      {"credit.pay", {"me", "bob", "1.5"}},
      {"credit.faucet", {"me", "10"}}};
  return all;
}

TEST(Calls, are_found_by_name_and_number) {
  EXPECT_EQ(find_call("credit.pay")->row.number, 0xC0);
  EXPECT_EQ(find_call("3C")->row.name, "create");
  EXPECT_EQ(find_call("0x3C")->row.name, "create");
  EXPECT_EQ(find_call("no.such").error().code, Errc::no_such_call);
}

TEST(Calls, every_row_of_every_module_can_be_made_from_text) {
  for (const auto& c : all_calls()) {
    const auto sample = samples().find(c.full_name());
    ASSERT_NE(sample, samples().end()) << c.full_name();
    const auto made = draft_call(c, sample->second, setting());
    ASSERT_TRUE(made) << c.full_name() << ": " << made.error().detail;
    EXPECT_EQ(made->calls(), 1u);
    EXPECT_TRUE(parse_fields(c.row.returns, c.records)) << c.full_name();
  }
}

template <class T>
T argument(std::string_view call) {
  const auto made = draft(call, samples().at(std::string(call)));
  EXPECT_TRUE(made) << call;
  const auto decoded = codec::decode<T>(std::get<ledger::Literal>(made->tx.calls[0].args[0]).bytes, "arguments");
  EXPECT_TRUE(decoded) << call;
  return decoded.value_or(T{});
}

TEST(Calls, records_are_described_as_their_structs_are_encoded) {
  const auto mkdir = argument<fs::Mkdir>("fs.mkdir");
  EXPECT_EQ(mkdir.dir, id_of(0x77));
  ASSERT_TRUE(mkdir.ring);
  EXPECT_EQ(mkdir.ring->envelopes.at(0).account, "bob");
  EXPECT_EQ(mkdir.ring->envelopes.at(0).box, (Bytes{1, 2, 3}));
  EXPECT_EQ(mkdir.ring->parent, id_of(0x33));
  const auto create = argument<fs::Create>("fs.create");
  EXPECT_EQ(std::get<Bytes>(create.content.where), to_bytes(std::string_view("abc")));
  EXPECT_TRUE(create.content.is_public);
  EXPECT_EQ(create.paid_until.value, 1'000'000u + 30ull * 86'400'000);
  EXPECT_FALSE(create.source);
  EXPECT_EQ(argument<fs::Write>("fs.write").source->revision, 7u);
  const auto fresh = argument<id::New>("id.new");
  EXPECT_EQ(fresh.account.permissions.at(0).accounts.at(0).weight, 2);
  EXPECT_EQ(fresh.account.encryption.at(0).key.type, crypto::BoxType::x25519);
  (void)argument<fs::Rmdir>("fs.rmdir"), (void)argument<fs::Chmod>("fs.chmod"), (void)argument<fs::Rename>("fs.rename");
  (void)argument<fs::Undelete>("fs.undelete"), (void)argument<fs::Ring>("fs.ring"), (void)argument<fs::Home>("fs.home");
}

TEST(Calls, accesses_follow_from_arguments_and_from_what_is_there) {
  const auto pay = draft("credit.pay", samples().at("credit.pay"));
  for (const auto& key : {ledger::purse_key("me"), ledger::purse_key("bob"), ledger::account_key("bob")}) EXPECT_TRUE(pay->declares(key));
  const auto write = draft("fs.write", samples().at("fs.write"));
  EXPECT_TRUE(write->declares(fs::entry_key(id_of(0x33), "plan.txt")));
  EXPECT_TRUE(write->declares(fs::revision_key(id_of(0x55), 3)));
  EXPECT_TRUE(write->declares(fs::revision_key(id_of(0x33), 7))) << "the source";
  EXPECT_TRUE(write->declares(fs::directory_key(id_of(0x33))));
  EXPECT_TRUE(write->declares(fs::directory_key(fs::kRoot))) << "rights come from the folders above";
  EXPECT_TRUE(draft("fs.delete", samples().at("fs.delete"))->declares(fs::removed_key(id_of(0x33), "plan.txt", Version{9})));
  Hash salt;
  salt.bytes.fill(0x44);
  EXPECT_TRUE(draft("fs.create", samples().at("fs.create"))->declares(fs::taken_key(fs::new_id("me", salt))));
}

TEST(Calls, what_is_to_be_made_must_not_be_there) {
  EXPECT_EQ(draft("fs.mkdir", {kId, "plan.txt", kHash, "none"}).error().code, Errc::conflict);
  EXPECT_EQ(draft("fs.undelete", {kId, "gone.txt", "78"}).error().code, Errc::not_found);
}

TEST(Calls, more_accesses_are_declared_in_the_notation_of_the_table) {
  auto s = setting();
  s.accesses = "read 'd' {dir}; latest 0x00037a01; read id. 'a' {sender}";
  const auto made = draft_call(*find_call("fs.delete"), {kId, "x"}, s);
  ASSERT_TRUE(made);
  EXPECT_TRUE(made->declares(Bytes{0, 3, 'z', 1}));
  EXPECT_TRUE(made->declares(ledger::account_key("me")));
  for (const auto* wrong : {"touch 'd'", "read", "read {nothing}", "read plain", "debit 'p' {dir}", "latest 0x0g"}) {
    s.accesses = wrong;
    EXPECT_EQ(draft_call(*find_call("fs.delete"), {kId, "x"}, s).error().code, Errc::usage) << wrong;
  }
}

TEST(Calls, an_error_names_the_argument_and_its_type) {
  const auto says = [](std::string_view call, std::size_t index, const std::string& text) {
    auto args = samples().at(std::string(call));
    args[index] = text;
    const auto made = draft(call, args);
    return made ? "nothing" : made.error().detail;
  };
  EXPECT_EQ(says("credit.pay", 2, "lots"), "amount (credits): 'lots' is no amount, like 12.5");
  EXPECT_EQ(says("fs.write", 2, "4294967296"), "base (u32): 4294967296 does not fit into 32 bits");
  EXPECT_EQ(says("fs.write", 3, "256"), "op (u8): 256 does not fit into 8 bits");
  EXPECT_EQ(says("fs.write", 2, "-1"), "base (u32): '-1' is no whole number");
  EXPECT_EQ(says("fs.rmdir", 0, "33"), "dir (id): has 1 bytes; 16 are needed");
  EXPECT_EQ(says("fs.rmdir", 0, "xyz"), "dir (id): 'xyz' is neither hex, base64:TEXT nor @FILE, nor a /path");
  EXPECT_EQ(says("fs.chmod", 2, "Bob"), "who (name): 'Bob' is no account name");
  EXPECT_EQ(says("fs.chmod", 4, "base64:A"), "seal (bytes): what follows base64: is not base64");
  EXPECT_EQ(says("fs.create", 4, "{"), "content (struct Content): is not JSON");
  EXPECT_EQ(says("fs.create", 4, "{}"), "content (struct Content): the field 'where' is missing");
  EXPECT_EQ(says("fs.create", 4, R"({"where":{"outside":""}})"),
            "content.where (one<inline:bytes|blob:struct BlobRef>): a JSON object with just one of inline or blob is needed");
  EXPECT_EQ(says("fs.ring", 2, R"({"parent_epoch":-1})"), "ring.parent_epoch (u32): text or a number in JSON is needed");
  EXPECT_EQ(says("fs.write", 5, R"({"file":")" + kId + R"(","revision":1,"more":2})"), "source (struct Source): there is no field 'more'");
  EXPECT_EQ(says("fs.rmdir", 0, "/nowhere"), "/nowhere");
  EXPECT_EQ(draft("msg.take", {""}).error().detail, "access 'exact {key}': no object has a key of 0 bytes");
  EXPECT_NE(draft("credit.pay", {"me"}).error().detail.find("takes 3 arguments, 1 were given: from:name to:name amount:credits"),
            std::string::npos);
}

TEST(Calls, a_deep_or_large_argument_is_refused_inline_and_from_a_file) {
  client::TestPlaces home;
  const auto file = home.base / "argument";
  const auto says = [&](const std::string& text) {
    auto args = samples().at("fs.create");
    args[4] = text;
    const auto inline_one = draft("fs.create", args);
    EXPECT_TRUE(client::write_private(file, as_bytes(text)));
    args[4] = "@" + file.string();
    const auto of_file = draft("fs.create", args);
    if (inline_one || of_file) return std::string("nothing");
    EXPECT_EQ(inline_one.error().detail, of_file.error().detail);
    return of_file.error().detail;
  };
  const auto nested = [](std::size_t n) { return std::string(n, '[') + std::string(n, ']'); };
  EXPECT_EQ(says(nested(client::kMaxJsonDepth)), "content (struct Content): a JSON object is needed");
  EXPECT_EQ(says(nested(client::kMaxJsonDepth + 1)), "content (struct Content): nests arrays and objects deeper than 32");
  EXPECT_EQ(says(nested(500'000)), "content (struct Content): nests arrays and objects deeper than 32");
  EXPECT_EQ(says(std::string(500'000, '[')), "content (struct Content): nests arrays and objects deeper than 32");
  EXPECT_EQ(says("{\"where\":1,\"where\":2}"), "content (struct Content): names a member twice");
}

TEST(Calls, a_byte_of_a_pattern_may_be_a_blank_or_a_semicolon) {
  auto s = setting();
  s.accesses = "read ' ' {dir};latest ';' {dir}";
  const auto made = draft_call(*find_call("fs.delete"), {kId, "x"}, s);
  ASSERT_TRUE(made) << made.error().detail;
  for (const char c : {' ', ';'}) {
    auto key = ledger::module_key(ledger::kFsModule);
    key.push_back(std::uint8_t(c));
    append(key, id_of(0x33));
    EXPECT_TRUE(made->declares(key)) << c;
  }
}

TEST(Calls, results_are_shown_by_the_names_of_the_row) {
  EXPECT_EQ(show_returns(*find_call("fs.create"), id_of(0x55)).value()["id"], std::string(32, '5'));
  EXPECT_EQ(show_returns(*find_call("fs.write"), Bytes{3, 0, 0, 0}).value()["revision"], 3);
  EXPECT_EQ(show_returns(*find_call("msg.send"), Bytes{2, 0xab, 0xcd}).value()["key"], "abcd");
  EXPECT_FALSE(show_returns(*find_call("fs.write"), Bytes{3, 0, 0}));
  EXPECT_FALSE(show_returns(*find_call("fs.write"), Bytes{3, 0, 0, 0, 0}));
}

TEST(Calls, a_result_that_is_not_its_one_encoding_is_not_shown) {  // a dry run's is the word of one node
  const auto shown = [](std::string_view type, const Bytes& bytes) {
    codec::Decoder in(bytes);
    return show_value(parse_fields("x:" + std::string(type), {}).value()[0].type, in);
  };
  EXPECT_EQ(shown("str", {2, 0xc3, 0xa9}).value(), "é");
  EXPECT_FALSE(shown("str", {1, 0xff})) << "no JSON can hold it";
  EXPECT_FALSE(shown("list<name>", {1, 2, 'a', 0x80}));
  EXPECT_EQ(shown("bool", {1}).value(), true);
  EXPECT_FALSE(shown("bool", {2}));
  EXPECT_FALSE(shown("opt<u8>", {2, 7}));
}

}  // namespace
}  // namespace dos::cli
