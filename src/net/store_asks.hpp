// Storage promises: every validator is asked to hold a list of blobs durably and to sign so (docs/spec/blobs.md). The asked
// node pulls what it lacks, from the asker first, and answers when it holds all of it or when its time is over.
#pragma once
#include <functional>
#include <set>

#include "base/edge.hpp"
#include "consensus/facts.hpp"
#include "net/ask_table.hpp"
#include "net/blob_pull.hpp"

namespace dos::net {

inline constexpr std::uint32_t kMaxStoreAsks = 256;             // of this node's clients, under way
inline constexpr std::uint32_t kMaxStoreDuties = 64;            // of one peer, under way
inline constexpr std::uint32_t kMaxDutyRoots = 8'192;           // of one peer, not here yet
inline constexpr std::uint64_t kStoreGraceNs = 2'000'000'000;    // for the rest once a strong set has promised, at least
inline constexpr std::uint64_t kStoreDutyNs = 120'000'000'000;  // then: not_stored

// malformed, limit: blobs ascending by root, each once, 1 to kMaxStoredBlobs; the promise's root and sum are theirs.
Status check_store_ask(const StoreAsk& ask);

class StoreAsks {
 public:
  using Done = std::function<void(std::vector<ledger::StoredSignature>)>;  // ascending by validator
  StoreAsks(const consensus::ChainFacts& facts, Outbox& out, Clock& clock);
  // `own`: this validator's signature, if it promises. `done` comes once, with what there is: when all linked have answered, or
  // `timeout_ms` is over, or a strong set has promised and the rest has had as long again (a peer that hangs delays nobody).
  // busy: kMaxStoreAsks are under way. May call `done` before it returns.
  Status ask(ledger::StoredPromise promise, std::vector<ledger::BlobRef> blobs, std::optional<ledger::StoredSignature> own,
             std::uint64_t timeout_ms, Done done);
  void received(std::uint16_t from, StoreSaid said);
  void peer_down(std::uint16_t peer);
  void wake();
  std::optional<std::uint64_t> deadline_ns() const { return table_.deadline_ns(); }
  std::uint64_t refused() const { return refused_; }
  std::size_t under_way() const { return asked_.size(); }

 private:
  struct Asked {
    ledger::StoredPromise promise;
    std::map<std::uint16_t, crypto::Signature> signatures;
    std::uint64_t begun_ns = 0;
    Done done;
  };
  void hurry(std::uint64_t ask, const Asked& asked);
  void end(std::uint64_t ask);

  const consensus::ChainFacts& facts_;
  Outbox& out_;
  Clock& clock_;
  AskTable table_{kMaxStoreAsks};
  std::map<std::uint64_t, Asked> asked_;
  std::uint64_t refused_ = 0;
};

struct PromiseSigner {
  virtual ~PromiseSigner() = default;
  virtual bool holds(const ledger::BlobRef& blob) = 0;  // all chunks are here
  // All blobs are here: makes them durable, keeps them as long as promised, signs. `done` comes once, at once or when the disk has done its
  // part. Errors are sent to the asker.
  using Signed = std::function<void(Result<crypto::Signature>)>;
  virtual void promise(const ledger::StoredPromise& promise, std::span<const ledger::BlobRef> blobs, Signed done) = 0;
};

class StoreDuties {
 public:
  StoreDuties(Outbox& out, Clock& clock, BlobPull& pull, PromiseSigner& signer);
  Status received(std::uint16_t from, StoreAsk ask);  // malformed, limit: the peer broke the protocol
  void blob_complete(const Hash& root);
  void blob_given_up(const Hash& root, const Error& why);
  void peer_down(std::uint16_t peer);
  void wake();
  std::optional<std::uint64_t> deadline_ns() const;
  std::size_t under_way() const { return duties_.size(); }
  std::vector<std::uint16_t> askers(const Hash& root) const;  // whose duties lack it, ascending

 private:
  struct Duty {
    StoreAsk ask;
    std::set<Hash> missing;
    std::uint64_t due_ns = 0;
    std::uint64_t signing = 0;  // number of the promise that is being made for it
  };
  using Key = std::pair<std::uint16_t, std::uint64_t>;  // peer, its ask
  void answer(const Key& key);
  void answered(const Key& key, std::uint64_t signing, Result<crypto::Signature> signature);
  void refuse(const Key& key, Errc code);
  void release(const std::set<Hash>& roots);  // roots that no duty needs any more are pulled no longer

  Outbox& out_;
  Clock& clock_;
  BlobPull& pull_;
  PromiseSigner& signer_;
  std::map<Key, Duty> duties_;
  std::uint64_t promises_ = 0;
};

}  // namespace dos::net
