#include "consensus/tip_ack.hpp"

namespace dos::consensus {

Result<ledger::TipAck> tip_ack(const ChainFacts& facts, const crypto::SigningKey& key, Height fin_voted, const Hash& nonce,
                               Entropy& entropy) {
  const Hash leaf = crypto::merkle_leaf(crypto::kNonceTree, nonce.view());
  ledger::TipAck ack;
  ack.validator = facts.voter;
  ack.body = {facts.epoch, crypto::merkle_root(crypto::kNonceTree, std::span<const Hash>(&leaf, 1)), fin_voted};
  ack.path = crypto::merkle_path(crypto::kNonceTree, std::span<const Hash>(&leaf, 1), 0);
  DOS_ASSIGN(ack.signature, crypto::sign(key, crypto::domain::kTipAck, facts.chain, ack.body, entropy));
  return ack;
}

}  // namespace dos::consensus
