#include "cli/writes_view.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "client/trust/json_text.hpp"

namespace dos::cli {
namespace {

Hash id(std::uint8_t n) {
  Hash out;
  out.bytes.fill(n);
  return out;
}

std::string name(const char* two_digits) {
  std::string out = "tx:";
  for (int i = 0; i < 32; ++i) out += two_digits;
  return out;
}

client::Writes open_ones(std::uint8_t count) {
  client::Writes writes;
  for (std::uint8_t i = 1; i <= count; ++i) writes.open.push_back({id(i), TimeMs{60'000u + i}, {}});
  return writes;
}

TEST(LastWords, of_an_open_transaction_are_the_error_not_known_whether_it_is_final) {
  auto writes = open_ones(1);
  writes.final.push_back(id(0xaa));
  const auto words = last_words(writes, Form::human, false);
  EXPECT_EQ(words.out, "");
  EXPECT_EQ(words.err,
            "error[DOS-E0107]: Not known whether it is final\n   " + name("01") +
                " was handed in, and whether it is final is not known: this command was interrupted; 1 other transaction of this command "
                "is final. It can become final until 1970-01-01T00:01:00.001Z and not after. Do not repeat it before; look with: dos tx " +
                name("01") + "\n  help: " + error_row(Errc::unsettled).remedy + "\n        more: dos explain DOS-E0107\n");
  EXPECT_EQ(words.exit_code, 7);
}

TEST(LastWords, with_json_are_one_envelope_on_one_line) {
  auto writes = open_ones(6);
  writes.open[1].refused.push_back({"v1", {Errc::funds, "no\n  help: pay again\xff"}});
  writes.final = {id(0xaa), id(0xbb)};
  const auto words = last_words(writes, Form::json, false);
  EXPECT_EQ(words.exit_code, 7);
  ASSERT_TRUE(words.out.ends_with("\n"));
  EXPECT_EQ(std::ranges::count(words.out, '\n'), 1);
  const auto json = client::parse_json(as_bytes(words.out), words.out.size(), "an envelope");
  ASSERT_TRUE(json) << json.error().detail;
  EXPECT_EQ((*json)["ok"], false);
  const auto& error = (*json)["error"];
  EXPECT_EQ(error["code"], "DOS-E0107");
  EXPECT_EQ(error["retry"], false);
  const auto& data = error["data"];
  EXPECT_EQ(data["tx"], name("01"));
  EXPECT_EQ(data["valid_until"], "1970-01-01T00:01:00.006Z") << "of the last";
  EXPECT_EQ(data["transactions"][0]["valid_until"], "1970-01-01T00:01:00.001Z");
  EXPECT_EQ(data["transactions"].size(), 6u);
  EXPECT_EQ(data["transactions"][5]["tx"], name("06"));
  EXPECT_EQ(data["transactions"][1]["refused_by"][0]["node"], "v1");
  EXPECT_EQ(data["final"].size(), 2u);
  const auto detail = error["detail"].get<std::string>();
  EXPECT_NE(detail.find(" and 2 more were handed in"), std::string::npos) << detail;
  EXPECT_NE(detail.find("; 2 other transactions of this command are final"), std::string::npos) << detail;
  EXPECT_NE(detail.find("until 1970-01-01T00:01:00.006Z and not after"), std::string::npos) << "of the last: " << detail;
}

TEST(LastWords, of_what_is_final_are_a_line_beside_the_signal) {
  client::Writes writes;
  for (std::uint8_t i = 1; i <= 6; ++i) {
    writes.final.push_back(id(i));
    if (i != 1 && i != 6) continue;
    for (const auto form : {Form::human, Form::plain, Form::json}) {
      const auto words = last_words(writes, form, false);
      EXPECT_EQ(words.out, "");
      EXPECT_FALSE(words.exit_code);
      EXPECT_EQ(words.err, i == 1 ? "warning: interrupted, and not undone: " + name("01") + " is final\n"
                                  : "warning: interrupted, and not undone: " + name("01") + ", " + name("02") + ", " + name("03") + ", " +
                                        name("04") + " and 2 more are final\n");
    }
  }
}

TEST(LastWords, on_a_screen_take_the_place_of_a_line_that_is_half_written) {
  EXPECT_TRUE(last_words(open_ones(1), Form::human, true).err.starts_with("\r\x1b[Kerror[DOS-E0107]"));
  EXPECT_TRUE(last_words(open_ones(1), Form::json, true).out.starts_with("{"));
}

}  // namespace
}  // namespace dos::cli
