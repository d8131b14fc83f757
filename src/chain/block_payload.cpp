#include "chain/block_payload.hpp"

namespace dos::chain {
namespace {

// Held bytes that are what the header commits to, well formed, and of transactions whose root the header names.
Result<BlockTransactions> open_payload(const ledger::Header& header, BytesView payload) {
  if (payload.size() > kMaxPayloadBytes || payload.size() != header.payload.len ||
      ledger::payload_hash(payload) != header.payload.payload_hash || !header.payload.shard_root.is_zero())
    return fail(Errc::content_mismatch, "a payload is not what its header names");
  DOS_ASSIGN(const auto packed, codec::decode<ledger::Payload>(payload, "a payload"));
  DOS_ASSIGN(auto txs, ledger::unpack(packed));
  auto content = kernel::with_ids(std::move(txs));
  if (ledger::tx_root(wtxids_of(content)) != header.tx_root)
    return fail(Errc::content_mismatch, "a payload has another root than its header names");
  return content;
}

}  // namespace

bool take_payload(TreeBlock& block, Bytes payload) {
  if (block.payload || block.refused) return !block.refused;
  auto content = open_payload(block.header, payload);
  if (!content) {
    // Bytes of another length or hash say nothing about the block: somebody sent the wrong ones.
    const bool the_right_ones =
        payload.size() == block.header.payload.len && ledger::payload_hash(payload) == block.header.payload.payload_hash;
    block.refused = the_right_ones;
    return false;
  }
  block.payload = std::move(payload);
  block.content = std::move(*content);
  return true;
}

bool take_known_payload(TreeBlock& block, Bytes payload, BlockTransactions content) {
  if (block.payload || block.refused) return !block.refused;
  if (!block.header.payload.shard_root.is_zero() || ledger::tx_root(wtxids_of(content)) != block.header.tx_root) {
    block.refused = true;
    return false;
  }
  block.payload = std::move(payload);
  block.content = std::move(content);
  return true;
}

}  // namespace dos::chain
