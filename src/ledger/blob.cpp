#include "ledger/blob.hpp"

#include "ledger/blob_manifest.hpp"

namespace dos::ledger {

Result<Hash> blob_root(const BlobManifest& manifest) {
  if (manifest.bytes > kMaxBlobBytes) return fail(Errc::limit, "a blob has at most " + std::to_string(kMaxBlobBytes) + " bytes");
  if (manifest.chunks.size() != chunk_count(manifest.bytes))
    return fail(Errc::malformed, "a blob of " + std::to_string(manifest.bytes) + " bytes does not have " +
                                     std::to_string(manifest.chunks.size()) + " chunks");
  codec::Encoder e;
  e.integer(manifest.bytes);
  codec::write(e, crypto::merkle_top(crypto::domain::kBlobNode, manifest.chunks));
  return crypto::hash(crypto::domain::kBlobRoot, e.out);
}

BlobManifest manifest_of(BytesView content) {
  BlobManifest manifest{content.size(), {}};
  for (std::size_t at = 0; at < content.size(); at += kChunkBytes)
    manifest.chunks.push_back(crypto::plain_hash(content.subspan(at, std::min<std::size_t>(kChunkBytes, content.size() - at))));
  return manifest;
}

Hash blob_root_of(BytesView content) {
  return *blob_root(manifest_of(content));  // counts fit by construction, and memory holds less than kMaxBlobBytes
}

}  // namespace dos::ledger
