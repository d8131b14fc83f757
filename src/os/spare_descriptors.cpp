#include "os/spare_descriptors.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace dos::os {
namespace {

constexpr int kPauses = 100;  // of 10 ms each
constexpr std::size_t kMaxClients = 4096, kMaxPeerHandshakes = 128;
constexpr std::size_t kLeastClients = 16, kLeastPeerHandshakes = 8;

}  // namespace

bool out_of_descriptors(int error) { return error == EMFILE || error == ENFILE; }

SpareDescriptors& SpareDescriptors::of_process() {
  static SpareDescriptors all;
  return all;
}

int SpareDescriptors::with_spare(const std::function<int()>& open) {
  int fd = open();
  for (int pauses = 0; fd < 0 && out_of_descriptors(errno); fd = open()) {
    if (give_one()) continue;
    if (pauses++ == kPauses) {
      errno = EMFILE;
      return -1;
    }
    ::usleep(10'000);
  }
  return fd;
}

bool SpareDescriptors::give_one() {
  std::lock_guard hold(mutex_);
  if (spare_.empty()) return false;
  ::close(spare_.back());
  spare_.pop_back();
  return true;
}

void SpareDescriptors::refill() {
  std::lock_guard hold(mutex_);
  while (spare_.size() < kSpareDescriptors) {
    const int fd = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (fd < 0) return;
    spare_.push_back(fd);
  }
}

std::size_t SpareDescriptors::held() const {
  std::lock_guard hold(mutex_);
  return spare_.size();
}

DescriptorShares share_descriptors(std::size_t descriptors, std::size_t validators) {
  // Two connections with each other validator may be up or crossing at a time.
  const auto fixed = kDescriptorsForFiles + kSpareDescriptors + 2 * validators;
  const auto left = descriptors - std::min(descriptors, fixed);
  const auto handshakes = std::clamp(left / 8, kLeastPeerHandshakes, kMaxPeerHandshakes);
  const auto rest = left - std::min(left, handshakes);
  // Those that give way are open a moment longer: an eighth for them.
  return {std::clamp(rest - rest / 8, kLeastClients, kMaxClients), handshakes};
}

}  // namespace dos::os
