// The node's two keys: 32-byte seeds in vote.key (ML-DSA-44: votes, storage receipts) and node.key (ML-DSA-65: TLS). Files
// that others may read are refused.
#pragma once
#include "crypto/sign.hpp"
#include "ledger/genesis.hpp"

namespace dos::daemon {

struct NodeKeys {
  crypto::SigningKey vote, node;
  Hash code;  // secret: authenticates this node's compiled code (vm::authenticated)
};
Result<NodeKeys> load_keys(const std::string& folder, crypto::Suite suite);

}  // namespace dos::daemon
