#include "client/trust/http.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <future>
#include <thread>

#include "base/test_code.hpp"
#include "client/test_listener.hpp"

namespace dos::client {
namespace {

Error problem(const std::string& code) {
  return problem_of({404, "application/problem+json", to_bytes(as_bytes(R"({"code":")" + code + R"(","detail":"why"})"))});
}

TEST(Problem, is_a_code_of_the_table_or_no_code_at_all) {
  EXPECT_EQ(problem("DOS-E0401").code, Errc::not_found);
  EXPECT_EQ(problem("DOS-E0401").detail, "why");
  for (const auto* unknown : {"DOS-E0000", "DOS-E0999", "DOS-E65536", "DOS-E65937", "DOS-E999999", "DOS-E04x1", "DOS-E", "0401", ""})
    EXPECT_EQ(problem(unknown).code, Errc::unreachable) << unknown;
}

TEST(Problem, that_is_too_large_or_nested_too_deep_is_none) {
  const auto of = [](std::string text) { return problem_of({500, "", to_bytes(as_bytes(text))}).code; };
  const std::string head = R"({"code":"DOS-E0401","detail":")";
  const auto filled = [&](std::size_t bytes) { return head + std::string(bytes - head.size() - 2, 'x') + "\"}"; };
  EXPECT_EQ(of(filled(kMaxProblemBytes)), Errc::not_found);
  EXPECT_EQ(of(filled(kMaxProblemBytes + 1)), Errc::unreachable);
  EXPECT_EQ(of(R"({"code":"DOS-E0401","x":)" + std::string(20'000, '[')), Errc::unreachable);
}

// Answers one connection with these pieces, each sent for itself, whatever is asked.
class Says {
 public:
  explicit Says(std::vector<std::string> pieces) {
    thread_ = std::thread([this, pieces = std::move(pieces)] {
      const int c = listener_.accept();
      for (const auto& piece : pieces) {
        if (::send(c, piece.data(), piece.size(), MSG_NOSIGNAL) <= 0) break;
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
      }
      ::shutdown(c, SHUT_WR);
      for (char buffer[4096]; ::recv(c, buffer, sizeof buffer, 0) > 0;) {}
      ::close(c);
    });
  }
  ~Says() { thread_.join(); }
  Result<HttpAnswer> asked() const {
    HttpConnection c(Url{false, "127.0.0.1", listener_.port()});
    return c.request("GET", "/", {}, std::chrono::seconds(20), 1u << 20);
  }

 private:
  Listener listener_;
  std::thread thread_;
};

TEST(HttpConnection, an_answer_in_many_pieces_is_read_whole) {
  std::vector<std::string> pieces;
  for (const char byte :
       std::string_view("HTTP/1.1 200 OK\r\nContent-Type: text/x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"))
    pieces.push_back({byte});
  const auto answer = Says(pieces).asked();
  ASSERT_TRUE(answer) << answer.error().detail;
  EXPECT_EQ(answer->status, 200u);
  EXPECT_EQ(answer->content_type, "text/x");
  EXPECT_EQ(as_text(answer->body), "abcde");
}

TEST(HttpConnection, a_head_without_end_ends_however_it_is_cut) {
  std::vector<std::string> pieces{"HTTP/1.1 200 OK\r\nA"};
  for (int i = 0; i < 400; ++i) pieces.push_back(": " + std::string(4000, 'x') + "\r\nA");  // each taken as it comes
  pieces.push_back(": x\r\nContent-Length: 0\r\n\r\n");
  EXPECT_FALSE(Says(pieces).asked());
}

// One byte of content in 14 kB: no limit of size is reached for long, and nothing ever waits for the sender.
TEST(HttpConnection, an_answer_that_never_pauses_and_never_ends_is_ended_when_the_time_is_over) {
  const Listener listener;
  std::thread sender([&listener] {
    std::string chunks;
    while (chunks.size() < (8u << 20)) chunks += "1;" + std::string(14'000, 'e') + "\r\nx\r\n";
    const int c = listener.accept();
    const std::string head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    ssize_t sent = ::send(c, head.data(), head.size(), MSG_NOSIGNAL);
    while (sent > 0) sent = ::send(c, chunks.data(), chunks.size() - chunks.size() % 14'007, MSG_NOSIGNAL);
    ::close(c);
  });
  HttpConnection c(Url{false, "127.0.0.1", listener.port()});
  const auto answer = c.request("GET", "/", {}, std::chrono::milliseconds(200), 1u << 30);
  EXPECT_FALSE(answer);
  EXPECT_EQ(code_of(answer), Errc::timed_out) << answer.error().detail;
  sender.join();
}

// A kept connection that the node closes is tried again at once, and not with its whole time anew.
TEST(HttpConnection, both_tries_of_a_question_have_one_time) {
  Listener listener;
  constexpr std::chrono::milliseconds time{2'000}, held{1'000};  // a second of room, for a machine that has much to do
  std::promise<std::chrono::steady_clock::time_point> closed;
  std::thread node([&] {
    char buffer[4096];
    const int first = listener.accept();
    const std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood";
    EXPECT_GT(::recv(first, buffer, sizeof buffer, 0), 0);
    EXPECT_GT(::send(first, answer.data(), answer.size(), MSG_NOSIGNAL), 0);
    EXPECT_GT(::recv(first, buffer, sizeof buffer, 0), 0);
    std::this_thread::sleep_for(held);
    ::close(first);
    closed.set_value(std::chrono::steady_clock::now());
    const int second = listener.accept();
    while (second >= 0 && ::recv(second, buffer, sizeof buffer, 0) > 0) {}
    if (second >= 0) ::close(second);
  });
  HttpConnection c(Url{false, "127.0.0.1", listener.port()});
  EXPECT_TRUE(c.request("GET", "/", {}, std::chrono::seconds(20), 1u << 20));
  EXPECT_EQ(code_of(c.request("GET", "/", {}, time, 1u << 20)), Errc::timed_out);
  const auto ended = std::chrono::steady_clock::now();
  EXPECT_LT(ended, closed.get_future().get() + time);
  c = HttpConnection(Url{false, "127.0.0.1", listener.port()});
  listener.shut();
  node.join();
}

TEST(HttpConnection, without_descriptors_it_is_an_error_like_any) {
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const Listener listener;
  HttpConnection c(Url{false, "127.0.0.1", listener.port()});
  const int next = ::dup(0);
  ::close(next);
  const rlimit none{rlim_t(next), before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  const auto answer = c.request("GET", "/", {}, std::chrono::seconds(5), 1u << 20);
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  ASSERT_FALSE(answer);
  EXPECT_EQ(code_of(answer), Errc::unreachable);
}

TEST(HttpConnection, a_chunk_head_without_end_ends) {
  std::vector<std::string> pieces{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;a="};
  for (int i = 0; i < 100; ++i) pieces.push_back(std::string(4000, 'x'));
  pieces.push_back("\r\nabc\r\n0\r\n\r\n");
  EXPECT_FALSE(Says(pieces).asked());
}

TEST(HttpConnection, interim_answers_are_skipped_up_to_their_bound) {
  const std::string interim = "HTTP/1.1 100 Continue\r\n\r\n", hints = "HTTP/1.1 103 Early Hints\r\nLink: x\r\nContent-Length: 5\r\n\r\n";
  const std::string good = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood";
  const auto with = [&](int count) {
    std::string all;
    for (int i = 0; i < count; ++i) all += i % 2 == 0 ? interim : hints;
    return all;
  };
  for (const int count : {1, 2, kMaxInterimAnswers}) {
    for (const auto& pieces : {std::vector{with(count) + good}, std::vector{with(count), good}}) {
      const auto answer = Says(pieces).asked();
      ASSERT_TRUE(answer) << count << ": " << answer.error().detail;
      EXPECT_EQ(answer->status, 200u);
      EXPECT_EQ(as_text(answer->body), "good");
    }
  }
  EXPECT_EQ(code_of(Says({with(kMaxInterimAnswers + 1) + good}).asked()), Errc::unreachable);
  EXPECT_EQ(code_of(Says({with(1)}).asked()), Errc::unreachable) << "none is the answer";
}

}  // namespace
}  // namespace dos::client
