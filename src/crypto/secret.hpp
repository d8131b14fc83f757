// Bytes that must not outlive their use: wiped on destruction and before they are replaced, never copied by accident,
// never printed. Everything that holds a seed, a private key or a shared secret holds it in one of these.
#pragma once
#include <utility>

#include "base/bytes.hpp"

namespace dos::crypto {

void wipe(std::span<std::uint8_t> b);  // not optimised away

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::size_t size) : bytes_(size) {}
  static Secret copy_of(BytesView b) {
    Secret s;
    s.bytes_.assign(b.begin(), b.end());
    return s;
  }
  Secret(Secret&& other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}
  Secret& operator=(Secret&& other) noexcept {
    if (this != &other) {
      wipe(bytes_);
      bytes_ = std::exchange(other.bytes_, {});
    }
    return *this;
  }
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret() { wipe(bytes_); }

  Secret clone() const { return copy_of(bytes_); }
  BytesView view() const { return bytes_; }
  std::span<std::uint8_t> span() { return bytes_; }
  std::uint8_t* data() { return bytes_.data(); }
  const std::uint8_t* data() const { return bytes_.data(); }
  std::size_t size() const { return bytes_.size(); }
  bool empty() const { return bytes_.empty(); }

 private:
  Bytes bytes_;  // its length never changes, so no forgotten copy is left behind by growth
};

// A fixed-size secret on the stack.
template <std::size_t N>
struct SecretArray {
  ByteArray<N> bytes{};
  SecretArray() = default;
  SecretArray(const SecretArray&) = delete;
  SecretArray& operator=(const SecretArray&) = delete;
  ~SecretArray() { wipe(bytes); }
  BytesView view() const { return bytes; }
  std::span<std::uint8_t, N> span() { return bytes; }
  std::uint8_t* data() { return bytes.data(); }
  const std::uint8_t* data() const { return bytes.data(); }
};

}  // namespace dos::crypto
