// A blob's file blobs/xx/<root in hex>, and the file blobs/state of what happened to blobs (docs/spec/storage.md).
//   file:  "DOSBLOB1" u64 bytes, u64 created (ms), u32 chunk count, u32 CRC-32C of the chunk hashes, u32 CRC-32C of all
//          before | chunk hashes | zeros to 4,096 | content
//   state: records of 52 bytes: u8 kind, 3 zeros, root, u64 time (ms), u32 zero, u32 CRC-32C of all before
#pragma once
#include "store/blob_store.hpp"

namespace dos::store {

struct BlobHead {
  std::uint64_t bytes = 0, created_ms = 0;
  std::uint32_t chunks = 0, hashes_crc = 0;
  std::uint64_t content_at() const;  // offset of the content
  std::uint64_t chunk_bytes(std::uint64_t index) const;
};
inline constexpr std::size_t kBlobHeadBytes = 36;
Bytes write_blob_head(const BlobHead& head);
std::optional<BlobHead> read_blob_head(BytesView b);
std::uint64_t chunks_of(std::uint64_t bytes);

enum class BlobEvent : std::uint8_t { claimed = 1, released = 2, durable = 3 };
struct BlobState {
  BlobEvent event{};
  Hash root;
  std::uint64_t time_ms = 0;
};
inline constexpr std::size_t kBlobStateBytes = 52;
Bytes write_blob_state(const BlobState& s);
std::optional<BlobState> read_blob_state(BytesView b);

}  // namespace dos::store
