// Signatures of a transaction, checked natively before anything else costs anything (docs/spec/transactions.md).
#pragma once
#include "kernel/kernel.hpp"

namespace dos::kernel {

// Every witness names a key that stands in an account (or is the bare key that sends), and its signature is correct; a
// storage claim is promised by a strong set. Otherwise bad_witness or not_stored. disk or corrupt: the state failed.
Result<Proven> check_witnesses(const ledger::SignedTransaction& tx, const TxIds& ids, const store::StateView& view, Accounts& accounts,
                               const BlockContext& block, SignatureCache& cache, vm::GasMeter& gas);

// The sender's permission, the payer's consent, and what a bare key may call.
Status check_authority(const ledger::Transaction& tx, const Proven& proven, const store::StateView& view, Accounts& accounts,
                       const BlockContext& block, vm::GasMeter& gas);

bool is_bare_key(const ledger::Transaction& tx);

}  // namespace dos::kernel
