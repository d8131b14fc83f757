#include "client/blobs.hpp"

#include <algorithm>

#include "crypto/hash.hpp"
#include "crypto/merkle.hpp"
#include "crypto/sign.hpp"

namespace dos::client {
namespace {

constexpr std::uint64_t kMaxManifestBytes = 160ull << 20;  // of 1 TiB

}  // namespace

Status upload(Session& session, SealedStream& stream, const Progress& progress) {
  const auto& manifest = stream.manifest();
  const auto body = codec::encode(manifest);
  ledger::BlobStatus status;
  DOS_TRY(session.ask("POST", "/v1/blobs", body, kMaxManifestBytes, [&](const HttpAnswer& answer, const Url&) -> Status {
    DOS_ASSIGN(status, codec::decode<ledger::BlobStatus>(answer.body, "a blob's status"));
    if (status.root != stream.hash()) return fail(Errc::proof_invalid, "the node names another blob");
    return {};
  }));
  const auto root = hex(stream.hash().view());
  std::uint64_t done = manifest.bytes - std::min<std::uint64_t>(manifest.bytes, std::uint64_t(status.missing.size()) * kChunkBytes);
  for (const auto index : status.missing) {
    if (index >= manifest.chunks.size()) return fail(Errc::proof_invalid, "the node misses a chunk that the blob does not have");
    DOS_ASSIGN(const auto chunk, stream.chunk(index));
    DOS_TRY(session.ask("PUT", "/v1/blobs/" + root + "/" + std::to_string(index), chunk, 64 * 1024,
                        [](const HttpAnswer&, const Url&) -> Status { return {}; }));
    done = std::min<std::uint64_t>(manifest.bytes, done + chunk.size());
    if (progress) progress(done, manifest.bytes);
  }
  return {};
}

ledger::StoredClaim StoredSet::claim(std::span<const ledger::BlobRef> wanted) const {
  ledger::StoredClaim out{promise.list_root, promise.bytes, promise.until, promise.epoch, {}};
  for (const auto& blob : wanted) {
    const auto at = std::lower_bound(blobs.begin(), blobs.end(), blob,
                                     [](const ledger::BlobRef& a, const ledger::BlobRef& b) { return a.root < b.root; });
    if (at == blobs.end() || !(*at == blob)) continue;
    const auto index = std::uint64_t(at - blobs.begin());
    out.blobs.push_back({blob, crypto::merkle_path(crypto::kStoredTree, leaves, index)});
  }
  return out;
}

Result<StoredSet> stored(Session& session, std::vector<ledger::BlobRef> blobs) {
  std::ranges::sort(blobs, [](const auto& a, const auto& b) { return a.root < b.root; });
  blobs.erase(std::unique(blobs.begin(), blobs.end()), blobs.end());
  StoredSet set;
  set.blobs = std::move(blobs);
  std::uint64_t bytes = 0;
  for (const auto& blob : set.blobs) {
    set.leaves.push_back(ledger::stored_leaf(blob));
    bytes += blob.bytes;
  }
  const auto list_root = crypto::merkle_root(crypto::kStoredTree, set.leaves);
  const auto& members = session.network().genesis.validators.members;
  const auto total = session.network().genesis.validators.total();
  const ledger::StoredRequest request{set.blobs};
  DOS_TRY(session.ask("POST", "/v1/stored", codec::encode(request), 4 << 20, [&](const HttpAnswer& http, const Url&) -> Status {
    DOS_ASSIGN(auto answer, codec::decode<ledger::StoredAnswer>(http.body, "storage receipts"));
    if (answer.promise.list_root != list_root || answer.promise.bytes != bytes)
      return fail(Errc::proof_invalid, "the storage receipts are for other blobs");
    std::uint64_t weight = 0;
    int last = -1;
    for (const auto& s : answer.signatures) {
      if (int(s.validator) <= last || s.validator >= members.size())
        return fail(Errc::proof_invalid, "the storage receipts name an unknown validator, or one twice");
      last = s.validator;
      DOS_TRY(crypto::verify(members[s.validator].vote_key, crypto::domain::kStored, session.chain(), answer.promise, s.signature));
      weight += members[s.validator].weight;
    }
    set.got = std::uint32_t(answer.signatures.size());
    set.of = std::uint32_t(members.size());
    set.need = set.of * 2 / 3 + 1;
    if (!ledger::strong(weight, total))
      return fail(Errc::not_stored, std::to_string(set.got) + " of " + std::to_string(set.of) + " validators hold it, " +
                                        std::to_string(set.need) + " are needed");
    set.promise = answer.promise;
    set.signatures = std::move(answer.signatures);
    return {};
  }));
  return set;
}

Status download(Session& session, const ledger::BlobRef& blob, const ChunkSink& sink) {
  ledger::BlobManifest manifest;
  const auto root = hex(blob.root.view());
  DOS_TRY(session.ask("GET", "/v1/blobs/" + root, {}, kMaxManifestBytes, [&](const HttpAnswer& answer, const Url&) -> Status {
    DOS_ASSIGN(manifest, codec::decode<ledger::BlobManifest>(answer.body, "a blob manifest"));
    const auto is = ledger::blob_root(manifest);
    if (!is || *is != blob.root || manifest.bytes != blob.bytes) return fail(Errc::content_mismatch, "the chunk list is not that of the content");
    return {};
  }));
  for (std::uint64_t i = 0; i < manifest.chunks.size(); ++i) {
    Bytes chunk;
    DOS_TRY(session.ask("GET", "/v1/blobs/" + root + "/" + std::to_string(i), {}, kChunkBytes + 4096, [&](const HttpAnswer& answer, const Url&) -> Status {
      if (answer.body.size() > kChunkBytes || crypto::plain_hash(answer.body) != manifest.chunks[i])
        return fail(Errc::content_mismatch, "chunk " + std::to_string(i) + " is not what the ledger commits to");
      chunk = answer.body;
      return {};
    }));
    DOS_TRY(sink(i, chunk));
  }
  return {};
}

}  // namespace dos::client
