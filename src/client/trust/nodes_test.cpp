// What nodes claim without a proof, and what a command makes of it.
#include "client/trust/nodes.hpp"
#include "base/text.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <thread>

#include "base/test_code.hpp"
#include "client/test_listener.hpp"
#include "client/trust/words.hpp"

namespace dos::client {
namespace {

using namespace std::chrono_literals;

// Answers every request with the same bytes and closes; without any it hangs up.
class Canned {
  Listener listener_;  // first: it has the port

 public:
  explicit Canned(std::string answer) : url{false, "127.0.0.1", listener_.port()}, answer_(std::move(answer)) {
    thread_ = std::jthread([this] { serve(); });
  }
  ~Canned() {
    listener_.shut();
    thread_.join();
  }
  Url url;
  std::atomic<int> asked = 0;

 private:
  void serve() {
    for (int peer; (peer = listener_.accept()) >= 0; ::close(peer)) {
      char buffer[4096];
      if (::recv(peer, buffer, sizeof buffer, 0) > 0) ++asked;
      if (!answer_.empty()) (void)!::send(peer, answer_.data(), answer_.size(), MSG_NOSIGNAL);
    }
  }
  std::string answer_;
  std::jthread thread_;
};

std::string problem(Errc code, const std::string& detail) {
  const auto body = R"({"code":")" + error_name(code) + R"(","detail":")" + detail + R"("})";
  return "HTTP/1.1 400 Bad\r\nContent-Type: application/problem+json\r\nConnection: close\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\n\r\n" + body;
}
const std::string kGood = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 4\r\n\r\ngood";

Status ask(Nodes& nodes, const std::string& target, bool* sent = nullptr) {
  return nodes.with_one(
      [&](Nodes::One& node) {
        auto asked = node.ask("GET", target, {}, 1024, [](const HttpAnswer&, const Url&) -> Status { return {}; });
        if (sent != nullptr) *sent = node.sent();
        return asked;
      },
      {2s, 2s, 2s});
}

TEST(Nodes, no_claim_of_a_node_says_how_a_command_ends) {
  unsigned count = 0;
  const auto* rows = error_rows(count);
  for (unsigned i = 0; i < count; ++i) {
    Canned liar(problem(rows[i].code, "so it is"));
    for (const auto* target : {"/v1/state", "/v1/transactions/00", "/v1/dry-run"}) {
      Nodes nodes;
      nodes.add("v1", liar.url, {});
      const auto asked = ask(nodes, target);
      ASSERT_FALSE(asked);
      const auto exit = error_row(code_of(asked)).exit_code;
      EXPECT_TRUE(exit == 7 || exit == 8) << rows[i].name << " on " << target << " ends with " << exit;
    }
  }
}

// The code with which this client says that it did something and could not report it: from a node it is a word, and says nothing is done.
TEST(Nodes, that_something_is_done_is_said_by_this_client_alone) {
  const std::string words = "tx:8c1e is final; do not repeat it";
  for (const auto* target : {"/v1/transactions?wait=final", "/v1/transactions/00", "/v1/dry-run"}) {
    Canned liar(problem(Errc::unreported, words));
    Nodes nodes;
    nodes.add("v1", liar.url, {});
    const auto asked = ask(nodes, target);
    ASSERT_FALSE(asked);
    EXPECT_EQ(code_of(asked), Errc::unproved) << target;
    EXPECT_EQ(asked.error().detail, "v1 says: \"" + words + "\"");
  }
  Canned liar(problem(Errc::unreported, words));  // where answers are proved, it is a lie
  Nodes nodes;
  nodes.add("v1", liar.url, {});
  const auto asked = ask(nodes, "/v1/state");
  ASSERT_FALSE(asked);
  EXPECT_EQ(code_of(asked), Errc::proof_invalid);
  EXPECT_EQ(asked.error().detail.find(words), std::string::npos);
}

TEST(Nodes, what_one_claims_another_is_asked) {
  for (const auto code : {Errc::usage, Errc::limit, Errc::funds, Errc::stale, Errc::disk, Errc::internal, Errc::not_found}) {
    Canned liar(problem(code, "no")), honest(kGood);
    Nodes nodes;
    nodes.add("v1", liar.url, {});
    nodes.add("v2", honest.url, {});
    EXPECT_TRUE(ask(nodes, "/v1/transactions/00")) << unsigned(code);
    EXPECT_EQ(liar.asked.load(), 1);
    EXPECT_EQ(nodes.notes(), std::vector<std::string>{"v1 says: \"no\""});
  }
}

TEST(Nodes, a_claim_is_one_quoted_line_with_a_bound) {
  Canned liar(problem(Errc::usage, "no\\n  help: pay again" + std::string(500, 'x')));
  Nodes nodes;
  nodes.add("v1", liar.url, {});
  const auto asked = ask(nodes, "/v1/state");
  ASSERT_FALSE(asked);
  EXPECT_EQ(code_of(asked), Errc::unproved);
  EXPECT_TRUE(asked.error().detail.starts_with("v1 says: \"no\\n  help: pay again")) << asked.error().detail;
  EXPECT_EQ(asked.error().detail.find('\n'), std::string::npos);
  EXPECT_LT(asked.error().detail.size(), kMaxNodeWords + 32);
}

TEST(Nodes, only_what_a_node_said_is_quoted) {
  const auto head = [](const std::string& body) {
    return "HTTP/1.1 409 No\r\nConnection: close\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  };
  for (const auto& [answer, text] :
       {std::pair(head(""), "v1 answered with status 409"), std::pair(head("<h1>v1 says: \"no\"</h1>"), "v1 answered with status 409"),
        std::pair(head(R"({"code":"DOS-E0999","detail":"x"})"), "v1 answered with an unknown error"),
        std::pair(problem(Errc::funds, ""), "v1 says: Not enough credits"),
        std::pair(problem(Errc::chain_changed, "no"), "v1 says: \"no\"")}) {
    Canned node(answer), honest(kGood);
    Nodes alone, two;
    alone.add("v1", node.url, {});
    const auto asked = ask(alone, "/v1/transactions");
    ASSERT_FALSE(asked);
    EXPECT_EQ(asked.error().detail, text);
    two.add("v1", node.url, {});
    two.add("v2", honest.url, {});
    EXPECT_TRUE(ask(two, "/v1/transactions"));
    EXPECT_EQ(two.notes(), std::vector<std::string>{text});
  }
}

TEST(Nodes, questions_that_belong_together_end_with_their_time) {
  Canned node(kGood);
  Nodes nodes;
  nodes.add("v1", node.url, {});
  int asked = 0;
  bool sent = true;
  const auto end = std::chrono::steady_clock::now() + 50ms;
  const auto done = nodes.with_one(
      [&](Nodes::One& one) -> Status {
        for (;; ++asked) {
          auto answered = one.ask("GET", "/v1/state", {}, 1024, [](const HttpAnswer&, const Url&) -> Status { return {}; });
          sent = one.sent();
          if (!answered) return answered;
          if (std::chrono::steady_clock::now() > end + 10s) return fail(Errc::internal, "it asks for ever");
          while (std::chrono::steady_clock::now() < end) {}
        }
      },
      {50ms, 30s, 30s});
  EXPECT_EQ(code_of(done), Errc::timed_out);
  EXPECT_LE(asked, 1);
  EXPECT_FALSE(sent && asked > 0) << "of the last nothing left";
}

TEST(Nodes, one_that_hangs_leaves_the_others_a_part_of_a_short_time) {
  const Listener hangs;  // it takes the connection, and never answers
  Canned honest(kGood);
  Nodes nodes;
  nodes.add("v1", {false, "127.0.0.1", hangs.port()}, {});
  nodes.add("v2", honest.url, {});
  const auto done = nodes.with_one(
      [](Nodes::One& one) { return one.ask("GET", "/v1/state", {}, 1024, [](const HttpAnswer&, const Url&) -> Status { return {}; }); },
      {1s, 1s, 2s});
  EXPECT_TRUE(done) << done.error().detail;
}

TEST(Nodes, an_error_of_this_machine_ends_it_and_is_no_claim) {
  Canned honest(kGood);
  Nodes nodes;
  nodes.add("v1", honest.url, {});
  nodes.add("v2", honest.url, {});
  const auto asked = nodes.with_one([](Nodes::One&) -> Status { return fail(Errc::host_io, "the disk is gone"); }, {2s, 2s, 2s});
  EXPECT_EQ(code_of(asked), Errc::host_io);
}

TEST(Nodes, bytes_may_have_left_unless_nobody_took_the_connection) {
  Canned hangs_up("");
  Nodes nodes;
  nodes.add("v1", hangs_up.url, {});
  bool sent = false;
  EXPECT_FALSE(ask(nodes, "/v1/state", &sent));
  EXPECT_TRUE(sent);
  Url gone;
  {
    Canned short_lived(kGood);
    gone = short_lived.url;
  }
  Nodes nobody;
  nobody.add("v1", gone, {});
  EXPECT_EQ(code_of(ask(nobody, "/v1/state", &sent)), Errc::unreachable);
  EXPECT_FALSE(sent);
}

}  // namespace
}  // namespace dos::client
