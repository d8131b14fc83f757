// Heads of requests, cut anywhere: where they end, which are none, and what becomes of those that are.
#include "serve/http_head.hpp"

#include <gtest/gtest.h>

#include "serve/http_server.hpp"

namespace dos::serve {
namespace {

using State = HeadScanner::State;

int fault_of(std::string_view text) {
  HeadScanner s;
  return s.scan(text) == State::bad ? s.fault().status : 0;
}

TEST(HeadScanner, finds_the_end_wherever_the_bytes_are_cut) {
  const std::string text = "\r\n\r\nGET / HTTP/1.1\r\nHost: localhost\r\nEmpty:\r\n\r\nGET /next";
  const auto end = text.find("\r\n\r\nGET /next") + 4;
  for (std::size_t cut = 0; cut <= text.size(); ++cut)
    for (std::size_t second = cut; second <= text.size(); ++second) {
      HeadScanner s;
      State state = State::more;
      for (const std::size_t upto : {cut, second, text.size()})
        if (state == State::more) state = s.scan(std::string_view(text).substr(0, upto));
      ASSERT_EQ(state, State::whole) << cut << " " << second;
      EXPECT_EQ(s.begin(), 4u);
      EXPECT_EQ(s.end(), end);
    }
}

TEST(HeadScanner, what_is_no_line_is_refused_at_its_first_wrong_byte) {
  for (const std::string_view text :
       {"\x16", " ", "(", "\n", "G\x01", "GET / HTTP/1.1\n", "GET / HTTP/1.1\r\r", "GET / HTTP/1.1\rX", "GET / HTTP/1.1\r\n ",
        "GET / HTTP/1.1\r\nA: b\r\n\t", "GET / HTTP/1.1\r\nA: \x7f", "GET / HTTP/1.1\r\nA: b\n"}) {
    EXPECT_EQ(fault_of(text), 400) << text;
    EXPECT_EQ(fault_of(text.substr(0, text.size() - 1)), 0) << text;
  }
  EXPECT_EQ(fault_of(std::string_view("GET /\0", 6)), 400);
  EXPECT_EQ(fault_of("GET /\xC3\xA4 HTTP/1.1\r\nA: \xC3\xA4\r\n"), 0);
}

TEST(HeadScanner, its_limits_are_met_exactly) {
  const std::string line = "GET / HTTP/1.1\r\n";
  const auto filled = [&](std::size_t bytes) { return line + "A: " + std::string(bytes - line.size() - 7, 'a') + "\r\n\r\n"; };
  EXPECT_EQ(filled(kMaxHeadBytes).size(), kMaxHeadBytes);
  EXPECT_EQ(fault_of(filled(kMaxHeadBytes)), 0);
  EXPECT_EQ(fault_of(filled(kMaxHeadBytes + 1)), 431);
  std::string fields;
  for (std::size_t i = 0; i < kMaxHeadFields; ++i) fields += "A: b\r\n";
  EXPECT_EQ(fault_of(line + fields + "\r\n"), 0);
  EXPECT_EQ(fault_of(line + fields + "A: b\r\n"), 431);
  std::string lines;
  for (std::size_t i = 0; i < kMaxEmptyLines; ++i) lines += "\r\n";
  EXPECT_EQ(fault_of(lines + line + "\r\n"), 0);
  EXPECT_EQ(fault_of(lines + "\r\n"), 400);
  const auto target = [](std::size_t bytes) { return "GET /" + std::string(bytes, 'a'); };
  EXPECT_EQ(fault_of(target(kMaxRequestLineBytes - 5)), 0);
  EXPECT_EQ(fault_of(target(kMaxRequestLineBytes - 4)), 414);
}

TEST(HeadScanner, a_head_in_many_small_pieces_is_held_to_the_same_limit) {
  std::string text = "GET / HTTP/1.1\r\nA";
  HeadScanner s;
  int pieces = 0;
  for (; s.scan(text) == State::more; ++pieces) text += ": " + std::string(1000, 'x') + "\r\nA";
  EXPECT_EQ(s.fault().status, 431);
  EXPECT_EQ(pieces, 17);
}

struct Case {
  const char* method;
  const char* target;
  unsigned version;
  std::vector<api::Header> fields;
  int status;          // 0: taken
  std::string as = {}; // the target then
};

TEST(HeadRules, which_requests_are_taken_and_as_what) {
  const api::Header host{"Host", "127.0.0.1:7400"};
  const Case cases[] = {
      {"GET", "/v1", 11, {host}, 0, "/v1"},
      {"GET", "/v1", 11, {{"hOST", "LocalHost"}}, 0, "/v1"},
      {"GET", "/v1", 11, {{"Host", "[::1]:7400"}}, 0, "/v1"},
      {"GET", "/v1", 11, {}, 400},
      {"GET", "/v1", 10, {}, 0, "/v1"},
      {"GET", "/v1", 11, {host, host}, 400},
      {"GET", "/v1", 11, {host, {"Host", "evil.example"}}, 400},
      {"GET", "/v1", 10, {host, host}, 400},
      {"GET", "/v1", 11, {{"Host", ""}}, 421},
      {"GET", "/v1", 11, {{"Host", "evil.example"}}, 421},
      {"GET", "/v1", 10, {{"Host", "evil.example"}}, 421},
      {"GET", "/v1", 11, {{"Host", "localhost, localhost"}}, 400},
      {"GET", "/v1", 11, {{"Host", "a@localhost"}}, 400},
      {"GET", "/v1", 11, {{"Host", "localhost/"}}, 400},
      {"GET", "/v1", 11, {{"Host", "localhost:port"}}, 400},
      {"GET", "/v1", 11, {{"Host", "localhost:123456"}}, 400},
      {"GET", "/v1", 11, {{"Host", "[::1"}}, 400},
      {"GET", "http://127.0.0.1:7400/v1?a=b", 11, {host}, 0, "/v1?a=b"},
      {"GET", "HTTP://localhost", 11, {host}, 0, "/"},
      {"GET", "http://localhost?x", 11, {host}, 0, "/?x"},
      {"GET", "http://localhost/v1", 11, {{"Host", "evil.example"}}, 0, "/v1"},  // RFC 9112, 3.2.2: the target counts
      {"GET", "http://evil.example/v1", 11, {host}, 421},
      {"GET", "http://localhost/v1", 11, {}, 400},
      {"GET", "http:///v1", 11, {host}, 400},
      {"GET", "http://u@localhost/", 11, {host}, 400},
      {"GET", "ftp://localhost/", 11, {host}, 400},
      {"GET", "v1", 11, {host}, 400},
      {"GET", "/v1#part", 11, {host}, 400},
      {"OPTIONS", "*", 11, {host}, 0, "*"},
      {"GET", "*", 11, {host}, 400},
      {"CONNECT", "localhost:1", 11, {host}, 501},
      {"BREW", "/v1", 11, {host}, 501},
      {"get", "/v1", 11, {host}, 501},
      {"TRACE", "/v1", 11, {host}, 0, "/v1"},
      {"POST", "/v1", 11, {host, {"Transfer-Encoding", "gzip"}}, 501},
      {"POST", "/v1", 11, {host, {"Transfer-Encoding", "gzip, chunked"}}, 501},
      {"POST", "/v1", 11, {host, {"Transfer-Encoding", "chunked, gzip"}}, 400},
      {"POST", "/v1", 11, {host, {"Transfer-Encoding", ""}}, 400},
      {"POST", "/v1", 11, {host, {"Transfer-Encoding", "gzip"}, {"Content-Length", "3"}}, 400},
      {"POST", "/v1", 11, {host, {"Content-Length", "3"}, {"Transfer-Encoding", "chunked"}}, 400},
      {"POST", "/v1", 10, {host, {"Transfer-Encoding", "chunked"}}, 400},
      {"POST", "/v1", 11, {host, {"Expect", "100-Continue"}}, 0, "/v1"},
      {"POST", "/v1", 11, {host, {"Expect", "tea"}}, 417},
      {"POST", "/v1", 10, {host, {"Expect", "tea"}}, 0, "/v1"},
  };
  const HttpConfig config;
  for (const auto& c : cases) {
    std::string what = std::string(c.method) + " " + c.target;
    for (const auto& f : c.fields) what += " | " + f.name + ": " + f.value;
    const auto judged = judge_head({c.method, c.target, c.version, c.fields, false, std::nullopt}, config);
    EXPECT_EQ(judged.fault ? judged.fault->status : 0, c.status) << what;
    EXPECT_EQ(judged.plan.target, c.status == 0 ? c.as : "") << what;
  }
}

TEST(HeadRules, one_hundred_continue_is_for_a_body_of_http_1_1) {
  const std::vector<api::Header> fields{{"Host", "localhost"}, {"Expect", "100-continue"}};
  const HttpConfig config;
  EXPECT_TRUE(judge_head({"POST", "/v1", 11, fields, false, 3}, config).plan.wants_continue);
  EXPECT_FALSE(judge_head({"POST", "/v1", 11, fields, false, 0}, config).plan.wants_continue);
  EXPECT_FALSE(judge_head({"POST", "/v1", 10, fields, false, 3}, config).plan.wants_continue);
}

TEST(HeadRules, a_line_that_is_none_is_told_from_another_version) {
  EXPECT_EQ(fault_of_line("GET / HTTP/2.0").status, 505);
  EXPECT_EQ(fault_of_line("GET / HTTP/1.2").status, 505);
  EXPECT_EQ(fault_of_line("PRI * HTTP/2.0").status, 505);
  for (const char* bad : {"GET /", "GET", "GET / http/1.1", "GET / HTTP/1", "GET / HTTP/11.1", "GET  / HTTP/1.1", "GET / HTTP/1.1 "})
    EXPECT_EQ(fault_of_line(bad).status, 400) << bad;
}

TEST(BodyPace, has_its_grace_then_earns_by_what_comes_and_ends_at_the_request_limit) {
  EXPECT_EQ(body_patience_ms(0, 30), kBodyGraceMs);
  EXPECT_EQ(body_patience_ms(kMinBodyBytesPerSecond - 1, 30), kBodyGraceMs + 999);
  EXPECT_EQ(body_patience_ms(kMinBodyBytesPerSecond, 30), kBodyGraceMs + 1000);
  EXPECT_EQ(body_patience_ms(25 * kMinBodyBytesPerSecond, 30), 30'000u);
  EXPECT_EQ(body_patience_ms(8u << 20, 30), 30'000u);
  EXPECT_EQ(body_patience_ms(0, 1), 1'000u);
}

}  // namespace
}  // namespace dos::serve
