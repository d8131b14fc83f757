// A block of the tree gets its payload: bytes that came, or what was known already, against what its header commits to.
#pragma once
#include "chain/block_tree.hpp"

namespace dos::chain {

// False: it is not what the header names. Where the block is `refused` then, no other bytes can ever be.
bool take_payload(TreeBlock& block, Bytes payload);
// Made here, or put together from what is pending and found to be what the header names: its hash is not checked again.
bool take_known_payload(TreeBlock& block, Bytes payload, BlockTransactions content);

}  // namespace dos::chain
