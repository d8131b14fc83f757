// Blobs: content above kInlineContentBytes, addressed by the root of its chunk hashes (docs/spec/blobs.md).
// chunk hash = BLAKE3(chunk), chunks of kChunkBytes, the last may be shorter (an empty blob has none).
// root = H(kBlobRoot, u64 bytes || top), top = RFC 6962 shape over the chunk hashes with node domain kBlobNode.
#pragma once
#include "crypto/merkle.hpp"
#include "ledger/transaction.hpp"

namespace dos::ledger {

struct BlobManifest {
  std::uint64_t bytes = 0;
  std::vector<Hash> chunks;
  DOS_FIELDS(bytes, chunks);
};
constexpr std::uint64_t chunk_count(std::uint64_t bytes) { return (bytes + kChunkBytes - 1) / kChunkBytes; }
Result<Hash> blob_root(const BlobManifest& manifest);  // malformed if counts do not fit, limit above kMaxBlobBytes
Hash blob_root_of(BytesView content);  // of content that is in memory anyway (modules, tests)

}  // namespace dos::ledger
