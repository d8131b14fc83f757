// Long answers about the present while blocks come: how often one starts over, and what it may read once no block comes in between.
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>

#include "base/test_code.hpp"
#include "node/test_network.hpp"
#include "store/reads.hpp"

namespace dos::node {
namespace {

using namespace testnet;
using namespace std::chrono_literals;

// The system's. Threads other than the test's own and the one that makes blocks ask it once before a long answer, and in each of its pauses.
struct CountingClock final : Clock {
  os::SystemClock below;
  std::thread::id test, blocks;
  std::atomic<bool> armed = false;  // what stands above is set
  std::atomic<std::uint64_t> asked = 0;
  std::function<void()> in_pause;  // not for the first one
  std::uint64_t wall_ms() override { return below.wall_ms(); }
  std::uint64_t monotonic_ns() override {
    const auto here = std::this_thread::get_id();
    if (armed && here != test && here != blocks && ++asked > 1 && in_pause) in_pause();
    return below.monotonic_ns();
  }
};

class Present : public testing::Test {
 protected:
  static constexpr std::size_t kPurses = 8'100, kInRange = 1'000, kPaths = 50;
  Network net;
  CountingClock clock;
  std::unique_ptr<Node> node;

  static std::string account(std::size_t i) { return "p" + std::to_string(10'000 + i); }
  void SetUp() override {
    const auto keys = net.genesis.accounts[0].account;
    for (std::size_t i = 0; i < kPurses; ++i) net.genesis.accounts.push_back({account(i), keys, Credits{1}});
    net.chain = ledger::genesis_hash(net.genesis);
    auto opened = Node::open(net.config(), key_of("v1"), key_of("n1", crypto::KeyType::ml_dsa_65), {clock, net.entropy, net.log}, 20'000);
    ASSERT_TRUE(opened) << opened.error().detail;
    node = std::move(*opened);
    std::promise<std::thread::id> loop;
    node->submit({{codec::encode(net.pay(1'000))}}, true, 20'000,
                 [&](Result<ledger::SubmitAnswer>) { loop.set_value(std::this_thread::get_id()); });
    clock.blocks = loop.get_future().get();
    clock.test = std::this_thread::get_id();
  }
  // So many purses of the present, in ranges.
  Result<ledger::StateAnswer> ask(std::size_t purses) {
    ledger::StateQuery query;
    for (std::size_t at = 0; at < purses; at += kInRange)
      query.items.push_back(ledger::RangeItem{ledger::purse_key("p"), at == 0 ? Bytes{} : ledger::purse_key(account(at - 1)),
                                              std::uint32_t(std::min(kInRange, purses - at)), true});
    for (std::size_t i = 0; i < kPaths; ++i) {  // of these an entry is read twice: more reads than records that a proof may open
      ledger::PathItem path;
      path.components = {"home", account(i)};
      query.items.push_back(std::move(path));
    }
    std::promise<Result<ledger::StateAnswer>> answer;
    clock.asked = 0;
    clock.armed = true;
    node->state(std::move(query), [&](Result<ledger::StateAnswer> a) { answer.set_value(std::move(a)); });
    auto a = answer.get_future().get();
    clock.armed = false;
    return a;
  }
  std::uint64_t pauses() const { return clock.asked - 1; }
};

TEST_F(Present, an_answer_starts_over_twice_and_then_reads_so_much_without_a_block_in_between) {
  // The greatest question whose reads are below the limit, and the next one.
  constexpr std::uint64_t kMost = kMaxHeldReads / store::kPieceReads;
  std::size_t fits = kMomentReads, not_any_more = kPurses;
  const auto pauses_of = [&](std::size_t purses) {
    const auto a = ask(purses);
    EXPECT_TRUE(a) << a.error().detail;
    return pauses() - 1;  // the last time is when it is made
  };
  ASSERT_LT(pauses_of(fits), kMost);
  ASSERT_GE(pauses_of(not_any_more), kMost);
  while (not_any_more - fits > 1) {
    const auto middle = (fits + not_any_more) / 2;
    (pauses_of(middle) < kMost ? fits : not_any_more) = middle;
  }
  // In each pause a payment is made, where the chain can be had: until it is kept.
  std::uint64_t came = 0, kept_out = 0;
  std::future<ledger::SubmitAnswer> last;
  clock.in_pause = [&] {
    if (kept_out != 0) return;
    clock.armed = false;  // what this asks
    last = std::async(std::launch::async, [&] { return submit(*node, {codec::encode(net.pay(came + 1))}); });
    const bool final = last.wait_for(came < (kMaxStarts - 1) * (kMost - 1) ? 20s : 100ms) == std::future_status::ready;
    ++(final ? came : kept_out);
    clock.armed = true;
  };
  const auto a = ask(fits);
  ASSERT_TRUE(a) << a.error().detail;
  EXPECT_GE(came, (kMaxStarts - 1) * (kMost - 1));
  EXPECT_LT(came, kMaxStarts * (kMost - 1)) << "it started over once more";
  EXPECT_EQ(kept_out, 1u);
  EXPECT_TRUE(proof::verify(a->proof, a->anchor.parts.state_root));
  last.wait();
  came = kept_out = 0;
  const auto b = ask(not_any_more);
  ASSERT_FALSE(b);
  EXPECT_EQ(code_of(b), Errc::busy);
  last.wait();
}

}  // namespace
}  // namespace dos::node
