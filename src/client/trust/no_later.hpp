// Work that cannot be ended from outside (the system's lookup of a name), and is not waited for beyond a time.
#pragma once
#include <chrono>
#include <future>
#include <optional>
#include <thread>

namespace dos::client {

// What `work` gives; nothing if it takes longer than until `end`: it goes on by itself, so it may refer to nothing that the caller
// has. std::system_error if there is no room for a thread.
template <class Work>
auto no_later(std::chrono::steady_clock::time_point end, Work work) -> std::optional<decltype(work())> {
  std::packaged_task<decltype(work())()> task(std::move(work));
  auto result = task.get_future();
  std::thread(std::move(task)).detach();
  if (result.wait_until(end) != std::future_status::ready) return std::nullopt;
  return result.get();
}

}  // namespace dos::client
