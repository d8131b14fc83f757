// Floods against an HTTP server: half-open requests, announced and half-sent bodies, answers that nobody takes, waits. Whoever comes
// after gets in all the same.
#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <thread>

#include "api/cost.hpp"
#include "serve/test_http.hpp"
#include "serve/test_identity.hpp"

namespace dos::serve {
namespace {

using testhttp::Client;

struct HttpFloods : ::testing::Test {
  HttpFloods() { config.port = 0; }
  void start() {
    auto made = HttpServer::start(
        config,
        [this](const api::Request& r, api::Reply reply) {
          if (r.target == "/late") {
            std::lock_guard hold(mutex);
            return late.push_back(std::move(reply));
          }
          paid = r.body_paid;
          api::Response a;
          a.body = r.target == "/large" ? std::string(16u << 20, 'x') : "answer to " + std::to_string(r.body.size());
          reply(std::move(a));
        },
        log);
    ASSERT_TRUE(made) << made.error().detail;
    server = std::move(*made);
  }
  std::string ask(const std::string& line, std::size_t body = 0) {
    Client c(server->port());
    c.send(line + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: " + std::to_string(body) + "\r\n\r\n" +
           std::string(body, 'b'));
    return c.read(5000);
  }
  void expect_served() {
    EXPECT_NE(ask("GET /small").find("answer to 0"), std::string::npos);
    EXPECT_NE(ask("POST /v1/transactions", 20'000).find("answer to 20000"), std::string::npos);
    EXPECT_NE(ask("POST /v1/state", 100'000).find("answer to 100000"), std::string::npos);
  }
  template <class F>
  bool within_seconds(F done) {
    for (int i = 0; i < 500 && !done(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    return done();
  }
  Client& more() {
    clients.push_back(std::make_unique<Client>(server->port()));
    return *clients.back();
  }
  // Bytes of bodies that this machine was charged for, at least.
  void count_bodies() {
    config.charge = [this](const api::Source& source, std::uint64_t work) -> std::optional<std::uint64_t> {
      EXPECT_TRUE(source.local());
      if (const auto wait = wait_ms.load(); wait != 0 && !waited.exchange(true)) return wait;
      charged += work;
      return std::nullopt;
    };
  }
  HttpConfig config;
  std::atomic<std::uint64_t> charged = 0, paid = 0, wait_ms = 0;
  std::atomic<bool> waited = false;
  testpeers::LogLines log;
  std::mutex mutex;
  std::vector<api::Reply> late;
  std::vector<std::unique_ptr<Client>> clients;
  std::unique_ptr<HttpServer> server;
};

TEST_F(HttpFloods, bodies_that_are_only_announced_cost_nobody_anything) {
  start();
  for (int i = 0; i < 64; ++i)
    more().send("POST /v1/transactions HTTP/1.1\r\nHost: localhost\r\nContent-Type: x\r\nContent-Length: 8388608\r\n\r\n0123456789");
  ASSERT_TRUE(within_seconds([&] { return server->connections() == 64; }));
  expect_served();
  EXPECT_EQ(server->counters().body_bytes, 0u);
  EXPECT_EQ(server->counters().gave_way, 0u);
}

TEST_F(HttpFloods, half_sent_bodies_give_way_to_those_that_come_and_take_nothing_from_questions) {
  start();
  const std::string part(6u << 20, 'b');
  for (int i = 0; i < 8; ++i) {
    auto& c = more();
    c.send("POST /v1/transactions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 8388608\r\n\r\n");
    c.send(part);
    expect_served();
    EXPECT_LE(server->counters().body_bytes, config.max_body_bytes_in_flight);
  }
  EXPECT_NE(ask("POST /v1/transactions", 8u << 20).find("answer to 8388608"), std::string::npos) << "the largest there is";
  EXPECT_GE(server->counters().gave_way, 4u);
  EXPECT_EQ(server->counters().read_body_bytes, 0u);
}

TEST_F(HttpFloods, bodies_that_are_being_worked_on_stay_and_only_large_ones_are_refused) {
  config.max_body_bytes_in_flight = 1u << 20;
  start();
  for (int i = 0; i < 3; ++i) {
    auto& c = more();
    c.send("PUT /late HTTP/1.1\r\nHost: localhost\r\nContent-Length: 200000\r\n\r\n" + std::string(200'000, 'b'));
  }
  ASSERT_TRUE(within_seconds([&] {
    std::lock_guard hold(mutex);
    return late.size() == 3;
  }));
  EXPECT_NE(ask("POST /v1/transactions", 700'000).find(" 503 "), std::string::npos);
  EXPECT_NE(ask("POST /v1/transactions", kFreeBytesEach / 2).find("answer to 8192"), std::string::npos);
  EXPECT_NE(ask("POST /v1/state", 200'000).find("answer to 200000"), std::string::npos);
  for (auto& reply : late) reply(api::Response{});
  EXPECT_TRUE(within_seconds([&] { return server->counters().body_bytes == 0; }));
  EXPECT_NE(ask("POST /v1/transactions", 500'000).find("answer to 500000"), std::string::npos);
}

TEST_F(HttpFloods, bodies_are_paid_for_as_they_come_though_they_never_become_whole) {
  count_bodies();
  start();
  more().send("POST /v1/transactions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 8388608\r\n\r\n" + std::string(1u << 20, 'b'));
  constexpr std::uint64_t kPieces = (1u << 20) / kBodyPieceBytes - 1;  // the last one may not be full
  EXPECT_TRUE(within_seconds([&] { return charged >= kPieces * kBodyPieceBytes / api::kBytesPerWork; }));
  const auto begun = charged.load();
  EXPECT_LT(begun, (1u << 20) / api::kBytesPerWork + 100);
  clients.clear();  // what is left of it is paid for when it ends
  const auto rest = api::work_of(api::cost_of(api::Price::text));
  EXPECT_TRUE(within_seconds([&] { return charged >= (1u << 20) / api::kBytesPerWork + rest; })) << charged;
}

TEST_F(HttpFloods, small_bodies_that_end_early_or_are_refused_are_paid_for) {
  count_bodies();
  start();
  const auto text = api::work_of(api::cost_of(api::Price::text));
  more().send("POST /v1/state HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n" + std::string(20'000, 'b'));
  clients.back()->end_of_sending();
  EXPECT_NE(clients.back()->read(5000).find(" 400 "), std::string::npos);
  EXPECT_TRUE(within_seconds([&] { return charged >= text + 20'000 / api::kBytesPerWork; })) << charged;
  charged = 0;
  more().send("POST /v1/state HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n3;" + std::string(5'000, 'x'));
  EXPECT_NE(clients.back()->read(5000).find(" 400 "), std::string::npos);
  EXPECT_TRUE(within_seconds([&] { return charged >= text; })) << charged;
}

TEST_F(HttpFloods, the_heads_of_chunks_cost_as_much_as_reading_them) {
  count_bodies();
  start();
  constexpr std::size_t kChunks = 100'000;
  std::string body;
  for (std::size_t i = 0; i < kChunks; ++i) body += "1\r\nx\r\n";
  Client c(server->port());
  c.send("POST /v1/state HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n" + body + "0\r\n\r\n");
  EXPECT_NE(c.read(5000).find("answer to 100000"), std::string::npos);
  EXPECT_GE(charged + kBodyPieceBytes / api::kBytesPerWork, kChunks * 5 * kChunkHeadTimes / api::kBytesPerWork);
}

TEST_F(HttpFloods, a_whole_body_is_not_paid_for_twice_and_small_ones_only_with_their_question) {
  count_bodies();
  start();
  expect_served();
  EXPECT_LE(charged, 100'000 / api::kBytesPerWork + 2);
  EXPECT_GE(charged + 2 * kBodyPieceBytes / api::kBytesPerWork, 100'000 / api::kBytesPerWork);
  charged = 0;
  EXPECT_NE(ask("POST /v1/transactions", kBodyPieceBytes - 1).find("answer to"), std::string::npos);
  EXPECT_EQ(charged, 0u);
  EXPECT_NE(ask("POST /v1/transactions", 1u << 20).find("answer to"), std::string::npos);
  EXPECT_GT(paid, (1u << 20) - kBodyPieceBytes) << "its handler knows what was paid";
  EXPECT_GE(charged, paid / api::kBytesPerWork);
}

TEST_F(HttpFloods, who_cannot_pay_for_a_body_yet_is_read_from_later_and_refused_where_that_is_too_late) {
  count_bodies();
  wait_ms = 200;
  start();
  const auto began = std::chrono::steady_clock::now();
  EXPECT_NE(ask("POST /v1/transactions", 1u << 20).find("answer to 1048576"), std::string::npos);
  EXPECT_GE(std::chrono::steady_clock::now() - began, std::chrono::milliseconds(200));
  EXPECT_TRUE(waited);
  waited = false;
  wait_ms = 40'000;  // more than the time that a body may take
  const auto told = ask("POST /v1/transactions", 1u << 20);
  EXPECT_NE(told.find(" 429 "), std::string::npos) << told.substr(0, 200);
  EXPECT_NE(told.find("Retry-After: 40"), std::string::npos) << told.substr(0, 400);
}

TEST_F(HttpFloods, half_open_requests_of_one_source_keep_nobody_out) {
  config.max_connections = 64;
  start();
  for (int round = 0; round < 5; ++round) {
    for (int i = 0; i < 100; ++i) more().send("GET / HTTP/1.1\r\nHost: loc");
    expect_served();
    EXPECT_LE(server->connections(), 64u + 64u / 8 + 1);
  }
  EXPECT_GE(server->counters().gave_way, 300u);
}

TEST_F(HttpFloods, who_is_being_answered_keeps_its_place) {
  config.max_connections = 8;
  start();
  for (int i = 0; i < 8; ++i) {
    more().send("GET /late HTTP/1.1\r\nHost: localhost\r\n\r\n");
    ASSERT_TRUE(within_seconds([&] { return server->counters().working == std::size_t(i) + 1; }));
  }
  EXPECT_EQ(ask("GET /small"), "") << "of one source, all at work";
  EXPECT_EQ(server->counters().turned_away, 1u);
  for (auto& reply : late) {
    api::Response a;
    a.body = "late";
    reply(a);
  }
  for (auto& c : clients) EXPECT_TRUE(c->answers(1).ends_with("late"));
  EXPECT_NE(ask("GET /small").find("answer"), std::string::npos);
}

TEST_F(HttpFloods, answers_that_nobody_takes_are_bounded) {
  config.max_answer_bytes_in_flight = 64u << 20;
  start();
  for (int i = 0; i < 12; ++i) {
    clients.push_back(std::make_unique<Client>(server->port(), 4096));
    clients.back()->send("GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n");
    expect_served();
    EXPECT_LE(server->counters().answer_bytes, config.max_answer_bytes_in_flight);
  }
  EXPECT_GE(server->counters().gave_way, 8u);
  EXPECT_EQ(ask("GET /large").size() >> 20, 16u);
}

TEST_F(HttpFloods, silent_tls_handshakes_are_few_and_the_oldest_goes) {
  config.tls_always = true;
  config.tls = testpeers::identity("web").tls;
  config.max_handshakes = 8;
  start();
  for (int i = 0; i < 60; ++i) more();
  EXPECT_TRUE(within_seconds([&] { return server->counters().gave_way == 52; }));
  EXPECT_EQ(server->counters().handshakes, 8u);
  EXPECT_TRUE(within_seconds([&] { return server->connections() == 8; }));
  for (int i = 0; i < 240; ++i) more();  // more than one source may begin at once
  EXPECT_TRUE(within_seconds([&] { return server->counters().handshakes <= 8 && server->connections() <= 8; }));
}

}  // namespace
}  // namespace dos::serve
