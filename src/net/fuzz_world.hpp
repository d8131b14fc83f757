// For the fuzz targets of this folder: time that the input moves, and links to peers 1 to 4 that the input cuts. Peer 4 is
// honest and always there.
#pragma once
#include <cstdlib>
#include <deque>
#include <set>

#include "base/check.hpp"
#include "base/edge.hpp"
#include "net/framing.hpp"
#include "net/message_table.hpp"
#include "net/outbox.hpp"

namespace dos::net::fuzz {

inline constexpr std::uint16_t kHonest = 4;

struct World final : Outbox, Clock {
  std::uint64_t now = 1'000'000'000;
  std::set<std::uint16_t> up{1, 2, 3, kHonest};
  std::deque<std::pair<std::uint16_t, AnyMessage>> sent;  // to whom; send_all as one for each

  bool send(std::uint16_t to, const AnyMessage& message) override {
    // Within the limits of its row and of its fields: an honest peer would close the link otherwise.
    DOS_CHECK(encode_frame(message).has_value());
    std::visit(
        []<class T>(const T& m) {
          if constexpr (!std::is_same_v<T, std::monostate>) DOS_CHECK(check_limits(m).has_value());
        },
        message);
    if (!up.contains(to)) return false;
    sent.emplace_back(to, message);
    return true;
  }
  void send_all(const AnyMessage& message) override {
    for (const auto p : up) send(p, message);
  }
  std::vector<std::uint16_t> linked() const override { return {up.begin(), up.end()}; }
  bool room_for(std::uint16_t to, std::size_t) const override { return up.contains(to); }
  std::uint64_t wall_ms() override { return now / 1'000'000; }
  std::uint64_t monotonic_ns() override { return now; }
};

// The input as a list of steps: what, who (1 to 3), a number, and up to 255 further bytes.
struct Step {
  std::uint8_t what = 0, number = 0;
  std::uint16_t who = 1;
  BytesView more;
};
inline std::optional<Step> next_step(BytesView& rest) {
  if (rest.size() < 4) return std::nullopt;
  const std::size_t n = std::min<std::size_t>(rest[3], rest.size() - 4);
  const Step step{rest[0], rest[2], std::uint16_t(1 + rest[1] % 3), rest.subspan(4, n)};
  rest = rest.subspan(4 + n);
  return step;
}

// Whoever was woken at its deadline soon has another one, or none: a loop that sleeps until then never spins.
template <class Part>
void wake(World& world, Part& part) {
  const auto due = [&] { return part.deadline_ns().value_or(UINT64_MAX) <= world.now; };
  part.wake();
  if (due()) part.wake();  // what waited behind something that ended, and is late itself
  DOS_CHECK(!due());
}

}  // namespace dos::net::fuzz
