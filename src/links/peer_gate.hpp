// How many strangers may be in the middle of a handshake: in all, and from one source address; and how many handshakes a
// second are begun at all, as each costs key agreement and a signature on the node's one loop. A flood can keep
// honest peers out of this gate, not off this node: it dials them too, and what it dials does not pass here.
#pragma once
#include <map>
#include <string>

#include "base/bytes.hpp"

namespace dos::links {

class PeerGate {
 public:
  PeerGate(std::size_t most, std::size_t most_per_source, std::size_t per_second)
      : most_(most), most_per_source_(most_per_source), rate_(per_second), tokens_(2 * per_second) {}

  bool enter(const std::string& source, std::uint64_t now_ns) {
    const auto earned = (now_ns - filled_ns_) / kSecond * rate_ + (now_ns - filled_ns_) % kSecond * rate_ / kSecond;
    if (earned > 0) {
      tokens_ = std::min(2 * rate_, tokens_ + std::size_t(std::min<std::uint64_t>(earned, 2 * rate_)));
      filled_ns_ = now_ns;
    }
    if (tokens_ == 0 || inside_ >= most_) return false;
    const auto at = by_source_.find(source);
    if (at != by_source_.end() && at->second >= most_per_source_) return false;
    ++by_source_[source];
    ++inside_;
    --tokens_;
    return true;
  }
  void leave(const std::string& source) {
    const auto at = by_source_.find(source);
    if (at == by_source_.end()) return;
    if (--at->second == 0) by_source_.erase(at);
    --inside_;
  }
  std::size_t inside() const { return inside_; }

 private:
  static constexpr std::uint64_t kSecond = 1'000'000'000;
  std::size_t most_, most_per_source_, rate_, tokens_;
  std::size_t inside_ = 0;
  std::uint64_t filled_ns_ = 0;
  std::map<std::string, std::size_t> by_source_;  // no more entries than handshakes under way
};

}  // namespace dos::links
