// A page of a B+-tree: heads, then sorted slots from the front, key bytes from the back, in one allocation that grows with its
// content. A slot is 16 bits of offset and 48 bits of payload. A head is the four bytes of a key that follow what all keys of
// the page begin with; searching goes over heads, which lie together, and looks at whole keys only where heads are alike. An
// entry costs 14 bytes beyond its key.
#pragma once
#include <memory>

#include "base/bytes.hpp"

namespace dos::store {

class SlottedPage {
 public:
  static constexpr std::size_t kMaxBytes = 4096;
  static constexpr std::size_t kEntryBytes = 14;  // head, slot and key length
  static constexpr std::uint64_t kMaxPayload = (std::uint64_t(1) << 48) - 1;

  explicit SlottedPage(bool is_leaf = true) : leaf(is_leaf) {}

  std::uint32_t prev = 0, next = 0;  // neighbours on the leaf level; 0: none
  bool leaf;

  std::size_t count() const { return count_; }
  std::size_t used_bytes() const { return count_ * kEntryBytes + key_bytes_; }
  std::size_t allocated_bytes() const { return capacity_; }
  BytesView key(std::size_t i) const {
    const std::uint8_t* at = bytes_.get() + (slot(i) >> 48);
    return {at + 2, std::size_t(at[0] | at[1] << 8)};
  }
  std::uint64_t payload(std::size_t i) const { return slot(i) & kMaxPayload; }
  void set_payload(std::size_t i, std::uint64_t v);
  // The first key of an inner page stands for everything down to the page's own lower bound; it is never looked at.
  std::size_t lower_bound(BytesView key) const { return bound(key, false); }  // first entry >= key
  std::size_t upper_bound(BytesView key) const { return bound(key, true); }   // first entry > key
  void prefetch() const;  // what a search reads first

  static constexpr bool fits(std::size_t used, std::size_t key_bytes) { return used + key_bytes + kEntryBytes <= kMaxBytes; }
  void insert(std::size_t at, BytesView key, std::uint64_t payload);  // the caller has asked fits()
  void erase(std::size_t at);
  void take_from(const SlottedPage& other, std::size_t first, std::size_t last);  // appends other's entries [first, last)
  void cut(std::size_t count);                                                    // keeps the first `count`
  void reserve(std::size_t bytes);  // so that entries up to this many used_bytes() need no other allocation
  void fit() { rebuild(rounded(used_bytes())); }  // to what is used

 private:
  static constexpr std::size_t kStep = 256;  // allocations are multiples of this: little is wasted, few moves
  static constexpr std::size_t rounded(std::size_t n) { return (n + kStep - 1) / kStep * kStep; }

  std::size_t first() const { return leaf ? 0 : 1; }  // of the entries with a head
  const std::uint8_t* slots() const { return bytes_.get() + 4 * std::size_t(count_); }
  std::uint64_t slot(std::size_t i) const {
    std::uint64_t s;
    std::memcpy(&s, slots() + 8 * i, 8);
    return s;
  }
  void put_slot(std::size_t i, std::uint64_t s) { std::memcpy(bytes_.get() + 4 * std::size_t(count_) + 8 * i, &s, 8); }
  std::uint32_t head(std::size_t i) const {
    std::uint32_t h;
    std::memcpy(&h, bytes_.get() + 4 * i, 4);
    return h;
  }
  void put_head(std::size_t i, std::uint32_t h) { std::memcpy(bytes_.get() + 4 * i, &h, 4); }
  std::uint32_t head_of(BytesView key) const;
  std::size_t bound(BytesView key, bool upper) const;
  void set_heads(std::size_t skip);
  void rebuild(std::size_t capacity);

  std::unique_ptr<std::uint8_t[]> bytes_;
  std::uint16_t count_ = 0;
  std::uint16_t capacity_ = 0;
  std::uint16_t heap_ = 0;       // where the key bytes begin
  std::uint16_t key_bytes_ = 0;  // of entries, without their lengths
  std::uint16_t skip_ = 0;       // bytes that all keys with a head begin with
};

}  // namespace dos::store
