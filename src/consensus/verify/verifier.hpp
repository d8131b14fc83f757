// Whether a block is final, judged by the proof that its chain's engine gives. Pure, and without an engine: clients link it.
// Everybody else keeps proofs and hands them on. The rules of one engine stand in its own verifier (simplex_verifier.hpp).
#pragma once
#include "ledger/wire.hpp"

namespace dos::consensus {

// That a block is final, in its engine's form. Until formats change that form is laid out as a certificate, the bytes of which
// stand in anchors, in the archive and in the journal: only engines, verifiers and what writes these formats look inside.
struct FinalityProof {
  ledger::Certificate form;
};

class Verifier {
 public:
  virtual ~Verifier() = default;
  struct Named {
    Hash id, result;
  };
  virtual Named named(const FinalityProof& proof) const = 0;  // the block that it is of, and its result: nothing is checked
  // Those whose word it needs gave it, for the block that it names. proof_invalid, signature_invalid.
  virtual Result<ledger::SignerCount> judge(const Hash& chain, const ledger::ValidatorSet& set, const FinalityProof& proof) const = 0;
  // All that ledger::Anchor says of belief, but for valset, params and what the caller remembers. The same errors.
  virtual Result<ledger::SignerCount> judge(const Hash& chain, const ledger::ValidatorSet& set, const ledger::Anchor& anchor) const = 0;
};

// That of the engine which the genesis names. None names one yet: all are of engine 1.
const Verifier& verifier_of(const ledger::Genesis& genesis);

}  // namespace dos::consensus
