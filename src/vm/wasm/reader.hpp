// The bytes of a module, one number after the other (WebAssembly Core 2.0, 5.2): never beyond their end.
#pragma once
#include "base/bytes.hpp"

namespace dos::vm::wasm {

class Reader {
 public:
  explicit Reader(BytesView in) : in_(in) {}
  bool ok = true;
  bool done() const { return at_ == in_.size(); }
  std::uint8_t byte() {
    if (at_ == in_.size()) return ok = false, 0;
    return in_[at_++];
  }
  void leb(int most_bytes) {  // skips an integer of either sign
    for (int i = 0; i < most_bytes; ++i)
      if ((byte() & 0x80) == 0) return;
    ok = false;
  }
  std::uint32_t u32() {
    std::uint64_t v = 0;
    for (int shift = 0; shift < 35; shift += 7) {
      const auto b = byte();
      v |= std::uint64_t(b & 0x7f) << shift;
      if ((b & 0x80) == 0) return v > UINT32_MAX ? (ok = false, 0) : std::uint32_t(v);
    }
    return ok = false, 0;
  }
  Reader part(std::size_t n) {
    if (n > in_.size() - at_) {
      ok = false;
      n = in_.size() - at_;
    }
    Reader r(in_.subspan(at_, n));
    at_ += n;
    return r;
  }

 private:
  BytesView in_;
  std::size_t at_ = 0;
};

}  // namespace dos::vm::wasm
