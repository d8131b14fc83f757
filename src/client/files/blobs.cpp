#include "client/files/blobs.hpp"

#include <algorithm>
#include <map>
#include <thread>

#include "crypto/hash.hpp"
#include "crypto/merkle.hpp"
#include "crypto/sign.hpp"

namespace dos::client {
namespace {

constexpr std::uint64_t kMaxManifestBytes = 160ull << 20;  // of 1 TiB
constexpr std::chrono::hours kWholeUpload{24 * 365};           // bounded by each exchange
constexpr std::chrono::seconds kChunkPatience{10};
constexpr std::chrono::seconds kReceiptPatience{12};  // a node that lives answers within ten
constexpr std::chrono::milliseconds kLongestPause{2000};
constexpr std::chrono::milliseconds kFetchPause{200};
constexpr std::uint64_t kFetchedPerSecond = 4ull << 20;  // of content, by the other validators: at least

}  // namespace

Status upload(Session& session, SealedStream& stream, const Progress& progress) {
  const auto& manifest = stream.manifest();
  const auto body = codec::encode(manifest);
  const auto root = hex(stream.hash().view());
  // Where a node ends in the middle, the next is asked what it misses: it may have pulled along what came so far.
  return session.with_one(
      [&](Nodes::One& node) -> Status {
        ledger::BlobStatus status;
        DOS_TRY(node.ask("POST", "/v1/blobs", body, kMaxManifestBytes, [&](const HttpAnswer& answer, const Url&) -> Status {
          DOS_ASSIGN(status, codec::decode<ledger::BlobStatus>(answer.body, "a blob's status"));
          if (status.root != stream.hash()) return fail(Errc::proof_invalid, "the node names another blob");
          std::uint64_t next = 0;  // ascending: nothing is sent twice because a node says so
          for (const auto index : status.missing) {
            if (index < next || index >= manifest.chunks.size())
              return fail(Errc::proof_invalid, "the node misses a chunk that the blob does not have, or one twice");
            next = std::uint64_t(index) + 1;
          }
          return {};
        }));
        std::uint64_t done = manifest.bytes - std::min<std::uint64_t>(manifest.bytes, std::uint64_t(status.missing.size()) * kChunkBytes);
        for (const auto index : status.missing) {
          DOS_ASSIGN(const auto chunk, stream.chunk(index));
          DOS_TRY(node.ask("PUT", "/v1/blobs/" + root + "/" + std::to_string(index), chunk, 64 * 1024,
                           [](const HttpAnswer&, const Url&) -> Status { return {}; }));
          done = std::min<std::uint64_t>(manifest.bytes, done + chunk.size());
          if (progress) progress(done, manifest.bytes);
        }
        return {};
      },
      {kWholeUpload, session.options().timeout, kChunkPatience});
}

bool StoreRetry::again(const Error& error) {
  if (error.code != Errc::not_stored && error.code != Errc::no_blob) return false;
  const auto now = std::chrono::steady_clock::now();
  if (!give_up_) give_up_ = now + session_.options().timeout;
  if (now >= *give_up_) return false;
  session_.pass_over("it took the content, which too few validators fetched from it");
  std::this_thread::sleep_for(pause_);
  pause_ = std::min(2 * pause_, kLongestPause);
  return true;
}

Result<StoredSet> upload_and_store(Session& session, SealedStream& stream, const Progress& progress) {
  for (StoreRetry retry(session);;) {
    DOS_TRY(upload(session, stream, progress));
    auto set = stored(session, {stream.blob()});
    if (set || !retry.again(set.error())) return set;
  }
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

namespace {

// One question to the nodes, one after the other. `held`: one of them has all of it, and the others may be fetching it.
Result<StoredSet> ask_stored(Session& session, std::vector<ledger::BlobRef> blobs, bool& held) {
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
  const auto body = codec::encode(ledger::StoredRequest{set.blobs});
  set.of = std::uint32_t(members.size());
  set.need = set.of * 2 / 3 + 1;
  std::map<std::uint16_t, ledger::StoredSignature> signatures;  // for set.promise
  const auto time = session.options().timeout;
  // A node asks all validators. Where it does not reach enough, another node's answer adds to it, if it asks for the same promise.
  DOS_TRY(session.with_one(
      [&](Nodes::One& node) {
        return node.ask("POST", "/v1/stored", body, 4 << 20, [&](const HttpAnswer& http, const Url&) -> Status {
          DOS_ASSIGN(auto answer, codec::decode<ledger::StoredAnswer>(http.body, "storage receipts"));
          if (answer.promise.list_root != list_root || answer.promise.bytes != bytes)
            return fail(Errc::proof_invalid, "the storage receipts are for other blobs");
          int last = -1;
          for (const auto& s : answer.signatures) {
            if (int(s.validator) <= last || s.validator >= members.size())
              return fail(Errc::proof_invalid, "the storage receipts name an unknown validator, or one twice");
            last = s.validator;
            DOS_TRY(crypto::verify(members[s.validator].vote_key, crypto::domain::kStored, session.chain(), answer.promise, s.signature));
            session.count_checks(1);
          }
          if (codec::encode(answer.promise) != codec::encode(set.promise)) signatures.clear();
          set.promise = answer.promise;
          for (auto& s : answer.signatures) signatures.emplace(s.validator, std::move(s));
          std::uint64_t weight = 0;
          for (const auto& [validator, s] : signatures) weight += members[validator].weight;
          set.got = std::uint32_t(signatures.size());
          held = held || set.got > 0;
          if (!ledger::strong(weight, total))
            return fail(Errc::not_stored, std::to_string(set.got) + " of " + std::to_string(set.of) + " validators hold it, " +
                                              std::to_string(set.need) + " are needed");
          return {};
        });
      },
      {time, time, kReceiptPatience}));
  for (auto& [validator, s] : signatures) set.signatures.push_back(std::move(s));
  return set;
}

}  // namespace

// The others fetch content once they are asked to promise it: what is large needs its time.
Result<StoredSet> stored(Session& session, std::vector<ledger::BlobRef> blobs) {
  std::uint64_t bytes = 0;
  for (const auto& blob : blobs) bytes += blob.bytes;
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(bytes / kFetchedPerSecond);
  for (;;) {
    bool held = false;
    auto set = ask_stored(session, blobs, held);
    if (set || set.error().code != Errc::not_stored || !held || std::chrono::steady_clock::now() >= give_up) return set;
    std::this_thread::sleep_for(kFetchPause);
  }
}

Status download(Session& session, const ledger::BlobRef& blob, const ChunkSink& sink) {
  ledger::BlobManifest manifest;
  const auto root = hex(blob.root.view());
  DOS_TRY(session.ask("GET", "/v1/blobs/" + root, {}, kMaxManifestBytes, [&](const HttpAnswer& answer, const Url&) -> Status {
    DOS_ASSIGN(manifest, codec::decode<ledger::BlobManifest>(answer.body, "a blob manifest"));
    const auto is = ledger::blob_root(manifest);
    if (!is || *is != blob.root || manifest.bytes != blob.bytes)
      return fail(Errc::content_mismatch, "the chunk list is not that of the content");
    return {};
  }));
  for (std::uint64_t i = 0; i < manifest.chunks.size(); ++i) {
    Bytes chunk;
    DOS_TRY(session.ask("GET", "/v1/blobs/" + root + "/" + std::to_string(i), {}, kChunkBytes + 4096,
                        [&](const HttpAnswer& answer, const Url&) -> Status {
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
