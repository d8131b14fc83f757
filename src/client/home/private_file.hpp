// Small files of this user: whole reads with a bound, atomic writes, mode 0600.
#pragma once
#include <chrono>
#include <filesystem>
#include <optional>
#include <utility>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace dos::client {

// Written beside, synced, renamed over: a reader sees the old or the new file, whole. Makes the folder (0700) if absent.
Status write_private(const std::filesystem::path& file, BytesView content);
// no_host_file, limit, host_io. The last also for what is no regular file: a FIFO, a terminal or a device in the place of one would be
// waited for without end.
Result<Bytes> read_regular(const std::filesystem::path& file, std::size_t max_bytes);
Result<Bytes> read_standard_input(std::size_t max_bytes);  // limit, host_io
Result<bool> remove_file(const std::filesystem::path& file);  // true: it was there
// read_regular of a secret: host_io unless it is a regular file of this user, no link, that nobody else may read.
Result<Bytes> read_private(const std::filesystem::path& file, std::size_t max_bytes);

// For others who write the file: each has it for a moment. One that is stopped (Ctrl-Z) or waits for its disk has it for ever.
inline constexpr std::chrono::milliseconds kLockTime{10'000};

// Holds an exclusive lock on `file` (made if absent) while it lives. Waits for another holder; host_io after `time`.
class FileLock {
 public:
  static Result<FileLock> take(const std::filesystem::path& file, std::chrono::milliseconds time = kLockTime);
  static Result<std::optional<FileLock>> try_take(const std::filesystem::path& file);  // none: another holds it
  FileLock(FileLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FileLock& operator=(FileLock&&) = delete;
  ~FileLock();

 private:
  explicit FileLock(int fd) : fd_(fd) {}
  static Result<std::optional<FileLock>> take_by(const std::filesystem::path& file, std::chrono::steady_clock::time_point end);
  int fd_;
};

}  // namespace dos::client
