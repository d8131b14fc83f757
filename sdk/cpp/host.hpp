// What a module may import: the host function table (src/abi/host_table.hpp, docs/spec/host.md) as declarations.
// modules/tests/tables_test.cpp compares names and signatures of what the modules import with the table.
#pragma once
#include <cstdint>

#include "abi/host_table.hpp"

#define DOS_IMPORT(name) __attribute__((import_module("dos"), import_name(#name)))

namespace dos::guest::host {

using Ptr = const void*;
using Out = void*;
using Len = std::uint32_t;
using I32 = std::int32_t;
using I64 = std::uint64_t;

extern "C" {
DOS_IMPORT(args_len) I32 dos_args_len();
DOS_IMPORT(args) void dos_args(Out out);
DOS_IMPORT(ret) void dos_ret(Ptr ptr, Len len);
DOS_IMPORT(fail) void dos_fail(I32 code, Ptr ptr, Len len);
DOS_IMPORT(get) I32 dos_get(Ptr key, Len len, Out out, Len cap);
DOS_IMPORT(put) void dos_put(Ptr key, Len len, Ptr obj, Len obj_len);
DOS_IMPORT(del) void dos_del(Ptr key, Len len);
DOS_IMPORT(append) I32 dos_append(Ptr prefix, Len len, Ptr obj, Len obj_len, Out out, Len cap);
DOS_IMPORT(next) I32 dos_next(Ptr prefix, Len len, Ptr after, Len after_len, Out out, Len cap);
DOS_IMPORT(authorized) I32 dos_authorized(Ptr lock, Len len);
DOS_IMPORT(sender) I32 dos_sender(Out out, Len cap);
DOS_IMPORT(time) I64 dos_time();
DOS_IMPORT(height) I64 dos_height();
DOS_IMPORT(version) I64 dos_version();
DOS_IMPORT(hash) void dos_hash(Ptr domain, Len len, Ptr data, Len data_len, Out out);
DOS_IMPORT(stored) I32 dos_stored(Ptr root, I64 bytes);
DOS_IMPORT(debit) void dos_debit(Ptr key, Len len, I64 amount);
DOS_IMPORT(deposit) void dos_deposit(Ptr key, Len len, I64 amount);
DOS_IMPORT(rent) void dos_rent(I64 bytes, I64 until);
DOS_IMPORT(call) I32 dos_host_call(I32 module, I32 number, Ptr args, Len len, Out out, Len cap);
DOS_IMPORT(caller) I32 dos_caller();
DOS_IMPORT(params) I32 dos_params(Out out, Len cap);
DOS_IMPORT(local) I32 dos_local();
}

// The WebAssembly signature of a declaration, in the table's letters: what clang gives the import.
template <class T>
constexpr char letter() {
  if constexpr (sizeof(T) == 8) return 'I';
  else return 'i';
}
struct Signature {
  char text[16] = {};
};
template <class R, class... A>
constexpr Signature signature(R (*)(A...)) {
  Signature s;
  int n = 0;
  s.text[n++] = '(';
  ((s.text[n++] = letter<A>()), ...);
  s.text[n++] = ')';
  if constexpr (__is_same(R, void)) s.text[n++] = 'v';
  else s.text[n++] = letter<R>();
  return s;
}
constexpr bool same(const Signature& a, const char* b) {
  int i = 0;
  for (; b[i] != 0; ++i)
    if (a.text[i] != b[i]) return false;
  return a.text[i] == 0;
}

// Every row of the table has its declaration, with the row's signature; a row without one does not compile.
constexpr auto dos_call = dos_host_call;
#define DOS_ROW(number, name, since, gas, sig) \
  static_assert(same(signature(dos_##name), sig), "host function " #name " is not declared as in the table");
DOS_HOST_FUNCTIONS(DOS_ROW)
#undef DOS_ROW

}  // namespace dos::guest::host
