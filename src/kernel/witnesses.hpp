// Signatures of a transaction, checked natively before anything else costs anything (docs/spec/transactions.md).
#pragma once
#include "kernel/kernel.hpp"

namespace dos::kernel {

struct TxIds {
  Hash txid, wtxid;
  std::uint32_t bytes = 0;  // of the encoded transaction with witnesses
};
TxIds ids_of(const ledger::SignedTransaction& tx);

// Every witness names a key that stands in an account (or is the bare key that sends), and its signature is correct; a
// storage claim is promised by a strong set. Otherwise bad_witness or not_stored. disk or corrupt: the state failed.
Result<Proven> check_witnesses(const ledger::SignedTransaction& tx, const Hash& txid, const store::StateView& view,
                               const BlockContext& block, SignatureCache& cache);

// The sender's permission, the payer's consent, and what a bare key may call.
Status check_authority(const ledger::Transaction& tx, const Proven& proven, const store::StateView& view, const BlockContext& block);

bool is_bare_key(const ledger::Transaction& tx);

}  // namespace dos::kernel
