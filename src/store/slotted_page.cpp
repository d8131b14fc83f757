#include "store/slotted_page.hpp"

#include "base/check.hpp"

namespace dos::store {
namespace {

std::size_t common(BytesView a, BytesView b) {
  const std::size_t most = std::min(a.size(), b.size());
  std::size_t n = 0;
  while (n < most && a[n] == b[n]) ++n;
  return n;
}

}  // namespace

void SlottedPage::set_payload(std::size_t i, std::uint64_t v) {
  DOS_CHECK(v <= kMaxPayload);
  put_slot(i, (slot(i) & ~kMaxPayload) | v);
}

// Order of heads is order of keys wherever they differ: a key that ends early counts as if zeros followed.
std::uint32_t SlottedPage::head_of(BytesView k) const {
  std::uint8_t four[4] = {};
  if (k.size() >= std::size_t(skip_) + 4) std::memcpy(four, k.data() + skip_, 4);
  else if (k.size() > skip_) std::memcpy(four, k.data() + skip_, k.size() - skip_);
  return std::uint32_t(four[0]) << 24 | std::uint32_t(four[1]) << 16 | std::uint32_t(four[2]) << 8 | four[3];
}

std::size_t SlottedPage::bound(BytesView k, bool upper) const {
  const std::size_t begin = first();
  if (count_ <= begin) return begin == 0 ? 0 : count_;
  const std::uint32_t h = head_of(k);
  // The first entry whose head is not below. Halving without branches: the outcome of a comparison is as good as random.
  std::size_t low = begin;
  for (std::size_t n = count_ - begin; n > 0;) {
    const std::size_t half = n / 2;
    const bool right = head(low + half) < h;
    low = right ? low + half + 1 : low;
    n = right ? n - half - 1 : half;
  }
  // Heads say something about k only if it begins as the keys here do: any of them tells.
  const BytesView near = key(low < count_ ? low : low - 1);
  const int side = compare(k.first(std::min<std::size_t>(k.size(), skip_)), near.first(skip_));
  if (side != 0) return side < 0 ? begin : count_;
  std::size_t end = low;
  while (end < count_ && head(end) == h) ++end;
  while (low < end) {
    const std::size_t mid = (low + end) / 2;
    const int c = compare(key(mid), k);
    if (c < 0 || (upper && c == 0)) low = mid + 1;
    else end = mid;
  }
  return low;
}

void SlottedPage::prefetch() const {
  for (std::size_t at = 0; at < 4 * std::size_t(count_); at += 64) __builtin_prefetch(bytes_.get() + at);
}

void SlottedPage::set_heads(std::size_t skip) {
  skip_ = std::uint16_t(skip);
  for (std::size_t i = 0; i < first() && i < count_; ++i) put_head(i, 0);
  for (std::size_t i = first(); i < count_; ++i) put_head(i, head_of(key(i)));
}

void SlottedPage::rebuild(std::size_t capacity) {
  DOS_CHECK(capacity >= used_bytes() && capacity <= kMaxBytes);
  auto fresh = std::make_unique_for_overwrite<std::uint8_t[]>(capacity);
  std::size_t heap = capacity;
  for (std::size_t i = 0; i < count_; ++i) {
    const BytesView k = key(i);
    heap -= k.size() + 2;
    std::memcpy(fresh.get() + heap, k.data() - 2, k.size() + 2);
    const std::uint64_t s = std::uint64_t(heap) << 48 | payload(i);
    std::memcpy(fresh.get() + 4 * std::size_t(count_) + 8 * i, &s, 8);
  }
  bytes_ = std::move(fresh);
  capacity_ = std::uint16_t(capacity);
  heap_ = std::uint16_t(heap);
  set_heads(count_ > first() ? common(key(first()), key(count_ - 1)) : 0);
}

void SlottedPage::reserve(std::size_t bytes) {
  if (bytes > capacity_) rebuild(rounded(bytes));
}

void SlottedPage::insert(std::size_t at, BytesView k, std::uint64_t payload) {
  DOS_CHECK(payload <= kMaxPayload && fits(used_bytes(), k.size()));
  const std::size_t need = k.size() + kEntryBytes;
  if (12 * std::size_t(count_) + need > heap_) rebuild(rounded(used_bytes() + need));
  heap_ = std::uint16_t(heap_ - k.size() - 2);
  std::uint8_t* to = bytes_.get() + heap_;
  to[0] = std::uint8_t(k.size());
  to[1] = std::uint8_t(k.size() >> 8);
  if (!k.empty()) std::memcpy(to + 2, k.data(), k.size());
  std::uint8_t* page = bytes_.get();
  std::uint8_t* old = page + 4 * std::size_t(count_);
  std::memmove(old + 4 + 8 * (at + 1), old + 8 * at, 8 * (count_ - at));
  std::memmove(old + 4, old, 8 * at);
  std::memmove(page + 4 * (at + 1), page + 4 * at, 4 * (count_ - at));
  ++count_;
  key_bytes_ = std::uint16_t(key_bytes_ + k.size());
  put_slot(at, std::uint64_t(heap_) << 48 | payload);
  if (at < first()) return set_heads(count_ > first() ? common(key(first()), key(count_ - 1)) : 0);
  const std::size_t other = at > first() ? at - 1 : at + 1;  // another entry with a head, if there is one
  const std::size_t same = other < count_ ? common(key(other).first(std::min<std::size_t>(skip_, key(other).size())), k) : k.size();
  if (other >= count_ || same < skip_) set_heads(same);
  else put_head(at, head_of(k));
}

void SlottedPage::erase(std::size_t at) {
  key_bytes_ = std::uint16_t(key_bytes_ - key(at).size());
  std::uint8_t* page = bytes_.get();
  std::uint8_t* old = page + 4 * std::size_t(count_);
  std::memmove(page + 4 * at, page + 4 * (at + 1), 4 * (count_ - at - 1));
  std::memmove(old - 4, old, 8 * at);
  std::memmove(old - 4 + 8 * at, old + 8 * (at + 1), 8 * (count_ - at - 1));
  --count_;
  if (capacity_ >= rounded(used_bytes()) + 4 * kStep) fit();
}

void SlottedPage::take_from(const SlottedPage& other, std::size_t first, std::size_t last) {
  std::size_t need = used_bytes();
  for (std::size_t i = first; i < last; ++i) need += other.key(i).size() + kEntryBytes;
  reserve(need);
  for (std::size_t i = first; i < last; ++i) insert(count_, other.key(i), other.payload(i));
}

void SlottedPage::cut(std::size_t keep) {
  // Slots lie behind the heads of all entries: with fewer heads they begin earlier.
  std::size_t gone = 0;
  for (std::size_t i = keep; i < count_; ++i) gone += key(i).size();
  std::memmove(bytes_.get() + 4 * keep, slots(), 8 * keep);
  count_ = std::uint16_t(keep);
  key_bytes_ = std::uint16_t(key_bytes_ - gone);
  fit();
}

}  // namespace dos::store
