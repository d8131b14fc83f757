// A mutex that serves in order of arrival, so that a node asked without pause still makes blocks. The store's reads fill
// caches, so readers, too, take turns. Not recursive.
#pragma once
#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace dos::node {

class TurnLock {
 public:
  void lock() {
    std::unique_lock hold(mutex_);
    const auto mine = next_++;
    turn_.wait(hold, [&] { return serving_ == mine; });
  }
  void unlock() {
    {
      std::lock_guard hold(mutex_);
      ++serving_;
    }
    turn_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable turn_;
  std::uint64_t next_ = 0, serving_ = 0;
};

}  // namespace dos::node
