#include "node/questions.hpp"

#include <gtest/gtest.h>

#include <future>
#include <vector>

#include "node/node.hpp"

namespace dos::node {
namespace {

api::Source stranger(std::uint8_t n) {
  api::Source s;
  s.key = {0x20, 1, n};
  return s;
}

TEST(Questions, sources_take_turns_and_each_has_its_bound) {
  Questions q(5, 3);
  std::vector<int> ran, refused;
  std::promise<void> all;
  const auto ask = [&](std::uint8_t who, int number, bool last = false) {
    q.post(stranger(who), [&, number, last](bool run) {
      (run ? ran : refused).push_back(number);
      if (last) all.set_value();
    });
  };
  for (int i = 0; i < 4; ++i) ask(1, 10 + i);
  ask(2, 20);
  ask(2, 21, true);
  ask(3, 30);  // all places are taken: the newest of who has most gives way
  ask(4, 40);
  ask(4, 41);  // nobody has clearly more
  ask(2, 22);
  EXPECT_EQ(refused, (std::vector{13, 12, 11, 41, 22}));
  EXPECT_EQ(q.waiting(), q.limit());
  q.start();
  all.get_future().wait();
  q.stop();
  EXPECT_EQ(ran, (std::vector{10, 20, 30, 40, 21}));
  EXPECT_EQ(ran.size() + refused.size(), 10u);
}

TEST(Questions, syncs_of_content_wait_up_to_their_number_and_the_next_is_done_at_once) {
  Questions q(kMaxDiskWork, kMaxDiskWork);
  std::size_t at_once = 0;
  const auto post = [&] { q.post({}, [&](bool run) { at_once += !run; }); };
  for (std::size_t i = 0; i < kMaxDiskWork; ++i) post();
  EXPECT_EQ(at_once, 0u);
  post();
  EXPECT_EQ(at_once, 1u);
  EXPECT_EQ(q.waiting(), kMaxDiskWork);
}

TEST(Questions, that_still_wait_are_told_when_the_node_stops) {
  int told = 0;
  Questions q(8, 8);
  for (int i = 0; i < 3; ++i) q.post({}, [&](bool run) { told += !run; });
  q.stop();
  EXPECT_EQ(told, 3);
  q.post({}, [&](bool run) { told += !run; });
  EXPECT_EQ(told, 4);
}

}  // namespace
}  // namespace dos::node
