#include "consensus/verify/verifier.hpp"

#include "consensus/verify/simplex_verifier.hpp"

namespace dos::consensus {

const Verifier& verifier_of(const ledger::Genesis&) { return simplex_verifier(); }

}  // namespace dos::consensus
