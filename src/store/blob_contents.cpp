#include "store/blob_contents.hpp"

#include <algorithm>

#include "base/check.hpp"
#include "base/limits.hpp"
#include "crypto/hash.hpp"
#include "store/crc32c.hpp"

namespace dos::store {
namespace {

Bytes joined(const std::vector<Hash>& chunks) {
  Bytes hashes;
  for (const Hash& h : chunks) append(hashes, h.view());
  return hashes;
}

}  // namespace

std::string blob_folder(const Hash& root) { return "blobs/" + hex(root.view()).substr(0, 2); }
std::string blob_path(const Hash& root) {
  const std::string h = hex(root.view());
  return "blobs/" + h.substr(0, 2) + "/" + h;
}

// ---- writing

Status BlobContents::create(const Hash& root, Blob& b, std::vector<Hash> chunks) {
  const Bytes hashes = joined(chunks);
  b.head.hashes_crc = crc32c(hashes);
  b.have.assign(chunks.size(), false);
  b.chunks = std::make_shared<const std::vector<Hash>>(std::move(chunks));
  b.examined = true;
  b.stamp = ++stamp_;
  Bytes file = write_blob_head(b.head);
  append(file, hashes);
  DOS_TRY(disk_.make_folder(blob_folder(root)));
  DOS_ASSIGN(auto f, disk_.open(blob_path(root), Disk::Mode::create));
  DOS_TRY(f->truncate(0));
  return f->write_at(0, file);
}

Status BlobContents::put_chunk(const Hash& root, Blob& b, std::uint64_t index, BytesView chunk) {
  DOS_ASSIGN(const auto f, writer(root));
  b.stamp = ++stamp_;
  DOS_TRY(f->write_at(b.head.content_at() + index * kChunkBytes, chunk));
  b.have[index] = true;
  b.durable = false;
  b.held += chunk.size();
  return {};
}

Status BlobContents::restore_hashes(const Hash& root, Blob& b, std::vector<Hash> chunks) {
  const Bytes hashes = joined(chunks);
  b.head.hashes_crc = crc32c(hashes);
  Bytes start = write_blob_head(b.head);
  append(start, hashes);
  DOS_ASSIGN(const auto f, writer(root));
  b.stamp = ++stamp_;
  DOS_TRY(f->write_at(0, start));
  b.chunks = std::make_shared<const std::vector<Hash>>(std::move(chunks));
  b.durable = false;
  b.looked = 0;
  b.examined = false;
  return {};
}

Status BlobContents::remove(const Hash& root) {
  writing_.erase(root);
  reading_.drop(root);
  return disk_.remove(blob_path(root));
}

Result<std::shared_ptr<DiskFile>> BlobContents::writer(const Hash& root) {
  if (auto it = writing_.find(root); it != writing_.end()) return it->second;
  if (writing_.size() >= kOpenFiles) writing_.erase(writing_.begin());
  DOS_ASSIGN(auto f, disk_.open(blob_path(root), Disk::Mode::write));
  return writing_[root] = std::move(f);
}

void BlobContents::made_durable(Blob& b) const {
  b.durable = true;
  b.chunks.reset();
  b.have = {};
  b.looked = 0;
  b.examined = false;
}

// ---- reading

Result<std::shared_ptr<DiskFile>> BlobContents::reader(const Hash& root) const {
  return reading_.get(root, [&]() -> Result<std::shared_ptr<DiskFile>> {
    DOS_ASSIGN(auto f, disk_.open(blob_path(root), Disk::Mode::read));
    return std::shared_ptr<DiskFile>(std::move(f));
  });
}

Result<Bytes> BlobContents::read_chunk(const Hash& root, const Blob& b, std::uint64_t index) const {
  if (index >= b.head.chunks) return fail(Errc::no_blob, "the blob has no chunk " + std::to_string(index));
  DOS_ASSIGN(const auto chunks, hashes_of(root, b));
  const auto absent = [] { return fail(Errc::no_blob, "this node does not hold that chunk yet"); };
  bool durable = false, examined = false, there = false;
  lock_.hold([&] { durable = b.durable, examined = b.examined, there = b.examined && b.have[index]; });
  if (examined && !there) return absent();
  DOS_ASSIGN(Bytes chunk, read_content(root, b, index));
  if (chunk.empty() || crypto::plain_hash(chunk) != (*chunks)[index]) {
    if (!durable && !examined) return absent();
    DOS_TRY(examine(root, b));
    lock_.hold([&] {  // it can be uploaded or fetched again
      b.have[index] = false;
      b.durable = false;
    });
    const std::string what = blob_path(root) + " is damaged at byte " + std::to_string(b.head.content_at() + index * kChunkBytes);
    log_.write(LogLevel::error, "store", what);
    return fail(Errc::corrupt, what);
  }
  return chunk;
}

Result<ChunkHashes> BlobContents::hashes_of(const Hash& root, const Blob& b) const {
  if (auto known = lock_.hold([&] { return b.chunks; })) return known;
  DOS_ASSIGN(const auto f, reader(root));
  Bytes raw(32ull * b.head.chunks);
  DOS_ASSIGN(const auto size, f->size());
  if (size < kBlobHeadBytes + raw.size()) return fail(Errc::corrupt, blob_path(root) + " is cut short at byte " + std::to_string(size));
  if (!raw.empty()) DOS_TRY(f->read_at(kBlobHeadBytes, raw));
  if (crc32c(raw) != b.head.hashes_crc)
    return fail(Errc::corrupt, blob_path(root) + " is damaged at byte " + std::to_string(kBlobHeadBytes));
  std::vector<Hash> chunks(b.head.chunks);
  for (std::size_t i = 0; i < chunks.size(); ++i) std::memcpy(chunks[i].bytes.data(), raw.data() + 32 * i, 32);
  auto made = std::make_shared<const std::vector<Hash>>(std::move(chunks));
  lock_.hold([&] { b.chunks = made; });
  return made;
}

// Empty if the file ends before the chunk does.
Result<Bytes> BlobContents::read_content(const Hash& root, const Blob& b, std::uint64_t index) const {
  DOS_ASSIGN(const auto f, reader(root));
  DOS_ASSIGN(const auto size, f->size());
  const std::uint64_t at = b.head.content_at() + index * kChunkBytes;
  if (size < at + b.head.chunk_bytes(index)) return Bytes{};
  Bytes chunk(b.head.chunk_bytes(index));
  DOS_TRY(f->read_at(at, chunk));
  return chunk;
}

Status BlobContents::examine(const Hash& root, const Blob& b) const {
  DOS_ASSIGN(const bool known, look(root, b, UINT64_MAX));
  DOS_CHECK(known);
  return {};
}

Result<bool> BlobContents::look(const Hash& root, const Blob& b, std::uint64_t most) const {
  DOS_ASSIGN(const auto chunks, hashes_of(root, b));
  bool durable = false, examined = false;
  std::uint64_t from = 0;
  lock_.hold([&] { durable = b.durable, examined = b.examined, from = b.looked; });
  if (examined) return true;
  const std::uint64_t end = durable ? b.head.chunks : from + std::min(most, b.head.chunks - from);
  std::vector<bool> found(end - from, durable);
  if (!durable)
    for (std::uint64_t i = from; i < end; ++i) {
      DOS_ASSIGN(const Bytes chunk, read_content(root, b, i));
      found[i - from] = !chunk.empty() && crypto::plain_hash(chunk) == (*chunks)[i];
    }
  return lock_.hold([&] {
    if (b.examined) return true;  // another reader was faster, and may have marked damage since
    b.have.resize(b.head.chunks, false);
    for (auto i = std::max(from, b.looked); i < end; ++i) b.have[i] = found[i - from];
    b.looked = std::max<std::uint64_t>(b.looked, end);
    return b.examined = b.looked == b.head.chunks;
  });
}

BlobInfo BlobContents::info_of(const Blob& b) const {
  return lock_.hold([&] { return BlobInfo{b.head.bytes, *b.chunks, b.have}; });
}

bool BlobContents::whole(const Blob& b) const {
  return lock_.hold([&] { return std::find(b.have.begin(), b.have.end(), false) == b.have.end(); });
}

std::uint64_t BlobContents::held(const Blob& b) const {
  std::uint64_t held = b.head.content_at();
  lock_.hold([&] {
    for (std::uint64_t i = 0; i < b.have.size(); ++i)
      if (b.have[i]) held += b.head.chunk_bytes(i);
  });
  return held;
}

}  // namespace dos::store
