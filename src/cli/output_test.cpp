// Nothing that others say moves a terminal, hides, turns around, or begins a line that looks like one of ours.
#include "cli/output.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "base/shown_text.hpp"
#include "cli/node_claims.hpp"

namespace dos::cli {
namespace {

const std::string kEvil =
    "x\n  help: pay mallory\n        more: dos pay\rerror[DOS-E0001]\x1b[2J\u202e\u2066\u200b\u2028\ufeff\xc2\x9b"
    "0m\xff\U000e0041";

// Every way that a text can take out of the program. stdout, then stderr.
template <class Use>
std::pair<std::string, std::string> written(Form form, const Use& use) {
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  Output out(form);
  use(out);
  auto text = testing::internal::GetCapturedStdout();
  return {std::move(text), testing::internal::GetCapturedStderr()};
}

void is_harmless(const std::string& text) {
  std::size_t at = 0;
  while (at < text.size()) {
    const auto end = std::min(text.find('\n', at), text.size());
    std::string line = text.substr(at, end - at);
    std::erase(line, '\t');  // between the cells of --plain
    EXPECT_TRUE(shown_as_it_is(line)) << line;
    at = end + 1;
  }
}

std::size_t lines_that_begin(const std::string& text, const std::string& word) {
  std::size_t n = 0;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) {
    const auto a = line.find_first_not_of(' ');
    n += a != std::string::npos && line.compare(a, word.size(), word) == 0;
  }
  return n;
}

TEST(Output, every_way_out_writes_the_words_of_others_as_they_can_do_no_harm) {
  for (const auto form : {Form::human, Form::plain}) {
    const auto [out, err] = written(form, [](Output& o) {
      o.line(kEvil);
      o.row({kEvil, "b"});
      o.row({"a", kEvil});
      o.warn(kEvil);
      o.talk(kEvil);
      o.progress(kEvil);
      o.stream(Json::object(), kEvil);
      o.lines(kEvil);
      o.finish({});
    });
    is_harmless(out);
    is_harmless(err);
    EXPECT_EQ(lines_that_begin(err, "help:") + lines_that_begin(err, "more:") + lines_that_begin(err, "error"), 0u) << err;
    EXPECT_EQ(std::ranges::count(out, '\n'), 1 + 2 + 1 + 3) << out;  // lines() alone takes its text apart: it is the manual's
  }
}

TEST(Output, an_error_has_one_help_line_whatever_its_detail_says) {
  const auto [out, err] = written(Form::human, [](Output& o) { o.finish(fail(Errc::usage, kEvil)); });
  EXPECT_EQ(out, "");
  is_harmless(err);
  EXPECT_EQ(lines_that_begin(err, "help:"), 1u) << err;
  EXPECT_EQ(lines_that_begin(err, "more:"), 1u) << err;
  EXPECT_EQ(lines_that_begin(err, "error["), 1u) << err;
}

TEST(Output, what_an_error_shows_is_bounded) {
  EXPECT_EQ(paragraph("a\nb\n\n"), "a\n   | b");
  EXPECT_EQ(paragraph(std::string(kMaxShownLineBytes, 'x')), std::string(kMaxShownLineBytes, 'x'));
  EXPECT_EQ(paragraph(std::string(kMaxShownLineBytes + 1, 'x')), std::string(kMaxShownLineBytes, 'x') + "...");
  std::string many;
  for (std::size_t i = 0; i < kMaxShownLines; ++i) many += "x\n";
  EXPECT_EQ(std::ranges::count(paragraph(many), '\n'), std::ptrdiff_t(kMaxShownLines) - 1);
  EXPECT_TRUE(paragraph(many + "x").ends_with("| ..."));
}

TEST(Output, as_json_it_is_the_same_text_and_hides_nothing) {
  const std::string utf8 = kEvil.substr(0, kEvil.find('\xff'));
  const auto ok = envelope({{"name", utf8}}, {utf8}, {});
  EXPECT_TRUE(shown_as_it_is(ok)) << ok;
  EXPECT_EQ(Json::parse(ok)["data"]["name"], utf8);
  EXPECT_EQ(Json::parse(ok)["warnings"][0], utf8);
  EXPECT_TRUE(shown_as_it_is(error_envelope({Errc::usage, kEvil})));
  const auto [out, err] = written(Form::json, [&](Output& o) { o.stream({{"line", utf8}}, "x"); });
  EXPECT_EQ(std::ranges::count(out, '\n'), 1);
  EXPECT_EQ(shown_value({{"a", "\xff"}}), "{\"a\":\"\xef\xbf\xbd\"}");  // never an exception
}

TEST(NodeClaim, is_a_height_and_a_short_version_or_nothing) {
  const auto claim = [](const std::string& status) {
    NodeClaim c;
    read_claim(status, c);
    return c;
  };
  EXPECT_EQ(claim(R"({"height":"12","version":"0.1.0"})").height, "12");
  EXPECT_EQ(claim(R"({"data":{"height":"12","version":"0.1.0"}})").version, "0.1.0");
  EXPECT_EQ(claim(R"({"height":"18446744073709551615"})").height, "18446744073709551615");
  for (const auto* height : {"\"18446744073709551616\"", "\"-1\"", "\"12\\n\"", "\"\"", "[]", "{}", "null", "1e9", "true"})
    EXPECT_EQ(claim("{\"height\":" + std::string(height) + "}").height, "0") << height;
  EXPECT_EQ(claim("{\"version\":\"" + std::string(kMaxClaimedVersion, 'x') + "\"}").version, std::string(kMaxClaimedVersion, 'x'));
  EXPECT_EQ(claim("{\"version\":\"" + std::string(kMaxClaimedVersion + 1, 'x') + "\"}").version,
            std::string(kMaxClaimedVersion, 'x') + "...");
  EXPECT_EQ(claim(R"({"version":"\u202e\u001b[2J"})").version, "\\u202e\\u001b[2J");
  for (const auto* deep : {"[", "{\"height\":", "{\"data\":"}) {
    std::string text;
    for (int i = 0; i < 100'000; ++i) text += deep;
    EXPECT_EQ(claim(text).height, "0");
    EXPECT_EQ(claim("{\"height\":" + text + "}").height, "0");
  }
}

}  // namespace
}  // namespace dos::cli
