// Belief in a final block: from the genesis, a header and its certificate alone (docs/spec/consensus.md, wire.hpp). Also
// "this is current": a strong set of validators says that it has voted FINAL for nothing above that block.
#pragma once
#include <optional>

#include "client/trust/network.hpp"
#include "consensus/verify/verifier.hpp"
#include "ledger/wire.hpp"

namespace dos::client {

struct Trusted {  // a final block that verified
  ledger::Header header;
  ledger::ResultParts parts;
  Hash id;
  ledger::SignerCount signers;
};

// What a verifier needs of a chain.
struct Root {
  Hash chain, valset, params;
  const ledger::ValidatorSet* validators = nullptr;
  const consensus::Verifier* verifier = nullptr;  // of its engine
};
Root root_of(const ledger::Genesis& genesis, const Hash& chain);

// chain_changed, proof_invalid, signature_invalid: what they say about the answer, in words.
Result<Trusted> verify_anchor(const Root& root, const ledger::Anchor& anchor);

struct Freshness {
  bool current = false;               // a strong set has voted FINAL for nothing above the height asked for
  std::uint64_t have = 0, total = 0;  // weight that says so; of all
  std::uint32_t answering = 0;        // validators whose acknowledgement verified
  Height highest;                     // the highest FINAL vote among them
};

// Acknowledgements for one nonce, gathered from the answers of one node or of several. Each was signed after the nonce was drawn,
// so whatever they say held at that moment at the latest; of one validator's the lowest counts.
class Acks {
 public:
  Acks(const Root& root, Hash nonce) : root_(root), nonce_(nonce), said_(root.validators->members.size()) {}
  // All of one answer. An acknowledgement that does not verify, or a validator twice, is an error: that node lied, and nothing of
  // its answer counts.
  Status add(const std::vector<ledger::TipAck>& acks);
  Freshness at(Height height) const;

 private:
  Root root_;
  Hash nonce_;
  std::vector<std::optional<Height>> said_;  // by validator
};

}  // namespace dos::client
