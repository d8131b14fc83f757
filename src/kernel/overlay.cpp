#include "kernel/overlay.hpp"

namespace dos::kernel {

Result<std::optional<store::Record>> Overlay::get(BytesView key) const {
  if (auto it = changes_.find(key); it != changes_.end()) return it->second;
  return below_.get(key);
}

Result<std::optional<Version>> Overlay::version(BytesView key) const {
  if (auto it = changes_.find(key); it != changes_.end()) return it->second ? std::optional(it->second->version) : std::nullopt;
  return below_.version(key);
}

Result<std::optional<Bytes>> Overlay::next(BytesView prefix, BytesView after) const {
  // Below: the first key that was not deleted above.
  std::optional<Bytes> candidate;
  Bytes from = to_bytes(after);
  for (;;) {
    DOS_ASSIGN(candidate, below_.next(prefix, from));
    if (!candidate) break;
    auto it = changes_.find(*candidate);
    if (it == changes_.end() || it->second) break;
    from = *candidate;
    ++passed_;
  }
  // Above: the first key that exists.
  auto it = compare(after, prefix) < 0 ? changes_.lower_bound(prefix) : changes_.upper_bound(after);
  for (; it != changes_.end() && starts_with(it->first, prefix); ++it) {
    if (candidate && compare(it->first, *candidate) >= 0) break;
    if (it->second) {
      candidate = it->first;
      break;
    }
    ++passed_;
  }
  return candidate;
}

}  // namespace dos::kernel
