// The host function table: what a module may import from "dos" (docs/spec/host.md). number, name, since ABI version, gas,
// signature ("(params)result": i = i32, I = i64, v = nothing). Numbers are never reused. Pointers and lengths are i32 into
// the guest's memory; a range that leaves it traps. `out, cap` pairs: the length is returned; nothing is written when it
// exceeds `cap`. Shared by host and guests (sdk/cpp/host.hpp derives its imports from it).
//
//  args_len ()                          bytes of the call's arguments
//  args     (out)                       copies them
//  ret      (ptr, len)                  sets the return value, at most kMaxReturnBytes
//  fail     (code, ptr, len)            ends the call: Errc code, detail of at most 256 bytes; does not return
//  get      (key, len, out, cap)        BCS(Object), or -1 if absent. The key must be declared in access[] (any kind that reads)
//  put      (key, len, obj, len)        creates or changes an object of the module's own number; needs exact, latest, absent …
//  del      (key, len)                  removes one of the module's own
//  append   (prefix, len, obj, len, out, cap)  creates prefix || version || n; returns the key
//  next     (prefix, len, after, len, out, cap)  least key > after under a declared range, or -1
//  authorized (lock, len)               1 if the witnesses of this transaction satisfy the encoded lock, else 0; program locks: the caller
//  sender   (out, cap)                  BCS(Sender)
//  time, height, version ()             block time in ms, block height, the version this transaction writes
//  hash     (domain, len, data, len, out)      BLAKE3 derive_key, 32 bytes
//  stored   (root, bytes)               1 if this transaction's storage receipts cover the blob (root 32 bytes at ptr)
//  debit    (key, len, amount)          takes from a purse declared with `debit`; the kernel settles at block end
//  deposit  (key, len, amount)          gives to a purse declared with `deposit`; what goes in must have come out
//  rent     (bytes, until)              charges the payer for `bytes` from now until `until` (blobs; objects are charged by put)
//  call     (module, number, args, len, out, cap)  calls another module within this transaction; its failure is this one's
//  caller   ()                          module number of the caller, or -1 when called by the transaction
//  params   (out, cap)                  BCS(Params)
//  local    ()                          1 on local networks
#pragma once

// clang-format off
#define DOS_HOST_FUNCTIONS(X)          \
  X(1, args_len, 1, 50, "()i")         \
  X(2, args, 1, 100, "(i)v")           \
  X(3, ret, 1, 100, "(ii)v")           \
  X(4, fail, 1, 100, "(iii)v")         \
  X(5, get, 1, 2000, "(iiii)i")        \
  X(6, put, 1, 5000, "(iiii)v")        \
  X(7, del, 1, 3000, "(ii)v")          \
  X(8, append, 1, 5000, "(iiiiii)i")   \
  X(9, next, 1, 2000, "(iiiiii)i")     \
  X(10, authorized, 1, 1000, "(ii)i")  \
  X(11, sender, 1, 200, "(ii)i")       \
  X(12, time, 1, 50, "()I")            \
  X(13, height, 1, 50, "()I")          \
  X(14, version, 1, 50, "()I")         \
  X(15, hash, 1, 500, "(iiiii)v")      \
  X(16, stored, 1, 500, "(iI)i")       \
  X(17, debit, 1, 2000, "(iiI)v")      \
  X(18, deposit, 1, 2000, "(iiI)v")    \
  X(19, rent, 1, 200, "(II)v")         \
  X(20, call, 1, 20000, "(iiiiii)i")   \
  X(21, caller, 1, 50, "()i")          \
  X(22, params, 1, 200, "(ii)i")       \
  X(23, local, 1, 50, "()i")
// clang-format on

// Beside the flat gas: kGasPerByte for every byte copied in or out of the guest, and of an object that is read on the way (`get` into
// too little room; what `put`, `append` and `del` replace or take away); kGasPassed for every key that the
// transaction removed, when `next` first passes over it; for `authorized` what the accounts cost that the lock leads to (ledger/native_gas.hpp).
namespace dos::abi {
inline constexpr unsigned kHostAbi = 1;
inline constexpr unsigned kGasPerByte = 1;
inline constexpr unsigned kGasPassed = 1000;
// Guest exports: memory, dos_call(number: i32) -> void, dos_table() -> i64 (ptr << 32 | len) of BCS vector<CallRow>.
}  // namespace dos::abi
