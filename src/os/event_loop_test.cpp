#include "os/event_loop.hpp"

#include <gtest/gtest.h>
#include <time.h>
#include <unistd.h>

#include <latch>
#include <thread>

#include "os/system.hpp"

namespace dos::os {
namespace {

constexpr std::uint64_t kMs = 1'000'000;

TEST(EventLoop, posts_of_one_thread_run_in_order_on_the_loops_thread) {
  auto loop = *EventLoop::make();
  std::vector<int> seen;
  EXPECT_FALSE(loop->on_loop());
  for (int i = 0; i < 100; ++i)
    loop->post([&, i] {
      EXPECT_TRUE(loop->on_loop());
      seen.push_back(i);
      if (i == 99) loop->stop();
    });
  loop->run();
  ASSERT_EQ(seen.size(), 100u);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(seen[std::size_t(i)], i);
}

TEST(EventLoop, what_is_posted_from_other_threads_arrives) {
  auto loop = *EventLoop::make();
  int count = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 1000; ++i)
        loop->post([&] {
          if (++count == 4000) loop->stop();
        });
    });
  loop->run();
  for (auto& t : threads) t.join();
  EXPECT_EQ(count, 4000);
}

TEST(EventLoop, a_post_inside_a_task_runs_after_it) {
  auto loop = *EventLoop::make();
  std::string order;
  loop->post([&] {
    loop->post([&] {
      order += "b";
      loop->stop();
    });
    order += "a";
  });
  loop->run();
  EXPECT_EQ(order, "ab");
}

TEST(EventLoop, stop_before_run_is_not_lost) {
  auto loop = *EventLoop::make();
  loop->stop();
  loop->run();
  loop->post([&] { loop->stop(); });
  loop->run();
}

TEST(EventLoop, the_deadline_is_the_last_one_set_and_comes_once) {
  auto loop = *EventLoop::make();
  SystemClock clock;
  const auto start = clock.monotonic_ns();
  std::vector<std::uint64_t> came;
  std::latch twice(1);
  loop->on_deadline([&] {
    came.push_back(clock.monotonic_ns() - start);
    if (came.size() == 1) loop->set_deadline(clock.monotonic_ns());  // passed already: at once
    else loop->set_deadline(clock.monotonic_ns() + 5 * kMs), loop->set_deadline(std::nullopt), twice.count_down();
  });
  loop->set_deadline(start + 500 * kMs);
  loop->set_deadline(start + 5 * kMs);   // nearer
  loop->set_deadline(start + 20 * kMs);  // farther: not at 5
  std::thread later([&] {
    twice.wait();
    ::usleep(50'000);  // a third one would come
    loop->stop();
  });
  loop->run();
  later.join();
  ASSERT_EQ(came.size(), 2u);
  EXPECT_GE(came[0], 20 * kMs);
}

TEST(EventLoop, a_deadline_at_the_end_of_time_is_never) {
  auto loop = *EventLoop::make();
  bool came = false;
  loop->on_deadline([&] { came = true; });
  loop->set_deadline(UINT64_MAX);
  std::thread later([&] {
    ::usleep(20'000);
    loop->stop();
  });
  loop->run();
  later.join();
  EXPECT_FALSE(came);
}

TEST(EventLoop, idle_it_takes_no_time) {
  auto loop = *EventLoop::make();
  std::uint64_t before = 0, after = 0;
  auto spent = [] {  // by this thread
    timespec t{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return std::uint64_t(t.tv_sec) * 1'000'000'000 + std::uint64_t(t.tv_nsec);
  };
  std::thread thread([&] {
    loop->post([&] { before = spent(); });
    loop->run();
    after = spent();
  });
  ::usleep(500'000);
  loop->stop();
  thread.join();
  EXPECT_LT(after - before, 20 * kMs);  // waking up to stop is all there was
}

}  // namespace
}  // namespace dos::os
