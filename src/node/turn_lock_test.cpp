// Who may hold the chain's lock together, and in which order.
#include "node/turn_lock.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <shared_mutex>
#include <thread>
#include <vector>

namespace dos::node {
namespace {

TEST(TurnLock, readers_hold_it_together) {
  TurnLock lock;
  std::latch both(2);
  const auto reader = [&] {
    std::shared_lock hold(lock);
    both.arrive_and_wait();  // ends only when the other is inside, too
  };
  std::thread one(reader), two(reader);
  one.join();
  two.join();
}

TEST(TurnLock, a_reader_that_comes_after_a_writer_waits_for_it) {
  TurnLock lock;
  lock.lock_shared();
  std::atomic<int> step{0};
  std::thread writer([&] {
    std::lock_guard hold(lock);
    EXPECT_EQ(step.exchange(1), 0);
  });
  while (lock.waiting() == 0) std::this_thread::yield();
  std::thread reader([&] {
    std::shared_lock hold(lock);
    EXPECT_EQ(step.load(), 1);
  });
  while (lock.waiting() < 2) std::this_thread::yield();
  EXPECT_EQ(step.load(), 0);
  lock.unlock_shared();
  writer.join();
  reader.join();
}

TEST(TurnLock, a_writer_is_alone) {
  TurnLock lock;
  std::uint64_t a = 0, b = 0;  // guarded
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 2000; ++i) {
        std::lock_guard hold(lock);
        ++a;
        ++b;
      }
    });
    threads.emplace_back([&] {
      for (int i = 0; i < 2000; ++i) {
        std::shared_lock hold(lock);
        EXPECT_EQ(a, b);
      }
    });
  }
  for (auto& t : threads) t.join();
  EXPECT_EQ(a, 6000u);
}

}  // namespace
}  // namespace dos::node
