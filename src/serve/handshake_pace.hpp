// When the next handshake of a source may begin: each costs key agreement and a signature, before anything is known of who asks. A
// source that is too quick waits behind itself; the pace of all together is above that of one, so that one does not hold up the rest.
#pragma once
#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>

#include "api/http.hpp"

namespace dos::serve {

class HandshakePace {
 public:
  struct Rate {
    std::uint64_t per_second, burst;  // burst: at once after a rest
  };
  HandshakePace(Rate one, Rate all, std::uint64_t longest_wait_ns) : one_(one), all_(all), longest_ns_(longest_wait_ns) {}

  // How long it has to wait, 0: not at all; none: longer than anybody should, it is to be turned away.
  std::optional<std::uint64_t> wait_ns(const api::Source& source, std::uint64_t now_ns) {
    if (by_source_.size() >= kMaxSources) std::erase_if(by_source_, [&](const auto& s) { return s.second <= now_ns; });
    const auto at = by_source_.find(source);
    const auto mine = at == by_source_.end() ? 0 : at->second;
    const auto wait = std::max(one_wait(one_, mine, now_ns), one_wait(all_, all_next_, now_ns));
    if (wait > longest_ns_ || (at == by_source_.end() && by_source_.size() >= kMaxSources)) return std::nullopt;
    by_source_[source] = std::max(mine, now_ns) + kSecond / one_.per_second;
    all_next_ = std::max(all_next_, now_ns) + kSecond / all_.per_second;
    return wait;
  }
  std::size_t sources() const { return by_source_.size(); }

  static constexpr std::size_t kMaxSources = 8192;

 private:
  static constexpr std::uint64_t kSecond = 1'000'000'000;
  // `next`: when all that were let in so far would have begun at the steady pace.
  static std::uint64_t one_wait(const Rate& rate, std::uint64_t next, std::uint64_t now_ns) {
    const auto ahead = (rate.burst - 1) * (kSecond / rate.per_second);
    return next > now_ns + ahead ? next - now_ns - ahead : 0;
  }
  Rate one_, all_;
  std::uint64_t longest_ns_, all_next_ = 0;
  std::map<api::Source, std::uint64_t> by_source_;
};

}  // namespace dos::serve
