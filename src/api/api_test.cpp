#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>

#include "api/exchange.hpp"
#include "api/json_views.hpp"
#include "base/text.hpp"
#include "ledger/state_formats.hpp"

namespace dos::api {
namespace {

using Json = nlohmann::json;

TEST(Target, path_and_query_are_decoded_and_bad_escapes_refused) {
  const auto t = parse_target("/v1/files/a%20b/%C3%A4?list=1&after=x%2Fy");
  ASSERT_TRUE(t);
  EXPECT_EQ(t->path, (std::vector<std::string>{"v1", "files", "a b", "\xC3\xA4"}));
  EXPECT_TRUE(t->flag("list"));
  EXPECT_EQ(t->value("after"), "x/y");
  EXPECT_FALSE(t->flag("versions"));
  for (const char* bad : {"", "x", "/a%", "/a%2", "/a%zz", "/a//b", "/?a=%q"}) EXPECT_FALSE(parse_target(bad)) << bad;
  EXPECT_TRUE(parse_target("/"));
  std::string deep;
  for (int i = 0; i < 81; ++i) deep += "/a";
  EXPECT_FALSE(parse_target(deep));
}

TEST(Source, is_an_ipv4_address_or_an_ipv6_network_and_all_of_this_machine_is_one) {
  const auto mapped = [](std::uint8_t a, std::uint8_t d) { return ByteArray<16>{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, a, 0, 0, d}; };
  const auto v6 = [](std::uint8_t network, std::uint8_t host) {
    ByteArray<16> a{0x20, 1, 0xd, 0xb8};
    a[7] = network, a[15] = host;
    return a;
  };
  EXPECT_NE(source_of(mapped(10, 1)), source_of(mapped(10, 2)));
  EXPECT_EQ(source_of(v6(1, 1)), source_of(v6(1, 2)));
  EXPECT_NE(source_of(v6(1, 1)), source_of(v6(2, 1)));
  EXPECT_FALSE(source_of(v6(0, 1)).local());
  EXPECT_TRUE(source_of(mapped(127, 1)).local());
  EXPECT_TRUE(source_of(mapped(127, 9)).local());
  EXPECT_TRUE(source_of(Source::kLocal).local());
  EXPECT_FALSE(source_of(ByteArray<16>{}).local());
  EXPECT_EQ(Source{}, source_of(mapped(127, 1)));
}

TEST(Router, every_row_is_reached_by_its_own_pattern) {
  for (unsigned i = 0; i < routes().size(); ++i) {
    std::string target = routes()[i].pattern;
    for (auto at = target.find('{'); at != std::string::npos; at = target.find('{')) target.replace(at, target.find('}') - at + 1, "x");
    const auto m = match_route(routes()[i].method, parse_target(target)->path);
    ASSERT_TRUE(m.route) << target;
    EXPECT_EQ(*m.route, i) << target;
  }
}

TEST(Router, other_methods_name_those_that_fit) {
  const auto m = match_route("DELETE", {"v1", "transactions"});
  EXPECT_FALSE(m.route);
  EXPECT_EQ(m.allow, "POST");
  EXPECT_TRUE(match_route("DELETE", {"v2"}).allow.empty());
  EXPECT_TRUE(match_route("HEAD", {"healthz"}).route);
}

TEST(Problem, every_error_gives_a_document_with_its_code) {
  unsigned count = 0;
  const auto* rows = error_rows(count);
  ASSERT_GT(count, 40u);
  for (unsigned i = 0; i < count; ++i) {
    const auto r = problem(Error{rows[i].code, "what happened"}, "/v1/x");
    const auto j = Json::parse(r.body);
    EXPECT_EQ(r.type, "application/problem+json");
    EXPECT_EQ(j["status"], r.status);
    EXPECT_EQ(j["code"], error_name(rows[i].code));
    EXPECT_EQ(find_error(j["code"].get<std::string>()), &rows[i]);
    EXPECT_EQ(j["detail"], "what happened");
  }
  EXPECT_EQ(find_error("DOS-E9999"), nullptr);
  EXPECT_EQ(find_error("x"), nullptr);
}

TEST(OpenApi, the_committed_document_is_what_the_table_gives) {
  std::ifstream f(DOS_TEST_SOURCE "/abi/openapi.json", std::ios::binary);
  const std::string committed(std::istreambuf_iterator<char>(f), {});
  if (const char* bless = std::getenv("DOS_BLESS"); bless != nullptr && committed != openapi_document()) {
    std::ofstream(DOS_TEST_SOURCE "/abi/openapi.json", std::ios::binary) << openapi_document();
    return;
  }
  EXPECT_EQ(committed, openapi_document()) << "run ./dev bless if the routes were meant to change";
  const auto j = Json::parse(openapi_document());
  EXPECT_EQ(j["openapi"], "3.1.0");
  std::size_t operations = 0;
  for (const auto& [path, methods] : j["paths"].items()) operations += methods.size();
  EXPECT_EQ(operations, routes().size());
}

// Every parameter has its pattern or its range, and every brace of a route its parameter.
TEST(OpenApi, every_parameter_is_bounded) {
  for (const auto& r : routes()) {
    const std::string pattern = r.pattern;
    std::size_t braces = 0, found = 0;
    for (const char c : pattern) braces += c == '{' ? 1 : 0;
    for (const auto* p : r.parameters) {
      const bool in_path = std::string_view(p->in) == "path";
      found += in_path ? 1 : 0;
      EXPECT_TRUE(!in_path || (p->required && pattern.find("{" + std::string(p->name) + "}") != std::string::npos)) << pattern;
      EXPECT_TRUE(*p->pattern != 0 || p->least < p->most) << p->name;
      if (*p->pattern != 0 && *p->preset != 0) { EXPECT_TRUE(std::regex_match(p->preset, std::regex(p->pattern))) << p->name; }
    }
    EXPECT_EQ(found, braces) << pattern;
  }
}

TEST(OpenApi, patterns_take_what_the_handlers_take) {
  const auto fits = [](const char* name, const char* route, std::string_view text) {
    for (const auto& r : routes())
      for (const auto* p : r.parameters)
        if (std::string_view(r.pattern) == route && std::string_view(r.method) == "GET" && std::string_view(p->name) == name)
          return std::regex_match(std::string(text), std::regex(p->pattern));
    ADD_FAILURE() << name << " " << route;
    return false;
  };
  for (const char* name : {"a", "alice", "a-b.c", "a1", "alice-", "Alice", "1a", ".a", "", "a..", "fees..", "faucet..", "sponsor..",
                           "abcdefghijklmnopqrstuvwxyzabcdef", "abcdefghijklmnopqrstuvwxyzabcdefg"}) {
    EXPECT_EQ(fits("name", "/v1/identities/{name}", name), ledger::valid_account_name(name)) << name;
    const std::string_view n = name;
    const bool purse = n == ledger::kFeePurse || n == ledger::kFaucetPurse || n == ledger::kSponsorPurse;
    EXPECT_EQ(fits("name", "/v1/accounts/{name}", name), purse || ledger::valid_account_name(name)) << name;
  }
  const std::string hash(64, 'a');
  for (const auto& text : {hash, hash + "a", hash.substr(1), std::string(64, 'G'), std::string(64, 'F')}) {
    EXPECT_EQ(fits("id", "/v1/transactions/{id}", text), bool(parse_hash(text, "")));
    EXPECT_EQ(fits("root", "/v1/blobs/{root}", text), bool(parse_hash(text, "")));
    EXPECT_EQ(fits("nonce", "/v1/tip", text), bool(parse_hash(text, "")));
  }
  EXPECT_TRUE(fits("code", "/v1/errors/{code}", "DOS-E0401"));
  EXPECT_TRUE(fits("code", "/v1/errors/{code}", "401"));
  EXPECT_FALSE(fits("code", "/v1/errors/{code}", "nonsense"));
  EXPECT_TRUE(fits("key", "/v1/objects/{key}", "000170"));
  EXPECT_FALSE(fits("key", "/v1/objects/{key}", "0001"));
  EXPECT_FALSE(fits("key", "/v1/objects/{key}", "00017"));
  EXPECT_TRUE(fits("height", "/v1/blocks/{height}", "final"));
  EXPECT_FALSE(fits("height", "/v1/blocks/{height}", "-1"));
}

TEST(StatusPage, is_small_escaped_and_without_scripts) {
  NodeStatus s;
  s.network = "<script>alert(1)</script>";
  s.validator = "v1";
  std::vector<RecentBlock> blocks(10);
  const auto page = status_page(s, blocks);
  EXPECT_LT(page.size(), 20'000u);
  EXPECT_EQ(page.find("<script"), std::string::npos);
  EXPECT_NE(page.find("lang=\"en\""), std::string::npos);
  EXPECT_NE(page.find("color-scheme:light dark"), std::string::npos);
}

TEST(JsonViews, a_time_without_end_is_a_word) {
  EXPECT_EQ(time_text(TimeMs{951'782'400'000}), "2000-02-29T00:00:00.000Z");
  EXPECT_EQ(time_text(kPermanent), "permanent");
}

}  // namespace
}  // namespace dos::api
