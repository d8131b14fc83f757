// Blobs on disk: content above 4 KiB, addressed by root (ledger/blob.hpp has the tree; here the root is checked through
// the manifest's chunk hashes). Uploads are resumable, every chunk is checked on arrival and again when read: never served
// damaged. Durable (fsynced, with folder) only once `end_durable` returned. Unclaimed uploads have bounds and a lifetime
// (unclaimed.hpp).
#pragma once
#include <memory>
#include <optional>
#include <vector>

#include "base/edge.hpp"
#include "store/unclaimed.hpp"

namespace dos::store {

struct BlobInfo {
  std::uint64_t bytes = 0;
  std::vector<Hash> chunks;      // BLAKE3 of each 256 KiB chunk
  std::vector<bool> have;
  bool complete() const;
};

// What must reach the disk before blobs are durable.
struct BlobSync {
  Status run() const;  // with no lock held, on any thread, whatever runs meanwhile
  bool nothing() const { return files.empty(); }

  Disk* disk = nullptr;
  std::vector<std::shared_ptr<DiskFile>> files;
  std::vector<std::string> folders;                   // after the files
  std::vector<std::pair<Hash, std::uint64_t>> fresh;  // and which state of its file that is
  std::vector<Hash> promised;                         // durable already, now promised as well
};

// Const methods may be called by many threads at a time, while none of the others runs.
class BlobStore {
 public:
  static Result<std::unique_ptr<BlobStore>> open(Disk& disk, Log& log, std::uint64_t unclaimed_quota_bytes);
  virtual ~BlobStore() = default;
  // Starts or resumes; the caller has checked that `chunks` give `root`. Room is taken as chunks arrive, by both: what is needed least
  // goes for it. busy when too little may go, disk_full when it is more than one uploader may ever have.
  virtual Result<BlobInfo> begin(const Hash& root, std::uint64_t bytes, std::vector<Hash> chunks, std::uint64_t now_ms,
                                 const Uploader& by = {}) = 0;
  virtual Status put_chunk(const Hash& root, std::uint64_t index, BytesView chunk, std::uint64_t now_ms = 0) = 0;  // content_mismatch
  // By its sync() what has come of the blob goes to the disk, a large upload in small steps: with no lock held, whatever runs meanwhile.
  virtual Result<std::shared_ptr<DiskFile>> to_flush(const Hash& root) = 0;
  // After a restart the first look at an upload reads all that came of it. This reads the next `most` chunks only; true: nothing is left
  // to read (or there is nothing of it). So that no lock is held for all of it at once.
  virtual Result<bool> look_over(const Hash& root, std::uint64_t most) const = 0;
  virtual Result<std::optional<BlobInfo>> info(const Hash& root) const = 0;
  virtual Result<Bytes> read_chunk(const Hash& root, std::uint64_t index) const = 0;     // verified; no_blob, corrupt
  // Durable in three steps, so that no lock is held while the disk works. All must be complete. no_blob at the end: what went to the disk
  // is not what is here any more.
  virtual Result<BlobSync> begin_durable(std::span<const Hash> roots) = 0;
  virtual Status end_durable(const BlobSync& synced) = 0;
  Status make_durable(std::span<const Hash> roots);  // all of it at once
  // Likewise, and what of them is unclaimed is kept for kPromiseKeptMs, from the begin on. busy, not_stored: UnclaimedSpace::promise.
  virtual Result<BlobSync> begin_promise(std::span<const Hash> roots, std::uint64_t now_ms) = 0;
  virtual Status end_promise(std::span<const Hash> roots, const BlobSync& synced, std::uint64_t now_ms) = 0;
  Status promise(std::span<const Hash> roots, std::uint64_t now_ms);
  virtual Status touch(const Hash& root, std::uint64_t now_ms) = 0;  // if unclaimed: its lifetime begins anew
  virtual Status claim(const Hash& root) = 0;  // a live record names it: keep. no_blob (and still claimed) if it is not here
  virtual Result<std::vector<Hash>> wanted() const = 0;  // claimed and not here, or not whole; sorted
  virtual Status release(const Hash& root, std::uint64_t now_ms) = 0;  // no live record names it any more
  // Drops unclaimed blobs without a sign of life for `life_ms`, what was promised after `promised_life_ms`; content bytes freed.
  virtual Result<std::uint64_t> sweep(std::uint64_t now_ms, std::uint64_t life_ms, std::uint64_t promised_life_ms) = 0;
  Result<std::uint64_t> sweep(std::uint64_t now_ms, std::uint64_t life_ms) { return sweep(now_ms, life_ms, life_ms); }
  virtual Status shed(std::uint64_t bytes, std::uint64_t now_ms) = 0;  // the disk is full: the least needed go, up to so many bytes
  virtual Status sync() = 0;  // claims and releases so far are durable: before a checkpoint that relies on them
  virtual std::uint64_t unclaimed_bytes() const = 0;
  virtual std::uint64_t unclaimed_limit() const = 0;
  // False: some of what was noted about claims could not be read at open. Every live root must be claimed before a sweep.
  virtual bool claims_intact() const = 0;
};

}  // namespace dos::store
