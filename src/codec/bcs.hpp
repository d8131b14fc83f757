// BCS (Binary Canonical Serialization, diem/bcs): the one encoding of everything that is signed, hashed, stored or sent.
// Little-endian integers, ULEB128 lengths and variant tags, no padding. Strict: each value has one encoding; over-long
// ULEB, bool other than 0/1, text that is not UTF-8, unknown variant or enum values, left-over bytes are Errc::malformed.
// Shared by host and guests: standard library headers only, no exceptions, no recursion without a bound.
//
// A struct takes part by naming its fields once (codec/fields.hpp):
//     DOS_FIELDS(height, parent);
// An enum class takes part (as one byte) by a free function  constexpr bool valid(E).
// decode<T> never allocates more than the input is long (times the size of the element).
#pragma once
#include <array>
#include <concepts>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "base/bytes.hpp"
#include "base/ids.hpp"
#include "base/result.hpp"
#include "codec/fields.hpp"

namespace dos::codec {

inline constexpr std::uint32_t kMaxLength = (1u << 31) - 1;  // of a sequence, as in the BCS specification
inline constexpr int kMaxDepth = 64;                         // of nested sequences, options, variants and structs

bool is_utf8(BytesView text);  // shortest form, no surrogates, at most U+10FFFF

class Encoder {
 public:
  Bytes out;
  void raw(BytesView b) { append(out, b); }
  void uleb(std::uint64_t v) {
    while (v >= 0x80) {
      out.push_back(std::uint8_t(v) | 0x80);
      v >>= 7;
    }
    out.push_back(std::uint8_t(v));
  }
  template <class U>
  void integer(U v) {
    for (std::size_t i = 0; i < sizeof(U); ++i) out.push_back(std::uint8_t(v >> (8 * i)));
  }
};

class Decoder {
 public:
  explicit Decoder(BytesView in) : in_(in) {}
  bool ok() const { return ok_; }
  bool done() const { return ok_ && at_ == in_.size(); }
  std::size_t remaining() const { return in_.size() - at_; }
  std::size_t position() const { return at_; }
  void refuse() { ok_ = false; }
  BytesView raw(std::size_t n) {
    if (!ok_ || n > remaining()) {
      ok_ = false;
      return {};
    }
    auto r = in_.subspan(at_, n);
    at_ += n;
    return r;
  }
  std::uint32_t uleb() {  // at most 32 bits, shortest form
    std::uint64_t v = 0;
    for (int shift = 0; shift < 35; shift += 7) {
      auto b = raw(1);
      if (!ok_) return 0;
      v |= std::uint64_t(b[0] & 0x7f) << shift;
      if ((b[0] & 0x80) == 0) {
        if ((b[0] == 0 && shift != 0) || v > UINT32_MAX) ok_ = false;
        return std::uint32_t(v);
      }
    }
    ok_ = false;
    return 0;
  }
  std::uint32_t length() {
    const auto n = uleb();
    if (n > kMaxLength) ok_ = false;
    return n;
  }
  template <class U>
  U integer() {
    auto b = raw(sizeof(U));
    U v = 0;
    if (ok_)
      for (std::size_t i = 0; i < sizeof(U); ++i) v = U(v | (U(b[i]) << (8 * i)));
    return v;
  }
  int depth = 0;

 private:
  BytesView in_;
  std::size_t at_ = 0;
  bool ok_ = true;
};

// ---- writing
template <class T>
concept Fields = requires(T& t) { T::fields(t, [](auto&...) {}); };

template <class T>
struct is_vector : std::false_type {};
template <class T>
struct is_vector<std::vector<T>> : std::true_type {};
template <class T>
struct is_array : std::false_type {};
template <class T, std::size_t N>
struct is_array<std::array<T, N>> : std::true_type {};
template <class T>
struct is_optional : std::false_type {};
template <class T>
struct is_optional<std::optional<T>> : std::true_type {};
template <class T>
struct is_variant : std::false_type {};
template <class... Ts>
struct is_variant<std::variant<Ts...>> : std::true_type {};
template <class T>
struct is_strong : std::false_type {};
template <class Tag>
struct is_strong<Strong<Tag>> : std::true_type {};
template <>
struct is_strong<Version> : std::true_type {};

template <class T>
void write(Encoder& e, const T& v) {
  if constexpr (std::is_same_v<T, bool>) {
    e.out.push_back(v ? 1 : 0);
  } else if constexpr (std::is_enum_v<T>) {
    static_assert(sizeof(T) == 1);
    e.out.push_back(std::uint8_t(v));
  } else if constexpr (std::is_unsigned_v<T>) {
    e.integer(v);
  } else if constexpr (is_strong<T>::value) {
    e.integer(v.value);
  } else if constexpr (std::is_same_v<T, Hash>) {
    e.raw(v.bytes);
  } else if constexpr (std::is_same_v<T, Bytes>) {
    e.uleb(v.size());
    e.raw(v);
  } else if constexpr (std::is_same_v<T, std::string>) {
    e.uleb(v.size());
    e.raw(as_bytes(v));
  } else if constexpr (is_array<T>::value) {
    for (const auto& x : v) write(e, x);
  } else if constexpr (is_vector<T>::value) {
    e.uleb(v.size());
    for (const auto& x : v) write(e, x);
  } else if constexpr (is_optional<T>::value) {
    e.out.push_back(v ? 1 : 0);
    if (v) write(e, *v);
  } else if constexpr (is_variant<T>::value) {
    e.uleb(v.index());
    std::visit([&](const auto& x) { write(e, x); }, v);
  } else {
    static_assert(Fields<const T>, "give the struct its DOS_FIELDS");
    T::fields(v, [&](const auto&... f) { (write(e, f), ...); });
  }
}

// ---- reading
template <class T>
void read(Decoder& d, T& v);

template <class V, std::size_t... I>
void read_variant(Decoder& d, V& v, std::uint32_t tag, std::index_sequence<I...>) {
  const bool known = ((tag == I ? (read(d, v.template emplace<I>()), true) : false) || ...);
  if (!known) d.refuse();
}

template <class T>
void read(Decoder& d, T& v) {
  if (!d.ok()) return;
  if constexpr (std::is_same_v<T, bool>) {
    auto b = d.raw(1);
    if (!d.ok()) return;
    if (b[0] > 1) d.refuse();
    v = b[0] == 1;
  } else if constexpr (std::is_enum_v<T>) {
    auto b = d.raw(1);
    if (!d.ok()) return;
    v = T(b[0]);
    if (!valid(v)) d.refuse();
  } else if constexpr (std::is_unsigned_v<T>) {
    v = d.integer<T>();
  } else if constexpr (is_strong<T>::value) {
    v.value = d.integer<std::uint64_t>();
  } else if constexpr (std::is_same_v<T, Hash>) {
    auto b = d.raw(32);
    if (d.ok()) std::memcpy(v.bytes.data(), b.data(), 32);
  } else if constexpr (std::is_same_v<T, Bytes>) {
    const auto n = d.length();
    auto b = d.raw(n);
    if (d.ok()) v.assign(b.begin(), b.end());
  } else if constexpr (std::is_same_v<T, std::string>) {
    const auto n = d.length();
    auto b = d.raw(n);
    if (!d.ok()) return;
    if (!is_utf8(b)) return d.refuse();
    v.assign(as_text(b));
  } else if constexpr (is_array<T>::value) {
    for (auto& x : v) read(d, x);
  } else {
    if (++d.depth > kMaxDepth) return d.refuse();
    if constexpr (is_vector<T>::value) {
      const auto n = d.length();
      if (n > d.remaining()) return d.refuse();  // every element takes at least one byte
      v.clear();
      for (std::uint32_t i = 0; i < n && d.ok(); ++i) {
        v.emplace_back();
        read(d, v.back());
      }
    } else if constexpr (is_optional<T>::value) {
      bool present = false;
      read(d, present);
      if (present) read(d, v.emplace());
      else v.reset();
    } else if constexpr (is_variant<T>::value) {
      const auto tag = d.uleb();
      if (d.ok()) read_variant(d, v, tag, std::make_index_sequence<std::variant_size_v<T>>{});
    } else {
      static_assert(Fields<T>, "give the struct its DOS_FIELDS");
      T::fields(v, [&](auto&... f) { (read(d, f), ...); });
    }
    --d.depth;
  }
}

template <class T>
Bytes encode(const T& v) {
  Encoder e;
  write(e, v);
  return std::move(e.out);
}

// The whole input is one T, or Errc::malformed. `what` names the thing in the error: "a transaction".
template <class T>
Result<T> decode(BytesView in, const char* what = "a value") {
  Decoder d(in);
  T v{};
  read(d, v);
  if (!d.done()) return fail(Errc::malformed, std::string("not the encoding of ") + what);
  return v;
}

}  // namespace dos::codec
