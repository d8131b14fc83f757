// All of a route but its handler is its row: shown by a table of one row that is no route of a node.
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <regex>

#include "api/exchange.hpp"
#include "api/test_backend.hpp"

namespace dos::api {
namespace {

using namespace parameter;

inline constexpr Parameter kLoud{"loud", "query", false, "", 1, 3, "1", "how loud"};
#define DOS_TEST_ROUTES(X) X(POST, "/test/greetings/{name}", post_greeting, claim, run, asks(8), json, (kName, kLoud), "Greets")

void post_greeting(Exchange& x) {
  std::string said = "\"" + x.args[0];
  said.append(std::stoul(x.target.value("loud").value_or("1")), '!');
  x.reply(json_response(said + "\""));
}
constexpr Route kTable[] = {DOS_TEST_ROUTES(DOS_ROUTE)};

struct Asked {
  Response answer;
  EmptyBackend backend;
  Asked(std::string method, std::string target, std::size_t body = 0, std::span<const Route> table = kTable) {
    Request request;
    request.method = std::move(method);
    request.target = std::move(target);
    request.body.resize(body);
    handle(request, backend, [this](Response r) { answer = std::move(r); }, table);
  }
};

TEST(Row, dispatches_to_its_handler_with_what_stands_in_the_braces) {
  const Asked it("POST", "/test/greetings/alice?loud=2", 8);
  EXPECT_EQ(it.answer.status, 200);
  EXPECT_EQ(it.answer.body, "\"alice!!\"");
  EXPECT_EQ(it.backend.counted, (std::vector<std::pair<unsigned, int>>{{0, 200}}));
}

TEST(Row, says_what_it_costs) {
  const Asked it("POST", "/test/greetings/alice");
  EXPECT_EQ(it.backend.charged, work_of(cost_of(Price::run)));
}

TEST(Row, bounds_the_body) {
  EXPECT_EQ(body_of("POST", "/test/greetings/alice?loud=1", kTable).most, 8u);
  EXPECT_TRUE(body_of("POST", "/test/greetings/alice", kTable).question);
  EXPECT_EQ(body_of("GET", "/test/greetings/alice", kTable).most, 0u);
  EXPECT_EQ(Asked("POST", "/test/greetings/alice", 9).answer.status, 413);
}

TEST(Row, is_the_only_way_in) {
  const Asked other("GET", "/test/greetings/alice");
  EXPECT_EQ(other.answer.status, 405);
  const auto allow = std::ranges::find(other.answer.headers, "Allow", &Header::name);
  ASSERT_NE(allow, other.answer.headers.end());
  EXPECT_EQ(allow->value, "POST, OPTIONS");
  EXPECT_EQ(Asked("GET", "/healthz").answer.status, 404);
}

TEST(Row, is_what_openapi_says_of_it) {
  const auto document = nlohmann::json::parse(openapi_document(kTable));
  ASSERT_EQ(document["paths"].size(), 1u);
  const auto op = document["paths"]["/test/greetings/{name}"]["post"];
  EXPECT_EQ(op["summary"], "Greets");
  EXPECT_EQ(op["x-proof"], "claim");
  EXPECT_EQ(op["requestBody"]["x-max-bytes"], 8);
  EXPECT_TRUE(op["requestBody"]["content"].contains(ledger::kWireType));
  EXPECT_TRUE(op["responses"]["200"]["content"].contains("application/json"));
  ASSERT_EQ(op["parameters"].size(), 2u);
  EXPECT_EQ(op["parameters"][0]["name"], "name");
  EXPECT_EQ(op["parameters"][1]["schema"]["maximum"], 3);
  EXPECT_EQ(op["parameters"][1]["schema"]["default"], 1);
}

// A value that the row does not allow is refused and never taken for another one, and what it allows is taken.
TEST(Row, says_which_values_its_parameters_may_have) {
  const char* kValues[] = {"",    "0",     "1",     "2",      "-1",   "%2B1", "1.0",    "0x1",    "true", "false",
                           "yes", "final", "FINAL", "latest", "1000", "1001", "120000", "120001", "zz"};
  std::size_t judged = 0;
  for (const auto& route : routes())
    for (const auto* p : route.parameters) {
      if (std::string_view(p->in) != "query") continue;
      auto target = std::string(route.pattern);
      for (auto at = target.find('{'); at != std::string::npos; at = target.find('{'))
        target.replace(at, target.find('}') - at + 1, std::string_view(target).substr(at) == "{key}" ? "000370" : "me");
      for (const std::string value : kValues) {
        const bool text = *p->pattern != 0;
        const auto number = parse_u64(value, "");
        const bool may = text ? std::regex_match(value == "%2B1" ? "+1" : value, std::regex(p->pattern))
                              : number && *number >= p->least && *number <= p->most;
        const Asked once(route.method, target + "?" + p->name + "=" + value, 0, routes());
        EXPECT_EQ(once.answer.status != 400 && once.answer.status != 413, may)
            << route.pattern << " " << p->name << "=" << value << ": " << once.answer.body;
        const Asked twice(route.method, target + "?" + p->name + "=" + value + "&other=1&" + p->name + "=" + value, 0, routes());
        EXPECT_EQ(twice.answer.status, 400) << route.pattern << " " << p->name;
        ++judged;
      }
    }
  EXPECT_GT(judged, 300u);
  EXPECT_EQ(Asked("POST", "/test/greetings/alice?loud=4").answer.status, 413);
  EXPECT_EQ(Asked("POST", "/test/greetings/alice?quiet=4&quiet=5").answer.status, 200);
  EXPECT_EQ(Asked("GET", "/v1/files/me?list=1&after=a%2Fb", 0, routes()).answer.status, 400);
  EXPECT_EQ(Asked("GET", "/v1/files/me?list=1&after=" + std::string(256, 'a'), 0, routes()).answer.status, 400);
  EXPECT_EQ(Asked("GET", "/v1/files/me?list&after=" + std::string(255, 'a'), 0, routes()).answer.status, 404);
}

// Bodies are judged before anybody knows whether there is such a route.
TEST(Row, without_one_a_body_is_bounded_all_the_same) {
  EXPECT_EQ(body_of("POST", "/nothing").most, 256u * 1024);
  EXPECT_TRUE(body_of("POST", "/nothing").question);
  EXPECT_EQ(body_of("PUT", "/nothing").most, std::size_t(kChunkBytes));
  EXPECT_FALSE(body_of("PUT", "/nothing").question);
  EXPECT_EQ(body_of("DELETE", "/v1/transactions").most, 0u);
  EXPECT_EQ(body_of("POST", "").most, 256u * 1024);
  for (const auto& r : routes())
    EXPECT_EQ(r.body.most > 0, std::string_view(r.method) == "POST" || std::string_view(r.method) == "PUT") << r.pattern;
}

}  // namespace
}  // namespace dos::api
