// The edges of RFC 9110 and 9112 over raw sockets: what is said, byte for byte, to requests that are odd, wrong or cut anywhere.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <thread>
#include <utility>

#include "serve/test_http.hpp"
#include "serve/test_identity.hpp"

namespace dos::serve {
namespace {

using testhttp::Client;

struct HttpEdges : ::testing::Test {
  HttpEdges() {
    HttpConfig config;
    config.port = 0;
    config.request_seconds = 3;
    config.idle_seconds = 3;
    auto made = HttpServer::start(
        config,
        [](const api::Request& r, api::Reply reply) {
          api::Response a;
          a.body = r.method + " " + r.target + " " + std::string(as_text(r.body));
          if (r.method == "OPTIONS") {
            a.status = 204;
            a.body.clear();
          }
          if (r.method == "HEAD") a.length = std::exchange(a.body, "").size();
          reply(std::move(a));
        },
        log);
    if (!made) throw std::runtime_error(made.error().detail);
    server = std::move(*made);
  }
  // All that is said to it until the server closes.
  std::string whole(const std::string& text) {
    Client c(server->port());
    c.send(text);
    c.end_of_sending();
    return c.read(4000);
  }
  static std::string ok(const std::string& body, const std::string& connection = "", const std::string& version = "1.1") {
    return "HTTP/" + version + " 200 OK\r\nServer: dosd\r\nContent-Type: text/plain; charset=utf-8\r\n" + connection +
           "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  }
  testpeers::LogLines log;
  std::unique_ptr<HttpServer> server;
};

// Of one byte each, with an extension, as many bytes as those.
std::string small_chunks(std::size_t bytes, std::size_t extension) {
  std::string text;
  while (text.size() < bytes) text += "1;" + std::string(extension, 'e') + "\r\nx\r\n";
  return text;
}

const std::string kGet = "GET /a HTTP/1.1\r\nHost: localhost\r\n\r\n";
const std::string kLast = "GET /z HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

TEST_F(HttpEdges, what_is_taken_is_answered_byte_for_byte) {
  const auto close = std::string("Connection: close\r\n");
  const auto last = ok("GET /z ", close);
  const struct {
    const char* what;
    std::string request, answer;
  } cases[] = {
      {"two in one piece", kGet + kLast, ok("GET /a ") + last},
      {"empty lines before and between", "\r\n" + kGet + "\r\n\r\n" + kLast, ok("GET /a ") + last},
      {"a body, then another request", "POST /v1/state HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\nabc" + kLast,
       ok("POST /v1/state abc") + last},
      {"equal lengths twice", "POST /v1/state HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc" + kLast,
       ok("POST /v1/state abc") + last},
      {"chunks, an extension, a trailer",
       "POST /v1/state HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n3;x=\"y\"\r\nabc\r\nA\r\n0123456789\r\n0\r\nHost: "
       "evil.example\r\n\r\n" +
           kLast,
       ok("POST /v1/state abc0123456789") + last},
      {"an empty chunked body", "POST /v1/state HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + kLast,
       ok("POST /v1/state ") + last},
      {"absolute form", "GET http://127.0.0.1/v1?x=1 HTTP/1.1\r\nHost: evil.example\r\n\r\n" + kLast, ok("GET /v1?x=1 ") + last},
      {"white space around a value", "GET /a HTTP/1.1\r\nHost: \t localhost \t \r\n\r\n" + kLast, ok("GET /a ") + last},
      {"HEAD says how long GET is", "HEAD /a HTTP/1.1\r\nHost: localhost\r\n\r\n" + kLast,
       "HTTP/1.1 200 OK\r\nServer: dosd\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 8\r\n\r\n" + last},
      {"OPTIONS *", "OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n" + kLast, "HTTP/1.1 204 No Content\r\nServer: dosd\r\n\r\n" + last},
      {"HTTP/1.0 ends", "GET /a HTTP/1.0\r\n\r\n", ok("GET /a ", "", "1.0")},
      {"HTTP/1.0 keeps when asked", "GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n" + kLast,
       ok("GET /a ", "Connection: keep-alive\r\n", "1.0") + last},
      {"nothing behind close is answered", kLast + kGet, last},
      {"no 100 Continue without a body",
       "POST /v1/state HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Length: 0\r\n\r\n",
       ok("POST /v1/state ", close)},
      {"no 100 Continue to HTTP/1.0", "POST /v1/state HTTP/1.0\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\nabc",
       ok("POST /v1/state abc", "", "1.0")},
  };
  for (const auto& c : cases) EXPECT_EQ(whole(c.request), c.answer) << c.what;
}

TEST_F(HttpEdges, what_is_refused_gets_a_problem_document_and_the_end) {
  const std::string post = "POST /v1/state HTTP/1.1\r\nHost: localhost\r\n";
  const std::string chunked = post + "Transfer-Encoding: chunked\r\n\r\n";
  const struct {
    const char* what;
    std::string request;
    int status;
  } cases[] = {
      {"two Hosts", "GET / HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n", 400},
      {"no Host", "GET / HTTP/1.1\r\n\r\n", 400},
      {"foreign Host", "GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n", 421},
      {"foreign absolute form", "GET http://evil.example/ HTTP/1.1\r\nHost: localhost\r\n\r\n", 421},
      {"no method", " / HTTP/1.1\r\nHost: localhost\r\n\r\n", 400},
      {"no version", "GET /\r\nHost: localhost\r\n\r\n", 400},
      {"two spaces", "GET  / HTTP/1.1\r\nHost: localhost\r\n\r\n", 400},
      {"another version", "GET / HTTP/2.0\r\nHost: localhost\r\n\r\n", 505},
      {"HTTP/2 without asking", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
      {"TLS", std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11), 400},
      {"bare line feeds", "GET / HTTP/1.1\nHost: localhost\n\n", 400},
      {"a folded field", "GET / HTTP/1.1\r\nHost: localhost\r\nA: b\r\n c\r\n\r\n", 400},
      {"a space before the colon", "GET / HTTP/1.1\r\nHost : localhost\r\n\r\n", 400},
      {"a field without a colon", "GET / HTTP/1.1\r\nHost: localhost\r\nnothing\r\n\r\n", 400},
      {"a field without a name", "GET / HTTP/1.1\r\nHost: localhost\r\n: x\r\n\r\n", 400},
      {"a zero byte", std::string("GET / HTTP/1.1\r\nHost: localhost\r\nA: \0\r\n\r\n", 41), 400},
      {"a long target", "GET /" + std::string(9000, 'a') + " HTTP/1.1\r\nHost: localhost\r\n\r\n", 414},
      {"a long head", "GET / HTTP/1.1\r\nHost: localhost\r\nA: " + std::string(17'000, 'a') + "\r\n\r\n", 431},
      {"many fields",
       "GET / HTTP/1.1\r\nHost: localhost\r\n" +
           [] {
             std::string s;
             for (int i = 0; i < 101; ++i) s += "A: b\r\n";
             return s;
           }() +
           "\r\n",
       431},
      {"an unknown method", "BREW / HTTP/1.1\r\nHost: localhost\r\n\r\n", 501},
      {"a proxy's method", "CONNECT localhost:1 HTTP/1.1\r\nHost: localhost\r\n\r\n", 501},
      {"GET *", "GET * HTTP/1.1\r\nHost: localhost\r\n\r\n", 400},
      {"a coding that is not known", post + "Transfer-Encoding: gzip\r\n\r\n", 501},
      {"chunked is not last", post + "Transfer-Encoding: chunked, gzip\r\n\r\n", 400},
      {"chunked twice", post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
      {"length, then coding", post + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
      {"coding, then length", post + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n", 400},
      {"coding in HTTP/1.0", "POST /v1/state HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
      {"two lengths", post + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef", 400},
      {"a list of two lengths", post + "Content-Length: 5, 6\r\n\r\nabcdef", 400},
      {"a signed length", post + "Content-Length: +5\r\n\r\nabcde", 400},
      {"a length below nothing", post + "Content-Length: -1\r\n\r\n", 400},
      {"a length in hex", post + "Content-Length: 0x5\r\n\r\nabcde", 400},
      {"a length that is none", post + "Content-Length: \r\n\r\n", 400},
      {"a length past 64 bits", post + "Content-Length: 18446744073709551616\r\n\r\n", 400},
      {"a length over the route's", post + "Content-Length: 262145\r\n\r\n", 413},
      {"a body where none is taken", "GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nabcde", 413},
      {"chunks of a byte with long extensions", chunked + small_chunks(128 * 1024, 100) + "0\r\n\r\n", 400},
      {"a chunk without a size", chunked + "\r\nabc\r\n0\r\n\r\n", 400},
      {"a chunk's size in words", chunked + "three\r\nabc\r\n0\r\n\r\n", 400},
      {"a chunk below nothing", chunked + "-3\r\nabc\r\n0\r\n\r\n", 400},
      {"a chunk that is longer than it says", chunked + "3\r\nabcd\r\n0\r\n\r\n", 400},
      {"a chunk past 64 bits", chunked + "10000000000000000\r\nabc\r\n0\r\n\r\n", 400},
      {"a chunk over the route's limit", chunked + "40001\r\n", 413},
      {"a chunk's head without end", chunked + "3;" + std::string(5000, 'x'), 400},
      {"a length in the trailer", chunked + "3\r\nabc\r\n0\r\nContent-Length: 3\r\n\r\n", 400},
      {"an expectation", post + "Expect: tea\r\nContent-Length: 3\r\n\r\nabc", 417},
      {"the end in the head", "GET / HTTP/1.1\r\nHost: loc", 400},
      {"the end in the body", post + "Content-Length: 5\r\n\r\nabc", 400},
      {"the end in a chunk", chunked + "5\r\nabc", 400},
  };
  for (const auto& c : cases) {
    const auto answer = whole(c.request + (c.status == 400 && std::string(c.what).starts_with("the end") ? "" : kGet));
    EXPECT_TRUE(answer.starts_with("HTTP/1.") && answer.substr(8, 5) == " " + std::to_string(c.status) + " ")
        << c.what << ": " << answer.substr(0, 200);
    EXPECT_EQ(answer.find("}HTTP/1.", 8), std::string::npos) << c.what << ": what is behind it is not answered";
    EXPECT_NE(answer.find("\r\nContent-Type: application/problem+json\r\n"), std::string::npos) << c.what;
    EXPECT_NE(answer.find("\r\nX-Content-Type-Options: nosniff\r\n"), std::string::npos) << c.what;
    const auto body = answer.find("\r\n\r\n");
    ASSERT_NE(body, std::string::npos) << c.what;
    const auto j = nlohmann::json::parse(answer.substr(body + 4), nullptr, false);
    ASSERT_TRUE(j.is_object()) << c.what;
    EXPECT_EQ(j["status"], c.status) << c.what;
    EXPECT_NE(answer.find("\r\nContent-Length: " + std::to_string(answer.size() - body - 4) + "\r\n"), std::string::npos) << c.what;
  }
}

TEST_F(HttpEdges, the_heads_of_chunks_have_their_limits) {
  const std::string begin = "POST /v1/state HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n";
  // Of one chunk, that does not end yet: its size and an extension.
  for (const bool most : {true, false}) {
    Client c(server->port());
    c.send(begin + "1;" + std::string(kMaxChunkHeadBytes - 2 + (most ? 0 : 1), 'x'));
    const auto answer = c.read(most ? 200 : 5000);
    EXPECT_EQ(answer.substr(0, 13), most ? "" : "HTTP/1.1 400 ");
    if (most) c.send("\r\nb\r\n0\r\n\r\n");
    if (most) { EXPECT_TRUE(c.read(5000).starts_with("HTTP/1.1 200 ")); }
  }

  // Of all: 64 KiB, and eight times what is in them.
  const auto all = [&](std::size_t bytes) {
    constexpr std::size_t kEach = 1000;
    std::string chunks;
    std::size_t content = 0;
    while (chunks.size() + 2 * kEach < bytes) chunks += "1;" + std::string(kEach - 7, 'x') + "\r\nb\r\n", ++content;
    const std::size_t last = bytes - chunks.size() - 5;  // beside the last chunk, "0", and its trailer
    chunks += "1;" + std::string(last - 7, 'x') + "\r\nb\r\n0\r\n\r\n";
    return std::pair(chunks, content + 1);
  };
  std::size_t most = kMaxChunkHeadsBytes;
  for (auto made = all(most); most != kMaxChunkHeadsBytes + 9 * made.second; made = all(most)) most = kMaxChunkHeadsBytes + 9 * made.second;
  EXPECT_TRUE(whole(begin + all(most).first).starts_with("HTTP/1.1 200 "));
  EXPECT_TRUE(whole(begin + all(most + 1).first).starts_with("HTTP/1.1 400 "));
}

TEST_F(HttpEdges, a_refusal_to_head_has_no_body) {
  const auto answer = whole("HEAD / HTTP/1.1\r\nHost: evil.example\r\n\r\n");
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 421 "));
  EXPECT_TRUE(answer.ends_with("\r\n\r\n"));
}

TEST_F(HttpEdges, a_method_that_takes_no_body_is_judged_without_it) {
  const auto answer = whole("DELETE /a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nabcde" + kGet);
  EXPECT_EQ(answer, ok("DELETE /a ", "Connection: close\r\n"));
}

TEST_F(HttpEdges, continue_is_said_before_the_body_and_not_when_the_body_is_there) {
  const std::string head =
      "POST /v1/state HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n";
  Client c(server->port());
  c.send(head);
  EXPECT_EQ(c.read(300), "HTTP/1.1 100 Continue\r\n\r\n");
  c.send("abc");
  EXPECT_EQ(c.read(3000), ok("POST /v1/state abc", "Connection: close\r\n"));
  EXPECT_EQ(whole(head + "abc"), ok("POST /v1/state abc", "Connection: close\r\n"));
}

TEST_F(HttpEdges, a_request_may_be_cut_at_every_byte) {
  const std::string text =
      "\r\nPOST /v1/state HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n" + kGet;
  const auto want = ok("POST /v1/state abcde") + ok("GET /a ");
  Client c(server->port());  // all on one connection: what is left of one request never reaches into the next
  for (std::size_t cut = 1; cut < text.size(); ++cut) {
    ASSERT_TRUE(c.send(text.substr(0, cut)));
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    ASSERT_TRUE(c.send(text.substr(cut)));
    ASSERT_EQ(c.answers(2), want) << "cut at " << cut;
  }
  for (const char byte : text) {
    ASSERT_TRUE(c.send({&byte, 1}));
    std::this_thread::sleep_for(std::chrono::microseconds(200));
  }
  EXPECT_EQ(c.answers(2), want);
}

TEST_F(HttpEdges, many_requests_at_once_are_answered_in_their_order) {
  std::string all, want;
  for (int i = 0; i < 2000; ++i) {
    const auto target = "/" + std::to_string(i);
    all += "GET " + target + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
    want += ok("GET " + target + " ");
  }
  Client c(server->port());
  std::thread sends([&] { c.send(all); });
  const auto got = c.answers(2000);
  sends.join();
  EXPECT_EQ(got, want);
}

TEST_F(HttpEdges, bodies_up_to_the_limit_of_their_route_are_taken_whole) {
  const auto limit = api::body_limit("POST", "/v1/state");
  const std::string body(limit, 'b');
  const std::string head = "POST /v1/state HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n";
  const auto want = ok("POST /v1/state " + body, "Connection: close\r\n");
  EXPECT_EQ(whole(head + "Content-Length: " + std::to_string(limit) + "\r\n\r\n" + body), want);
  std::string chunks;
  for (std::size_t at = 0; at < body.size(); at += 1000) {
    char size[16];
    const auto part = body.substr(at, 1000);
    std::snprintf(size, sizeof size, "%zx\r\n", part.size());
    chunks += size + part + "\r\n";
  }
  EXPECT_EQ(whole(head + "Transfer-Encoding: chunked\r\n\r\n" + chunks + "0\r\n\r\n"), want);
  EXPECT_TRUE(whole(head + "Transfer-Encoding: chunked\r\n\r\n" + chunks + "1\r\nb\r\n0\r\n\r\n").starts_with("HTTP/1.1 413 "));
}

}  // namespace
}  // namespace dos::serve
