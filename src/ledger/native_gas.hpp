// What the kernel does for a transaction itself, priced (docs/spec/execution.md, "Native work"). The host functions of
// abi/host_table.hpp are priced there, in the same unit: an instruction of compiled code.
#pragma once
#include "ledger/state_formats.hpp"
#include "ledger/transaction.hpp"

namespace dos::ledger {

// name, gas, for each
// clang-format off
#define DOS_NATIVE_GAS(X)                                                              \
  X(kGasAccess, 300, "entry of access[], beside a gas for each byte of its key")       \
  X(kGasLookUp, 2'000, "object or purse that is looked up")                            \
  X(kGasRangeItem, 5'000, "object that the digest of a range covers: found and hashed") \
  X(kGasSignature, 60'000, "signature, of whatever kind")                              \
  X(kGasAccount, 2'000, "account that a signature or a permission leads to")           \
  X(kGasListed, 1'500, "key or other account that such an account lists")              \
  X(kGasPathStep, 300, "hash of a path")                                               \
  X(kGasClaimedBlob, 2'000, "blob of a storage claim")                                 \
  X(kGasPreimage, 1'000, "preimage")
// clang-format on
#define DOS_ROW(name, gas, what) inline constexpr std::uint64_t name = gas;
DOS_NATIVE_GAS(DOS_ROW)
#undef DOS_ROW

// Who declares gas keeps it from others, used or not: at least a part of what was declared is paid.
inline constexpr std::uint64_t kDeclaredShare = 4;

// What the transaction's own bytes say that its checks take: declared accesses, witnesses, storage claim. Known, and compared
// with its gas limit, before any of them is looked at.
std::uint64_t native_gas(const SignedTransaction& tx);
std::uint64_t look_up_gas(const Account& account);

}  // namespace dos::ledger
