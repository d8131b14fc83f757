#include "kernel/overlay.hpp"

#include <utility>

namespace dos::kernel {

Result<std::optional<store::Record>> Overlay::get(BytesView key) const {
  if (auto it = changes_.find(key); it != changes_.end()) return it->second;
  return below_.get(key);
}

Result<std::optional<Version>> Overlay::version(BytesView key) const {
  if (auto it = changes_.find(key); it != changes_.end()) return it->second ? std::optional(it->second->version) : std::nullopt;
  return below_.version(key);
}

void Overlay::put(BytesView key, store::Record record) {
  const auto at = changes_.insert_or_assign(to_bytes(key), std::move(record)).first;
  auto gap = gaps_.lower_bound(key);  // the one before begins before the key
  if (gap == gaps_.begin() || compare((--gap)->second, key) < 0) return;
  // All keys of a gap that were ever live are here, removed: what is left of it on this side ends at the last of them.
  Bytes end = std::exchange(gap->second, {});
  if (at != changes_.begin() && compare(std::prev(at)->first, gap->first) > 0) gap->second = std::prev(at)->first;
  else gaps_.erase(gap);
  if (compare(end, key) > 0) gaps_.emplace(to_bytes(key), std::move(end));
}

Bytes Overlay::behind_gap(BytesView after) const {
  const auto gap = gaps_.upper_bound(after);
  const bool within = gap != gaps_.begin() && compare(std::prev(gap)->second, after) > 0;
  return within ? std::prev(gap)->second : to_bytes(after);
}

void Overlay::note_gap(BytesView after, BytesView last) const {
  if (compare(after, last) >= 0) return;
  auto gap = gaps_.upper_bound(after);
  Bytes first = to_bytes(after);
  if (gap != gaps_.begin() && compare(std::prev(gap)->second, after) >= 0) first = (--gap)->first;
  while (gap != gaps_.end() && compare(gap->first, last) <= 0 && compare(gap->second, last) <= 0) gap = gaps_.erase(gap);
  gaps_.insert_or_assign(std::move(first), to_bytes(last));
}

Result<std::optional<Bytes>> Overlay::next(BytesView prefix, BytesView after) const {
  if (compare(after, prefix) < 0) {
    DOS_ASSIGN(const auto there, version(prefix));
    if (there) return to_bytes(prefix);
    after = prefix;
  } else if (!starts_with(after, prefix)) {
    return std::nullopt;
  }
  Bytes from = behind_gap(after);  // nothing lives behind `after` up to here
  std::optional<Bytes> below;
  for (bool look = true; starts_with(from, prefix);) {
    if (look) { DOS_ASSIGN(below, below_.next(prefix, from)); }
    const auto here = changes_.upper_bound(from);
    const bool first = here != changes_.end() && starts_with(here->first, prefix) && (!below || compare(here->first, *below) <= 0);
    if (!first || here->second) {
      note_gap(after, from);
      return first ? std::optional(here->first) : below;
    }
    ++passed_;
    from = behind_gap(here->first);
    look = below && compare(*below, from) <= 0;
  }
  note_gap(after, from);
  return std::nullopt;
}

}  // namespace dos::kernel
