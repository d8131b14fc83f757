#include "ledger/native_gas.hpp"

namespace dos::ledger {
namespace {

struct AccessGas {
  static std::uint64_t of(const Bytes& key, std::uint64_t work) { return kGasAccess + key.size() + work; }
  std::uint64_t operator()(const Exact& a) const { return of(a.key, kGasLookUp); }
  std::uint64_t operator()(const Latest& a) const { return of(a.key, 0); }
  std::uint64_t operator()(const LatestRange& a) const { return of(a.prefix, 0); }
  std::uint64_t operator()(const Read& a) const { return of(a.key, a.version ? kGasLookUp : 0); }
  std::uint64_t operator()(const RangeRead& a) const { return of(a.prefix, a.digest ? kGasRangeItem : 0); }  // its end is looked for, too
  std::uint64_t operator()(const Append& a) const { return of(a.prefix, 0); }
  std::uint64_t operator()(const Absent& a) const { return of(a.key, kGasLookUp); }
  std::uint64_t operator()(const Debit& a) const { return of(a.purse, kGasLookUp); }
  std::uint64_t operator()(const Deposit& a) const { return of(a.purse, kGasLookUp); }
};

struct WitnessGas {
  std::uint64_t operator()(const SigWitness&) const { return kGasSignature; }
  std::uint64_t operator()(const ListWitness& w) const { return kGasSignature + w.path.siblings.size() * kGasPathStep; }
  std::uint64_t operator()(const StoredWitness& w) const { return w.signatures.size() * kGasSignature; }
  std::uint64_t operator()(const PreimageWitness&) const { return kGasPreimage; }
};

}  // namespace

std::uint64_t native_gas(const SignedTransaction& tx) {
  std::uint64_t gas = 0;
  for (const auto& a : tx.tx.access) gas += std::visit(AccessGas{}, a.is);
  for (const auto& w : tx.witnesses) gas += std::visit(WitnessGas{}, w.is);
  if (tx.tx.stored)
    for (const auto& b : tx.tx.stored->blobs) gas += kGasClaimedBlob + b.path.siblings.size() * kGasPathStep;
  return gas;
}

std::uint64_t look_up_gas(const Account& account) {
  std::uint64_t listed = account.encryption.size();
  for (const auto& p : account.permissions) listed += p.keys.size() + p.accounts.size();
  return kGasAccount + listed * kGasListed;
}

}  // namespace dos::ledger
