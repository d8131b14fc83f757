// Clients that take their time: each is let go when its time is over, and none keeps the others waiting. And answers that take
// theirs: they may come when the connection or the server is gone.
#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <thread>

#include "api/problem.hpp"
#include "serve/test_http.hpp"
#include "serve/test_identity.hpp"

namespace dos::serve {
namespace {

using testhttp::Client;
using Time = std::chrono::steady_clock;

struct SlowClients : ::testing::Test {
  SlowClients() {
    config.port = 0;
    config.request_seconds = 1;
    config.idle_seconds = 1;
  }
  void start() {
    auto made = HttpServer::start(
        config,
        [this](const api::Request& r, api::Reply reply) {
          if (r.target == "/refused") return reply(api::problem(429, Error{Errc::busy, "later"}));
          if (r.target == "/late") return late.set_value(std::move(reply));
          api::Response a;
          a.body = r.target == "/large" ? std::string(64u << 20, 'x') : "answer";
          reply(std::move(a));
        },
        log);
    ASSERT_TRUE(made) << made.error().detail;
    server = std::move(*made);
  }
  // Sends `piece` again and again; how long until the server hangs up, in ms.
  long dribble(Client& c, std::string_view piece, long most_ms = 5000) {
    const auto start = Time::now();
    auto passed = [&] { return std::chrono::duration_cast<std::chrono::milliseconds>(Time::now() - start).count(); };
    while (passed() < most_ms) {
      c.read(100);
      if (c.over || !c.send(piece)) break;
    }
    return passed();
  }
  std::string get(const char* path = "/small") {
    Client c(server->port());
    c.send(std::string("GET ") + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    return c.read(2000);
  }
  void expect_nobody() {
    for (int i = 0; i < 100 && server->connections() > 0; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(50));
    EXPECT_EQ(server->connections(), 0u);
  }
  HttpConfig config;
  testpeers::LogLines log;
  std::promise<api::Reply> late;
  std::unique_ptr<HttpServer> server;
};

TEST_F(SlowClients, a_head_that_dribbles_in_is_cut_off_when_its_time_is_over) {
  start();
  Client c(server->port());
  ASSERT_TRUE(c.send("GET / HTTP/1.1\r\nHost: localhost\r\n"));
  const auto ms = dribble(c, "X: y\r\n");
  EXPECT_GE(ms, 900);
  EXPECT_LT(ms, 3000) << "each byte must not win new time";
  expect_nobody();
}

TEST_F(SlowClients, a_body_that_dribbles_in_is_cut_off_when_its_time_is_over) {
  start();
  Client c(server->port());
  ASSERT_TRUE(c.send("POST /v1/state HTTP/1.1\r\nHost: localhost\r\nContent-Length: 60000\r\n\r\n"));
  const auto ms = dribble(c, "b");
  EXPECT_GE(ms, 900);
  EXPECT_LT(ms, 3000);
  expect_nobody();
}

TEST_F(SlowClients, silence_after_connecting_and_between_requests_ends) {
  start();
  Client silent(server->port()), kept(server->port());
  ASSERT_TRUE(kept.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"));
  EXPECT_NE(kept.read(300).find("answer"), std::string::npos);
  EXPECT_FALSE(kept.over) << "kept for the next request";
  expect_nobody();
}

TEST_F(SlowClients, who_does_not_read_the_answer_is_let_go) {
  start();
  Client c(server->port(), 4096);
  ASSERT_TRUE(c.send("GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n"));
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  EXPECT_EQ(server->connections(), 1u);
  expect_nobody();
}

TEST_F(SlowClients, silence_instead_of_a_tls_handshake_ends) {
  config.tls_always = true;
  config.tls = testpeers::identity("web").tls;
  start();
  Client silent(server->port()), half(server->port());
  ASSERT_TRUE(half.send(std::string_view("\x16\x03\x01\x02\x00", 5)));
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  EXPECT_EQ(server->connections(), 2u);
  expect_nobody();
}

TEST_F(SlowClients, hundreds_of_them_do_not_delay_others) {
  start();
  std::vector<std::unique_ptr<Client>> slow;
  for (int i = 0; i < 300; ++i) {
    slow.push_back(std::make_unique<Client>(server->port()));
    slow.back()->send("GET / HTTP/1.1\r\nHost: local");
  }
  const auto start_time = Time::now();
  EXPECT_NE(get().find("answer"), std::string::npos);
  EXPECT_LT(Time::now() - start_time, std::chrono::milliseconds(800));
  expect_nobody();
}

TEST_F(SlowClients, in_a_full_house_the_oldest_that_says_nothing_makes_room) {
  config.max_connections = 8;
  start();
  std::vector<std::unique_ptr<Client>> slow;
  for (int i = 0; i < 8; ++i) slow.push_back(std::make_unique<Client>(server->port()));
  for (int i = 0; i < 100 && server->connections() < 8; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  EXPECT_NE(get().find("answer"), std::string::npos);
  slow[0]->read(500);
  EXPECT_TRUE(slow[0]->over);
  slow[7]->read(50);
  EXPECT_FALSE(slow[7]->over);
  EXPECT_EQ(server->counters().gave_way, 1u);
  expect_nobody();
}

TEST_F(SlowClients, an_answer_may_come_late_and_after_the_server_is_gone) {
  start();
  Client c(server->port());
  ASSERT_TRUE(c.send("GET /late HTTP/1.1\r\nHost: localhost\r\n\r\n"));
  api::Reply reply = late.get_future().get();
  EXPECT_EQ(c.read(100), "");
  api::Response a;
  a.body = "answer";
  reply(a);
  EXPECT_NE(c.read(300).find("answer"), std::string::npos);

  late = {};
  ASSERT_TRUE(c.send("GET /late HTTP/1.1\r\nHost: localhost\r\n\r\n"));
  reply = late.get_future().get();
  const auto begin = Time::now();
  server->stop();
  EXPECT_LT(Time::now() - begin, std::chrono::milliseconds(400)) << "waits for no answer";
  EXPECT_EQ(server->connections(), 0u);
  server.reset();
  reply(a);
  reply = nullptr;
  c.read(300);
  EXPECT_TRUE(c.over);
}

TEST_F(SlowClients, who_was_told_to_wait_is_not_heard_at_once) {
  config.refused_pause_ms = 3'600'000;
  start();
  Client c(server->port());
  ASSERT_TRUE(c.send("GET /refused HTTP/1.1\r\nHost: localhost\r\n\r\nGET /small HTTP/1.1\r\nHost: localhost\r\n\r\n"));
  const auto heard = c.read(300);
  EXPECT_NE(heard.find("HTTP/1.1 429"), std::string::npos);
  EXPECT_EQ(heard.find("answer"), std::string::npos);
  EXPECT_FALSE(c.over);
  EXPECT_NE(get().find("answer"), std::string::npos) << "another connection is";
  server->stop();
  c.read(300);
  EXPECT_TRUE(c.over);
}

TEST_F(SlowClients, who_was_told_to_wait_is_heard_after_a_pause) {
  config.refused_pause_ms = 1;
  start();
  Client c(server->port());
  ASSERT_TRUE(c.send("GET /refused HTTP/1.1\r\nHost: localhost\r\n\r\nGET /small HTTP/1.1\r\nHost: localhost\r\n\r\n"));
  const auto heard = c.answers(2);
  EXPECT_NE(heard.find("HTTP/1.1 429"), std::string::npos);
  EXPECT_NE(heard.find("HTTP/1.1 200"), std::string::npos);
}

TEST_F(SlowClients, a_request_that_is_dropped_ends_its_connection) {
  start();
  Client c(server->port());
  ASSERT_TRUE(c.send("GET /late HTTP/1.1\r\nHost: localhost\r\n\r\n"));
  { const api::Reply dropped = late.get_future().get(); }
  c.read(1000);
  EXPECT_TRUE(c.over);
  expect_nobody();
}

}  // namespace
}  // namespace dos::serve
