// Clock and Entropy of the machine, and the lock of a data folder.
#pragma once
#include "base/edge.hpp"

namespace dos::os {

class SystemClock final : public Clock {
 public:
  std::uint64_t wall_ms() override;
  std::uint64_t monotonic_ns() override;
};
class SystemEntropy final : public Entropy {
 public:
  void fill(std::span<std::uint8_t> out) override;  // getrandom(2)
};

inline constexpr int kHandedOver = 3;

// Held as long as the object lives, and by the kernel's word released when the process ends, however it ends: a node is
// alive exactly when its folder is locked. data_locked if another process has it. The lock's file says whose pid has it.
class FolderLock {
 public:
  // Whoever starts this process may have taken the lock for it, on the descriptor kHandedOver: then the folder was held before the
  // process was there. `handed_over` is such a descriptor, or none (-1), or one of something else, which is left alone.
  static Result<FolderLock> take(const std::string& folder, int handed_over = -1);
  FolderLock(FolderLock&& o) noexcept : fd_(o.fd_) { o.fd_ = -1; }
  FolderLock(const FolderLock&) = delete;
  ~FolderLock();

 private:
  explicit FolderLock(int fd) : fd_(fd) {}
  int fd_;
};

}  // namespace dos::os
