// Engine 1: a block is final by a certificate, FINAL votes of a strong set (docs/spec/consensus.md).
#pragma once
#include "consensus/verify/verifier.hpp"

namespace dos::consensus {

const Verifier& simplex_verifier();

}  // namespace dos::consensus
