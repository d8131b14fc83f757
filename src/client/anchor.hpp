// Belief in a final block: from the genesis, a header and its certificate alone (docs/spec/consensus.md, wire.hpp). Also
// "this is current": a strong set of validators says that it has voted FINAL for nothing above that block.
#pragma once
#include "client/network.hpp"
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
};
Root root_of(const ledger::Genesis& genesis, const Hash& chain);

// chain_changed, proof_invalid, signature_invalid: what they say about the answer, in words.
Result<Trusted> verify_anchor(const Root& root, const ledger::Anchor& anchor);

// True if acknowledgements of a strong set, made for this nonce, say that nothing above `height` was voted FINAL. Acks that do not
// verify are an error (the node lied); too few, or acks above `height`, give how much is missing.
struct Freshness {
  bool current = false;
  std::uint64_t have = 0, total = 0;  // weight that acknowledges; of all
  std::uint32_t answering = 0;        // validators whose acknowledgement verified
  Height highest;                     // the highest FINAL vote among them
};
Result<Freshness> verify_acks(const Root& root, const Hash& nonce, const std::vector<ledger::TipAck>& acks, Height height);

}  // namespace dos::client
