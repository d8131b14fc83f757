// Clock and Entropy of the machine, and the lock of a data folder.
#pragma once
#include "base/edge.hpp"

namespace dos::node {

class SystemClock final : public Clock {
 public:
  std::uint64_t wall_ms() override;
  std::uint64_t monotonic_ns() override;
};
class SystemEntropy final : public Entropy {
 public:
  void fill(std::span<std::uint8_t> out) override;  // getrandom(2)
};

// Held as long as the object lives, and by the kernel's word released when the process ends, however it ends: a node is
// alive exactly when its folder is locked. data_locked if another process has it.
class FolderLock {
 public:
  static Result<FolderLock> take(const std::string& folder);
  static bool held(const std::string& folder);  // by any process
  FolderLock(FolderLock&& o) noexcept : fd_(o.fd_) { o.fd_ = -1; }
  FolderLock(const FolderLock&) = delete;
  ~FolderLock();

 private:
  explicit FolderLock(int fd) : fd_(fd) {}
  int fd_;
};

}  // namespace dos::node
