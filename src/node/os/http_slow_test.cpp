// Clients that take their time: each is let go when its time is over, and none keeps the others waiting. And answers that take
// theirs: they may come when the connection or the server is gone.
#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <future>
#include <thread>

#include "node/os/http_server.hpp"
#include "node/os/test_peers.hpp"

namespace dos::node {
namespace {

using Time = std::chrono::steady_clock;
constexpr long kMostMs = 20'000;  // for a machine that is slow, too

class Client {
 public:
  explicit Client(std::uint16_t port, int receive_buffer = 0) {
    fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (receive_buffer > 0) ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_port = htons(port);
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(fd_, reinterpret_cast<sockaddr*>(&at), sizeof at) != 0) throw std::runtime_error("connect");
  }
  Client(const Client&) = delete;
  ~Client() { ::close(fd_); }
  bool send(std::string_view text) { return ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL) == ssize_t(text.size()); }
  // All up to `text`, however long the machine takes.
  std::string read_until(std::string_view text) {
    std::string out;
    for (int i = 0; i < 2000 && !over && out.find(text) == std::string::npos; ++i) out += read(10);
    return out;
  }
  // What there is to read within the time; `over`: the server closed.
  std::string read(int ms) {
    std::string out;
    pollfd p{fd_, POLLIN, 0};
    while (!over && ::poll(&p, 1, ms) == 1) {
      char buffer[4096];
      const auto n = ::recv(fd_, buffer, sizeof buffer, 0);
      over = n <= 0;
      if (n > 0) out.append(buffer, std::size_t(n));
    }
    return out;
  }
  bool over = false;

 private:
  int fd_;
};

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
  long dribble(Client& c, std::string_view piece, long most_ms = kMostMs) {
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
    return c.read_until("answer");
  }
  void expect(std::size_t connections) {
    for (int i = 0; i < 4000 && server->connections() != connections; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    EXPECT_EQ(server->connections(), connections);
  }
  void expect_nobody() { expect(0); }
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
  EXPECT_LT(ms, kMostMs) << "each byte must not win new time";
  expect_nobody();
}

TEST_F(SlowClients, a_body_that_dribbles_in_is_cut_off_when_its_time_is_over) {
  start();
  Client c(server->port());
  ASSERT_TRUE(c.send("POST /v1/state HTTP/1.1\r\nHost: localhost\r\nContent-Length: 60000\r\n\r\n"));
  const auto ms = dribble(c, "b");
  EXPECT_GE(ms, 900);
  EXPECT_LT(ms, kMostMs);
  expect_nobody();
}

TEST_F(SlowClients, silence_after_connecting_and_between_requests_ends) {
  start();
  Client silent(server->port()), kept(server->port());
  ASSERT_TRUE(kept.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"));
  EXPECT_NE(kept.read_until("answer").find("answer"), std::string::npos);
  EXPECT_FALSE(kept.over) << "kept for the next request";
  expect_nobody();
}

TEST_F(SlowClients, who_does_not_read_the_answer_is_let_go) {
  start();
  Client c(server->port(), 4096);
  ASSERT_TRUE(c.send("GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n"));
  expect(1);
  expect_nobody();
}

TEST_F(SlowClients, silence_instead_of_a_tls_handshake_ends) {
  config.tls_always = true;
  config.tls = testpeers::identity("web").tls;
  start();
  Client silent(server->port()), half(server->port());
  ASSERT_TRUE(half.send(std::string_view("\x16\x03\x01\x02\x00", 5)));
  expect(2);
  expect_nobody();
}

TEST_F(SlowClients, hundreds_of_them_do_not_delay_others) {
  config.request_seconds = config.idle_seconds = 3600;
  start();
  std::vector<std::unique_ptr<Client>> slow;
  for (int i = 0; i < 300; ++i) {
    slow.push_back(std::make_unique<Client>(server->port()));
    slow.back()->send("GET / HTTP/1.1\r\nHost: local");
  }
  EXPECT_NE(get().find("answer"), std::string::npos);  // while all of them are there
  slow.clear();
  expect_nobody();
}

TEST_F(SlowClients, a_full_house_turns_away_at_once_and_opens_again) {
  config.max_connections = 8;
  config.request_seconds = config.idle_seconds = 3600;
  start();
  std::vector<std::unique_ptr<Client>> slow;
  for (int i = 0; i < 8; ++i) slow.push_back(std::make_unique<Client>(server->port()));
  expect(8);
  Client late(server->port());
  late.read_until("nothing but the end");
  EXPECT_TRUE(late.over);
  slow.clear();
  expect_nobody();
  EXPECT_NE(get().find("answer"), std::string::npos);
}

TEST_F(SlowClients, an_answer_may_come_late_and_after_the_server_is_gone) {
  config.request_seconds = config.idle_seconds = 3600;
  start();
  Client c(server->port());
  ASSERT_TRUE(c.send("GET /late HTTP/1.1\r\nHost: localhost\r\n\r\n"));
  api::Reply reply = late.get_future().get();
  EXPECT_EQ(c.read(100), "");
  api::Response a;
  a.body = "answer";
  reply(a);
  EXPECT_NE(c.read_until("answer").find("answer"), std::string::npos);

  late = {};
  ASSERT_TRUE(c.send("GET /late HTTP/1.1\r\nHost: localhost\r\n\r\n"));
  reply = late.get_future().get();
  server->stop();  // waits for no answer: none comes
  EXPECT_EQ(server->connections(), 0u);
  server.reset();
  reply(a);
  reply = nullptr;
  c.read_until("nothing but the end");
  EXPECT_TRUE(c.over);
}

TEST_F(SlowClients, a_request_that_is_dropped_ends_its_connection) {
  start();
  Client c(server->port());
  ASSERT_TRUE(c.send("GET /late HTTP/1.1\r\nHost: localhost\r\n\r\n"));
  { const api::Reply dropped = late.get_future().get(); }
  c.read_until("nothing but the end");
  EXPECT_TRUE(c.over);
  expect_nobody();
}

}  // namespace
}  // namespace dos::node
