#include "net/message_limits.hpp"

namespace dos::net {
namespace {

Status within(std::size_t n, std::size_t least, std::size_t most, const char* what) {
  if (n >= least && n <= most) return {};
  return fail(Errc::limit, std::to_string(n) + " " + what + ", allowed are " + std::to_string(least) + " to " + std::to_string(most));
}

}  // namespace

Status check_limits(const Hello& m) { return within(m.software.size(), 0, kMaxSoftwareText, "bytes of software name"); }
Status check_limits(const Addresses& m) {
  DOS_TRY(within(m.addresses.size(), 1, kMaxPeerAddresses, "addresses"));
  for (std::size_t i = 1; i < m.addresses.size(); ++i)  // else one frame could carry hundreds of claims of one validator, each newer
    if (m.addresses[i - 1].claim.validator >= m.addresses[i].claim.validator)
      return fail(Errc::malformed, "addresses stand in order of their validators, each once");
  return {};
}

Status check_limits(const GetTransactions& m) { return within(m.places.size(), 1, kMaxMissingPlaces, "places"); }

Status check_limits(const BlockTransactions& m) {
  DOS_TRY(within(m.places.size(), 1, kMaxMissingPlaces, "places"));
  return within(m.transactions.size(), m.places.size(), m.places.size(), "transactions");
}

Status check_limits(const Gossip& m) {
  DOS_TRY(within(m.transactions.size(), 1, kMaxGossipBytes, "transactions"));
  std::size_t sum = 0;
  for (const auto& t : m.transactions) {
    DOS_TRY(within(t.size(), 1, kMaxTransactionBytes, "bytes of a transaction"));
    sum += t.size();
  }
  return m.transactions.size() == 1 ? Status{} : within(sum, 1, kMaxGossipBytes, "bytes of transactions");
}

Status check_limits(const GetRange& m) { return within(m.count, 1, kMaxRangeBlocks, "blocks"); }

Status check_limits(const Range& m) {
  DOS_TRY(within(m.blocks.size(), 0, kMaxRangeBlocks, "blocks"));
  for (const auto& b : m.blocks) DOS_TRY(within(b.payload.size(), 0, kMaxPayloadBytes, "bytes of payload"));
  return {};
}

Status check_limits(const StoreAsk& m) { return within(m.blobs.size(), 1, kMaxStoredBlobs, "blobs"); }
Status check_limits(const Chunk& m) { return within(m.bytes ? m.bytes->size() : 0, 0, kChunkBytes, "bytes of a chunk"); }

}  // namespace dos::net
