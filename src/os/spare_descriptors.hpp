// File descriptors kept for the disk. When the process or the machine has none left, whoever connects must not be able to take those
// that the store needs next: opening gives a spare one back to the system and asks again.
#pragma once
#include <cstddef>
#include <functional>
#include <mutex>
#include <vector>

namespace dos::os {

inline constexpr std::size_t kSpareDescriptors = 32;
// Descriptors of a process: what others may take of them (connections) leaves this much for files, logs, pipes, the loops.
inline constexpr std::size_t kDescriptorsForFiles = 192;

class SpareDescriptors {
 public:
  static SpareDescriptors& of_process();
  // What `open` gives: a descriptor, or -1 with errno. Out of descriptors, it is called again with one more free each time, then for a
  // while in the hope that others close theirs.
  int with_spare(const std::function<int()>& open);
  void refill();  // as many as there are to be had
  std::size_t held() const;

 private:
  bool give_one();
  mutable std::mutex mutex_;
  std::vector<int> spare_;
};

bool out_of_descriptors(int error);

// How many connections a process with so many descriptors may serve, and handshakes of peers it may have half done.
struct DescriptorShares {
  std::size_t clients, peer_handshakes;
};
DescriptorShares share_descriptors(std::size_t descriptors, std::size_t validators);

}  // namespace dos::os
