// Answers about the past and their proofs (docs/spec/state.md).
#pragma once
#include "store/stage.hpp"

namespace dos::store {

Result<std::optional<Record>> read_at_height(const Base& base, BytesView key, Height height, Reads& reads);
Result<Bytes> floor_at_height(const Base& base, BytesView key, Height height, Reads& reads);
Result<std::optional<Bytes>> next_at_height(const Base& base, BytesView prefix, BytesView after, Height height);
Result<proof::StateProof> prove_state(const Base& base, Log& log, const ProofRequest& request, Reads& reads);

}  // namespace dos::store
