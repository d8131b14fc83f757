// What is read is paid for by block time, whatever a node still gives.
#include <gtest/gtest.h>

#include "base/test_code.hpp"
#include "client/files/file_write.hpp"
#include "client/test_files.hpp"

namespace dos::client {
namespace {

constexpr TimeMs kPaid{1'900'000'000'000};  // far from this machine's time, which says nothing

struct Expiry : testing::Test, TestFiles {
  Expiry() { file(nullptr, kPaid); }
  // What the node shows from now on: block `height` of that time. It gives whatever it is asked for, expired or not.
  void show(Height height, TimeMs time) {
    node.set([this, height, time](std::string_view target, BytesView body) {
      const auto query = codec::decode<ledger::StateQuery>(body);
      if (target != "/v1/state" || !query) return Bytes();
      auto answer = chain.state(height, state, time);
      if (query->at) answer.proof.height = *query->at;
      return codec::encode(answer);
    });
  }
};

TEST_F(Expiry, what_was_paid_until_then_is_read_and_copied_up_to_a_block_of_that_time_and_not_after) {
  struct Case {
    TimeMs time;
    bool good;
  };
  Height height{10};
  for (const auto& [time, good] : {Case{TimeMs{kPaid.value - 1000}, true}, Case{TimeMs{kPaid.value - 1}, true}, Case{kPaid, true},
                                   Case{TimeMs{kPaid.value + 1}, false}, Case{TimeMs{kPaid.value + 1000}, false}}) {
    ++height.value;
    show(height, time);
    auto session = open();
    const auto got = read(session);
    ASSERT_EQ(got.has_value(), good) << time.value;
    const auto found = find(session);
    ASSERT_TRUE(found);  // it is there, and told of
    const auto copied = content_under(session, alice, *found, {}, false);
    EXPECT_EQ(copied.has_value(), good) << time.value;
    EXPECT_TRUE(content_under(session, alice, *found, {}, true)) << "a move is no reading";
    if (good) {
      EXPECT_EQ(*got, plain);
      continue;
    }
    EXPECT_EQ(code_of(got), Errc::not_found);
    EXPECT_EQ(code_of(copied), Errc::not_found);
    EXPECT_TRUE(got.error().detail.ends_with("paid until 2030-03-17T17:46:40Z")) << got.error().detail;
  }
}

TEST_F(Expiry, the_newest_block_that_was_seen_is_the_time_also_of_a_look_into_the_past) {
  show(Height(12), kPaid);
  auto session = open();
  EXPECT_TRUE(read(session));
  EXPECT_TRUE(read(session, Height(5)));
  show(Height(13), TimeMs{kPaid.value + 1});
  EXPECT_EQ(code_of(read(session)), Errc::not_found);
  show(Height(12), kPaid);  // a node that lags gives the past
  EXPECT_EQ(code_of(read(session, Height(5))), Errc::not_found);
}

}  // namespace
}  // namespace dos::client
