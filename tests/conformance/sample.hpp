// Values in which every byte differs from its neighbours: every field is filled by one counter, so that a field that moved, grew or
// went shows. Lists have two items. The k-th sample takes the k-th alternative of every variant, one more leaves every option out.
#pragma once
#include "codec/bcs.hpp"
#include "tests/conformance/reflect.hpp"

namespace dos::conformance {

struct Filler {
  std::uint8_t count = 0;
  std::size_t alternative = 0;
  bool with_options = true;
  std::size_t alternatives = 1;  // most that were met
  bool options = false;          // one was met
  std::uint8_t next() { return ++count == 0 ? ++count : count; }

  template <class T>
  void fill(T& v);

 private:
  template <class V, std::size_t... I>
  void fill_variant(V& v, std::index_sequence<I...>) {
    alternatives = std::max(alternatives, sizeof...(I));
    ((alternative % sizeof...(I) == I ? fill(v.template emplace<I>()) : void()), ...);
  }
  template <class T>
  static int& inside() {  // how many of this struct are being filled: one that holds itself ends
    static int depth = 0;
    return depth;
  }
};

template <class T>
void Filler::fill(T& v) {
  if constexpr (std::is_same_v<T, bool>) v = true;
  else if constexpr (std::is_enum_v<T>) {
    const auto values = enumerators<T>();
    v = T(values[next() % values.size()].first);
  } else if constexpr (std::is_unsigned_v<T>) {
    v = 0;
    for (std::size_t i = 0; i < sizeof(T); ++i) v = T(v | T(T(next()) << (8 * i)));
  } else if constexpr (codec::is_strong<T>::value) fill(v.value);
  else if constexpr (std::is_same_v<T, Hash>) fill(v.bytes);
  else if constexpr (std::is_same_v<T, std::string>) {
    v.clear();
    for (int i = 0; i < 3; ++i) v += char('a' + next() % 26);
  } else if constexpr (codec::is_array<T>::value) {
    for (auto& x : v) fill(x);
  } else if constexpr (codec::is_vector<T>::value) {
    using Item = typename T::value_type;
    v.clear();
    if constexpr (codec::Fields<Item>)
      if (inside<Item>() > 1) return;
    for (int i = 0; i < 2; ++i) fill(v.emplace_back());
  } else if constexpr (codec::is_optional<T>::value) {
    options = true;
    if (with_options) fill(v.emplace());
    else v.reset();
  } else if constexpr (codec::is_variant<T>::value) fill_variant(v, std::make_index_sequence<std::variant_size_v<T>>{});
  else {
    ++inside<T>();
    T::fields(v, [&](auto&... f) { (fill(f), ...); });
    --inside<T>();
  }
}

template <class T>
T sample(std::size_t k = 0, bool with_options = true) {
  Filler f;
  f.alternative = k;
  f.with_options = with_options;
  T v{};
  f.fill(v);
  return v;
}

// All samples of a type, each handed to `each(const T&, name)`: "0", "1", … and "without".
template <class T>
void each_sample(auto&& each) {
  std::size_t most = 1;
  bool options = false;
  for (std::size_t k = 0; k < most; ++k) {
    Filler f;
    f.alternative = k;
    T v{};
    f.fill(v);
    most = std::max(most, f.alternatives);
    options = options || f.options;
    each(v, std::to_string(k));
  }
  if (options) each(sample<T>(0, false), "without");
}

// Equal field by field, as DOS_FIELDS lists them.
template <class T>
bool same(const T& a, const T& b) {
  if constexpr (codec::is_vector<T>::value) {
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i)
      if (!same(a[i], b[i])) return false;
    return true;
  } else if constexpr (codec::is_optional<T>::value) return a.has_value() == b.has_value() && (!a || same(*a, *b));
  else if constexpr (codec::is_variant<T>::value) {
    if (a.index() != b.index()) return false;
    return std::visit(
        [&](const auto& x) {
          const auto* y = std::get_if<std::remove_cvref_t<decltype(x)>>(&b);
          return y != nullptr && same(x, *y);
        },
        a);
  } else if constexpr (codec::Fields<const T>) {
    bool equal = true;
    T::fields(a, [&](const auto&... x) { T::fields(b, [&](const auto&... y) { equal = (same(x, y) && ... && true); }); });
    return equal;
  } else return a == b;
}

}  // namespace dos::conformance
