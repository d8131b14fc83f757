// The bytes of one simulated file in pages of 4 KiB that copies share until one of them writes. A page of zeros takes no memory:
// journal segments are written full of zeros before use.
#pragma once
#include <memory>
#include <vector>

#include "base/bytes.hpp"

namespace dos::fakes {

class Image {
 public:
  static constexpr std::size_t kPage = 4096;
  std::uint64_t size() const { return size_; }
  void resize(std::uint64_t size);  // new bytes are zero
  void write(std::uint64_t offset, BytesView data);  // grows
  void read(std::uint64_t offset, std::span<std::uint8_t> out) const;  // within size()
  void take(const Image& other, std::uint64_t from, std::uint64_t to);  // its pages there, shared; size becomes its size
  bool zero_page(std::uint64_t number) const { return pages_[number] == nullptr; }  // false: perhaps
  Bytes bytes() const;

 private:
  using Page = std::array<std::uint8_t, kPage>;
  std::uint64_t size_ = 0;
  std::vector<std::shared_ptr<Page>> pages_;
};

}  // namespace dos::fakes
