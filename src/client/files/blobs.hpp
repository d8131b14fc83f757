// Content in blobs: uploads that go on where they stopped, downloads verified chunk by chunk. One chunk is in memory at a time.
#pragma once
#include <chrono>
#include <optional>

#include "client/files/seal_stream.hpp"
#include "client/trust/session.hpp"

namespace dos::client {

using Progress = std::function<void(std::uint64_t done, std::uint64_t of)>;

// Sends what the node does not have yet. All chunks go to one node, which passes them on; when it ends, the next goes on.
Status upload(Session& session, SealedStream& stream, const Progress& progress = {});

struct StoredSet {  // storage receipts of a strong set, verified
  ledger::StoredPromise promise;
  std::vector<ledger::StoredSignature> signatures;
  std::vector<ledger::BlobRef> blobs;  // the list, in its order
  std::vector<Hash> leaves;
  std::uint32_t got = 0, need = 0, of = 0;
  // Puts the claim on `blobs` into the transaction's signed part.
  ledger::StoredClaim claim(std::span<const ledger::BlobRef> of_transaction) const;
};
// Asks the nodes for their promises for these blobs (sorted and made unique here). not_stored if they are not strong.
Result<StoredSet> stored(Session& session, std::vector<ledger::BlobRef> blobs);

// What no strong set of validators promises to keep may lie at a node that ended, or was cut off, before the others had pulled it:
// it is handed to another node after a pause, until the session's timeout has passed since the first failure.
class StoreRetry {
 public:
  explicit StoreRetry(Session& session) : session_(session) {}
  bool again(const Error& error);  // after the pause; false: `error` stands

 private:
  Session& session_;
  std::optional<std::chrono::steady_clock::time_point> give_up_;
  std::chrono::milliseconds pause_{100};
};

// Both, with StoreRetry.
Result<StoredSet> upload_and_store(Session& session, SealedStream& stream, const Progress& progress = {});

// The chunks of a blob in order, each checked against the manifest, which is checked against `blob`.
using ChunkSink = std::function<Status(std::uint64_t index, BytesView chunk)>;
Status download(Session& session, const ledger::BlobRef& blob, const ChunkSink& sink);

}  // namespace dos::client
