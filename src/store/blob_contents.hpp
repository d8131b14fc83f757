// What the files of blobs hold: the hashes of their chunks, which chunks are there, the chunks themselves, checked whenever they are read
// (docs/spec/storage.md). Which blobs are kept, and for whom, is the blob store's (blob_store.cpp). Const methods may be called by many
// threads at a time, while none of the others runs.
#pragma once
#include "store/blob_file.hpp"
#include "store/shared_reads.hpp"

namespace dos::store {

using ChunkHashes = std::shared_ptr<const std::vector<Hash>>;

struct Blob {
  BlobHead head;
  std::uint64_t held = 0;      // bytes on the disk; of one that was not examined since a restart: where its file ends
  std::uint64_t noted_ms = 0;  // last sign of life in blobs/state
  std::uint64_t first_ms = 0, since_ms = 0;  // as blobs/state has them, at the start only: then the books of unclaimed space do
  std::uint64_t stamp = 0;     // another one with each write to its file, and for each file
  bool claimed = false, promised = false;    // likewise `promised`
  // What reads find out. Const methods touch these under the lock only.
  mutable bool durable = false;
  mutable bool examined = false;  // `have` says what is there
  mutable ChunkHashes chunks;     // null until needed
  mutable std::uint64_t looked = 0;  // before it is examined: of so many chunks `have` says it already
  mutable std::vector<bool> have;
};

std::string blob_folder(const Hash& root);
std::string blob_path(const Hash& root);

class BlobContents {
 public:
  BlobContents(Disk& disk, Log& log) : disk_(disk), log_(log) {}

  // A new file, with nothing of the content.
  Status create(const Hash& root, Blob& b, std::vector<Hash> chunks);
  Status put_chunk(const Hash& root, Blob& b, std::uint64_t index, BytesView chunk);  // of one that was examined; what it is was checked
  // The list of chunk hashes was damaged; the caller has it again.
  Status restore_hashes(const Hash& root, Blob& b, std::vector<Hash> chunks);
  Status remove(const Hash& root);
  Result<std::shared_ptr<DiskFile>> writer(const Hash& root);
  void made_durable(Blob& b) const;  // what is in memory about it comes from the file again when it is needed

  Result<Bytes> read_chunk(const Hash& root, const Blob& b, std::uint64_t index) const;
  // After a restart: which chunks are there? A blob noted durable has all (each is checked again when read). Of others the next `most`
  // are read; false: there are more.
  Result<bool> look(const Hash& root, const Blob& b, std::uint64_t most) const;
  Status examine(const Hash& root, const Blob& b) const;
  // Of a blob that was examined.
  BlobInfo info_of(const Blob& b) const;
  bool whole(const Blob& b) const;
  std::uint64_t held(const Blob& b) const;  // bytes, with the list of hashes

 private:
  Result<std::shared_ptr<DiskFile>> reader(const Hash& root) const;
  Result<ChunkHashes> hashes_of(const Hash& root, const Blob& b) const;
  Result<Bytes> read_content(const Hash& root, const Blob& b, std::uint64_t index) const;

  static constexpr std::size_t kOpenFiles = 32;
  Disk& disk_;
  Log& log_;
  ReadersLock lock_;  // what reads find out about a blob
  std::uint64_t stamp_ = 0;
  SharedReads<Hash, DiskFile> reading_{kOpenFiles};
  std::map<Hash, std::shared_ptr<DiskFile>> writing_;
};

}  // namespace dos::store
