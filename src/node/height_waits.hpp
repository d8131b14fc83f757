// Reads that wait for a block: places, shared fairly by the sources that ask. Full, who has waited longest of the source that holds most
// is told how far the node is; it had the most time.
#pragma once
#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "base/ids.hpp"
#include "serve/crowd.hpp"

namespace dos::node {

struct HeightWait {
  Height height;
  std::uint64_t deadline_ns = 0;
  api::Source source;
  std::function<void(bool reached)> done;
};

class HeightWaits {
 public:
  HeightWaits(std::size_t most, std::size_t most_of_source) : places_(most), most_of_source_(most_of_source) {}

  // Who goes for it, to be told by the caller outside its locks; none, mostly.
  std::optional<HeightWait> add(HeightWait wait) {
    const auto number = ++last_;
    auto out = places_.of(wait.source) >= most_of_source_ ? places_.give_up(wait.source) : std::nullopt;
    const auto entry = places_.enter(number, wait.source);  // nobody is ever at work here: there is always one that goes
    if (entry.out) out = entry.out;
    std::optional<HeightWait> gone;
    if (out) gone = std::move(waits_.extract(*out).mapped());
    waits_.emplace(number, std::move(wait));
    return gone;
  }
  std::vector<HeightWait> reached(Height height) {
    return take([&](const HeightWait& w) { return w.height <= height; });
  }
  std::vector<HeightWait> due(std::uint64_t now_ns) {
    return take([&](const HeightWait& w) { return w.deadline_ns <= now_ns; });
  }
  std::vector<HeightWait> take_all() {
    return take([](const HeightWait&) { return true; });
  }
  std::optional<std::uint64_t> first_ns() const {
    std::optional<std::uint64_t> first;
    for (const auto& [number, w] : waits_) first = first ? std::min(*first, w.deadline_ns) : w.deadline_ns;
    return first;
  }
  std::size_t size() const { return waits_.size(); }
  std::size_t of(const api::Source& source) const { return places_.of(source); }

 private:
  template <class Which>
  std::vector<HeightWait> take(Which which) {
    std::vector<HeightWait> taken;
    std::erase_if(waits_, [&](auto& wait) {
      if (!which(wait.second)) return false;
      places_.leave(wait.first);
      taken.push_back(std::move(wait.second));
      return true;
    });
    return taken;
  }
  serve::Crowd places_;
  std::size_t most_of_source_;
  serve::Crowd::Id last_ = 0;
  std::map<serve::Crowd::Id, HeightWait> waits_;  // in the order they came
};

}  // namespace dos::node
