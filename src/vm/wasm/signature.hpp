// "(iiI)i" of the host table: i = i32, I = i64, v = nothing.
#pragma once
#include <wasm.h>

#include <array>
#include <string_view>

#include "base/check.hpp"

namespace dos::vm::wasm {

struct Signature {
  static constexpr std::size_t kMaxParams = 8;
  std::array<wasm_valkind_t, kMaxParams> params{};
  std::size_t count = 0;
  bool has_result = false;
  wasm_valkind_t result = WASM_I32;

  friend bool operator==(const Signature& a, const Signature& b) {
    if (a.count != b.count || a.has_result != b.has_result || (a.has_result && a.result != b.result)) return false;
    for (std::size_t i = 0; i < a.count; ++i)
      if (a.params[i] != b.params[i]) return false;
    return true;
  }
};

inline Signature parse_signature(std::string_view text) {  // of our own table: a mistake is a broken invariant
  const auto kind = [](char c) { return wasm_valkind_t(c == 'I' ? WASM_I64 : WASM_I32); };
  Signature s;
  DOS_CHECK(text.size() >= 3 && text.front() == '(' && text[text.size() - 2] == ')');
  for (char c : text.substr(1, text.size() - 3)) {
    DOS_CHECK((c == 'i' || c == 'I') && s.count < Signature::kMaxParams);
    s.params[s.count++] = kind(c);
  }
  DOS_CHECK(text.back() == 'i' || text.back() == 'I' || text.back() == 'v');
  s.has_result = text.back() != 'v';
  s.result = kind(text.back());
  return s;
}

// False if the type has something that no host function has (more parameters or results, other kinds).
inline bool from_wasm(const wasm_functype_t* type, Signature& out) {
  const auto* params = wasm_functype_params(type);
  const auto* results = wasm_functype_results(type);
  if (params->size > Signature::kMaxParams || results->size > 1) return false;
  out = {};
  for (std::size_t i = 0; i < params->size; ++i) out.params[out.count++] = wasm_valtype_kind(params->data[i]);
  out.has_result = results->size == 1;
  if (out.has_result) out.result = wasm_valtype_kind(results->data[0]);
  return true;
}

inline wasm_functype_t* to_wasm(const Signature& s) {
  wasm_valtype_t* params[Signature::kMaxParams];
  for (std::size_t i = 0; i < s.count; ++i) params[i] = wasm_valtype_new(s.params[i]);
  wasm_valtype_vec_t p, r;
  wasm_valtype_vec_new(&p, s.count, params);
  if (s.has_result) {
    wasm_valtype_t* result[] = {wasm_valtype_new(s.result)};
    wasm_valtype_vec_new(&r, 1, result);
  } else {
    wasm_valtype_vec_new_empty(&r);
  }
  return wasm_functype_new(&p, &r);
}

}  // namespace dos::vm::wasm
