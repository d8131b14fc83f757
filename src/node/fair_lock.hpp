// A shared mutex that cannot starve its writer: glibc's prefers readers, so a node that is asked without pause would make
// no blocks. Readers and writer pass one turnstile in order of arrival. Not recursive.
#pragma once
#include <mutex>
#include <shared_mutex>

namespace dos::node {

class FairLock {
 public:
  void lock() {
    std::lock_guard turn(turnstile_);
    rw_.lock();
  }
  void unlock() { rw_.unlock(); }
  void lock_shared() {
    std::lock_guard turn(turnstile_);
    rw_.lock_shared();
  }
  void unlock_shared() { rw_.unlock_shared(); }

 private:
  std::mutex turnstile_;
  std::shared_mutex rw_;
};

}  // namespace dos::node
