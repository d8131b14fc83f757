// Everything that passes the seam, in order: the hash of it names a run, and two runs of a seed must give the same one.
#pragma once
#include <functional>
#include <string>

#include "crypto/hash.hpp"
#include "fakes/clock.hpp"

namespace dos::fakes {

class Trace {
 public:
  // Lines are made only if somebody reads them.
  std::function<void(const std::string& line)> print;

  void note(SimTime now, std::uint32_t node, std::string_view what, BytesView bytes = {}) {
    std::uint8_t head[20];
    put(head, now);
    put(head + 8, std::uint64_t(node) << 32 | std::uint32_t(what.size()));
    const auto size = std::uint32_t(bytes.size());
    std::memcpy(head + 16, &size, 4);
    hasher_.update(head);
    hasher_.update(as_bytes(what));
    hasher_.update(bytes);
    ++notes_;
  }
  void say(SimTime now, std::uint32_t node, const std::function<std::string()>& line) {
    if (!print) return;
    const auto us = now / 1000;
    std::string at = std::to_string(us % 1'000'000);
    at.insert(0, 6 - at.size(), '0');
    print(std::to_string(us / 1'000'000) + "." + at + (node == kNobody ? "        " : "  v" + std::to_string(node + 1) + "    ") + line());
  }
  static constexpr std::uint32_t kNobody = UINT32_MAX;
  std::uint64_t notes() const { return notes_; }
  std::string digest() const { return hex(BytesView(hasher_.finish().bytes).first(16)); }

 private:
  static void put(std::uint8_t* out, std::uint64_t v) { std::memcpy(out, &v, 8); }
  crypto::Hasher hasher_;
  std::uint64_t notes_ = 0;
};

}  // namespace dos::fakes
