// Who holds the lock of a node's data folder, whoever started it.
#pragma once
#include <chrono>
#include <filesystem>
#include <optional>

#include "base/result.hpp"

namespace dos::cli {

// A dosd that runs on a data folder. A signal reaches that process, and none that has got its pid since.
class NodeProcess {
 public:
  static std::optional<NodeProcess> of(std::int64_t pid, const std::filesystem::path& data);  // none: it is another process, or none
  NodeProcess(NodeProcess&& o) noexcept;
  NodeProcess& operator=(NodeProcess&&) = delete;
  ~NodeProcess();
  void signal(int number) const;
  std::int64_t pid() const { return pid_; }

 private:
  NodeProcess(std::int64_t pid, int fd) : pid_(pid), fd_(fd) {}
  std::int64_t pid_;
  int fd_;  // pidfd_open(2); -1 where the kernel has none
};

bool is_node(std::int64_t pid, const std::filesystem::path& data);  // a dosd that runs on this folder
Result<bool> look_held(const std::filesystem::path& data);  // host_io: the lock is there and cannot be looked at
inline bool is_held(const std::filesystem::path& data) { return look_held(data).value_or(false); }
inline constexpr std::chrono::milliseconds kSaysWhoItIs{5'000};  // from fork to the pid in the lock: less than 50 ms on an idle machine
// The process that holds the folder: the pid that stands in its lock, else `hint`. None: nobody holds it. One that has just been started
// is waited for until it says who it is, for `time` at most. data_locked: another process than a dosd of this network holds it.
Result<std::optional<NodeProcess>> holder_of(const std::filesystem::path& data, std::int64_t hint,
                                             std::chrono::milliseconds time = kSaysWhoItIs);

// The lock of a data folder, taken for the process that is about to be started on it.
class HandedLock {
 public:
  static Result<std::optional<HandedLock>> take(const std::filesystem::path& data);  // none: it is held
  HandedLock(HandedLock&& o) noexcept;
  HandedLock& operator=(HandedLock&&) = delete;
  ~HandedLock();
  // Between fork and exec: the lock goes on as the descriptor where dosd looks for it, all else above 2 ends with exec.
  void hand_over() const;

 private:
  explicit HandedLock(int fd) : fd_(fd) {}
  int fd_;
};

}  // namespace dos::cli
