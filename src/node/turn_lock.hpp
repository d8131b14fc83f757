// A lock for one writer or many readers that serves in order of arrival, so that a node asked without pause still makes blocks,
// and one that makes blocks without pause still answers.
#pragma once
#include <condition_variable>
#include <cstdint>
#include <mutex>

#include "chain/read_gate.hpp"

namespace dos::node {

class TurnLock final : public chain::ReadGate {
 public:
  void lock() override {
    std::unique_lock hold(mutex_);
    const auto mine = next_++;
    turn_.wait(hold, [&] { return serving_ == mine && readers_ == 0; });
    writing_ = true;
  }
  void unlock() override {
    {
      std::lock_guard hold(mutex_);
      writing_ = false;
      ++serving_;
    }
    turn_.notify_all();
  }
  void lock_shared() override {
    std::unique_lock hold(mutex_);
    const auto mine = next_++;
    turn_.wait(hold, [&] { return serving_ == mine; });
    ++readers_;
    ++serving_;
    if (serving_ != next_) turn_.notify_all();  // the next may be a reader
  }
  void unlock_shared() override {
    {
      std::lock_guard hold(mutex_);
      if (--readers_ > 0) return;
    }
    turn_.notify_all();
  }
  // Those whose turn has not come.
  std::uint64_t waiting() const {
    std::lock_guard hold(mutex_);
    return next_ - serving_ - (writing_ ? 1 : 0);
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable turn_;
  std::uint64_t next_ = 0, serving_ = 0, readers_ = 0;
  bool writing_ = false;
};

}  // namespace dos::node
