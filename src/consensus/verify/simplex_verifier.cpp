#include "consensus/verify/simplex_verifier.hpp"

namespace dos::consensus {
namespace {

struct SimplexVerifier final : Verifier {
  Named named(const FinalityProof& proof) const override { return {proof.form.item.id, proof.form.item.result}; }
  Result<ledger::SignerCount> judge(const Hash& chain, const ledger::ValidatorSet& set, const FinalityProof& proof) const override {
    if (proof.form.item.kind != ledger::VoteKind::final)
      return fail(Errc::proof_invalid, "the certificate does not say that a block is final");
    return ledger::verify_certificate(chain, set, proof.form);
  }
  Result<ledger::SignerCount> judge(const Hash& chain, const ledger::ValidatorSet& set, const ledger::Anchor& anchor) const override {
    return ledger::verify_anchor(chain, set, anchor);
  }
};

}  // namespace

const Verifier& simplex_verifier() {
  static const SimplexVerifier verifier;
  return verifier;
}

}  // namespace dos::consensus
