#include "store/slotted_page.hpp"

#include "base/check.hpp"

namespace dos::store {
namespace {

constexpr std::size_t kStep = 256;  // allocations are multiples of this: little is wasted, few moves

std::size_t rounded(std::size_t n) { return (n + kStep - 1) / kStep * kStep; }

}  // namespace

BytesView SlottedPage::key(std::size_t i) const {
  const std::uint8_t* at = bytes_.get() + (slot(i) >> 48);
  return {at + 2, std::size_t(at[0] | at[1] << 8)};
}

void SlottedPage::set_payload(std::size_t i, std::uint64_t v) {
  DOS_CHECK(v <= kMaxPayload);
  put_slot(i, (slot(i) & ~kMaxPayload) | v);
}

std::size_t SlottedPage::lower_bound(BytesView k) const {
  std::size_t low = 0, high = count_;
  while (low < high) {
    const std::size_t mid = (low + high) / 2;
    if (compare(key(mid), k) < 0) low = mid + 1;
    else high = mid;
  }
  return low;
}

std::size_t SlottedPage::upper_bound(BytesView k) const {
  std::size_t low = 0, high = count_;
  while (low < high) {
    const std::size_t mid = (low + high) / 2;
    if (compare(key(mid), k) <= 0) low = mid + 1;
    else high = mid;
  }
  return low;
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
    std::memcpy(fresh.get() + 8 * i, &s, 8);
  }
  bytes_ = std::move(fresh);
  capacity_ = std::uint16_t(capacity);
  heap_ = std::uint16_t(heap);
}

void SlottedPage::insert(std::size_t at, BytesView k, std::uint64_t payload) {
  DOS_CHECK(payload <= kMaxPayload && fits(used_bytes(), k.size()));
  const std::size_t need = k.size() + kEntryBytes;
  if (8 * std::size_t(count_) + need > heap_) rebuild(rounded(used_bytes() + need));
  heap_ = std::uint16_t(heap_ - k.size() - 2);
  std::uint8_t* to = bytes_.get() + heap_;
  to[0] = std::uint8_t(k.size());
  to[1] = std::uint8_t(k.size() >> 8);
  if (!k.empty()) std::memcpy(to + 2, k.data(), k.size());
  std::memmove(bytes_.get() + 8 * (at + 1), bytes_.get() + 8 * at, 8 * (count_ - at));
  put_slot(at, std::uint64_t(heap_) << 48 | payload);
  ++count_;
  key_bytes_ = std::uint16_t(key_bytes_ + k.size());
}

void SlottedPage::erase(std::size_t at) {
  key_bytes_ = std::uint16_t(key_bytes_ - key(at).size());
  std::memmove(bytes_.get() + 8 * at, bytes_.get() + 8 * (at + 1), 8 * (count_ - at - 1));
  --count_;
  if (capacity_ >= rounded(used_bytes()) + 4 * kStep) rebuild(rounded(used_bytes()));
}

void SlottedPage::take_from(const SlottedPage& other, std::size_t first, std::size_t last) {
  std::size_t need = used_bytes();
  for (std::size_t i = first; i < last; ++i) need += other.key(i).size() + kEntryBytes;
  if (need > capacity_) rebuild(rounded(need));
  for (std::size_t i = first; i < last; ++i) insert(count_, other.key(i), other.payload(i));
}

void SlottedPage::cut(std::size_t keep) {
  while (count_ > keep) key_bytes_ = std::uint16_t(key_bytes_ - key(--count_).size());
  rebuild(rounded(used_bytes()));
}

}  // namespace dos::store
