// A page of a B+-tree: sorted slots from the front, key bytes from the back, in one allocation that grows with its
// content. A slot is 16 bits of offset and 48 bits of payload, so an entry costs 10 bytes beyond its key.
#pragma once
#include <memory>

#include "base/bytes.hpp"

namespace dos::store {

class SlottedPage {
 public:
  static constexpr std::size_t kMaxBytes = 4096;
  static constexpr std::size_t kEntryBytes = 10;  // slot and key length
  static constexpr std::uint64_t kMaxPayload = (std::uint64_t(1) << 48) - 1;

  std::uint32_t prev = 0, next = 0;  // neighbours on the leaf level; 0: none
  bool leaf = true;

  std::size_t count() const { return count_; }
  std::size_t used_bytes() const { return count_ * kEntryBytes + key_bytes_; }
  std::size_t allocated_bytes() const { return capacity_; }
  BytesView key(std::size_t i) const;
  std::uint64_t payload(std::size_t i) const { return slot(i) & kMaxPayload; }
  void set_payload(std::size_t i, std::uint64_t v);
  std::size_t lower_bound(BytesView key) const;  // first entry >= key
  std::size_t upper_bound(BytesView key) const;  // first entry > key

  static constexpr bool fits(std::size_t used, std::size_t key_bytes) { return used + key_bytes + kEntryBytes <= kMaxBytes; }
  void insert(std::size_t at, BytesView key, std::uint64_t payload);  // the caller has asked fits()
  void erase(std::size_t at);
  void take_from(const SlottedPage& other, std::size_t first, std::size_t last);  // appends other's entries [first, last)
  void cut(std::size_t count);                                                    // keeps the first `count`

 private:
  std::uint64_t slot(std::size_t i) const {
    std::uint64_t s;
    std::memcpy(&s, bytes_.get() + 8 * i, 8);
    return s;
  }
  void put_slot(std::size_t i, std::uint64_t s) { std::memcpy(bytes_.get() + 8 * i, &s, 8); }
  void rebuild(std::size_t capacity);

  std::unique_ptr<std::uint8_t[]> bytes_;
  std::uint16_t count_ = 0;
  std::uint16_t capacity_ = 0;
  std::uint16_t heap_ = 0;       // where the key bytes begin
  std::uint16_t key_bytes_ = 0;  // of entries, without their lengths
};

}  // namespace dos::store
