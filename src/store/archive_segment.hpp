// One segment of the block archive and its index (docs/spec/storage.md).
//   record: u32 magic, u32 body length, u32 CRC-32C of what follows, u32 zero, u64 height, u64 synced | body | zeros to 16
//   body = BCS {ArchivedBlock, txids}; `synced` = one more than the height up to which the archive was durable (0: none)
#pragma once
#include "store/block_archive.hpp"

namespace dos::store {

struct ArchiveBody {
  ArchivedBlock block;
  std::vector<Hash> txids;
  DOS_FIELDS(block, txids);
};

struct ArchiveRecord {
  std::uint64_t height = 0, synced = 0;
  std::size_t bytes = 0;  // with header and padding
  BytesView body;
};
inline constexpr std::size_t kArchiveHeader = 32, kArchiveAlign = 16;
Bytes write_archive_record(std::uint64_t synced, const ArchivedBlock& block, std::span<const Hash> txids);
std::optional<ArchiveRecord> read_archive_record(BytesView at);  // that begins with the first byte, if sound

// Where blocks and transactions of a segment lie.
struct ArchiveIndex {
  std::uint64_t first = 0;             // height
  std::vector<std::uint32_t> offsets;  // by height; UINT32_MAX: damaged
  struct Tx {
    Hash id;
    std::uint64_t height = 0;
    std::uint32_t index = 0;
    DOS_FIELDS(id, height, index);
  };
  std::vector<Tx> txs;                 // ascending by id when sealed
  std::uint32_t end = 0;               // of the segment's records
  DOS_FIELDS(first, offsets, txs, end);
};
inline constexpr std::size_t kArchiveIndexTxBytes = 32 + 8 + 4;
// Where in the sealed file the transaction at that place lies, of so many blocks and transactions.
std::uint64_t archive_index_tx_at(std::size_t blocks, std::size_t txs, std::size_t place);
Bytes seal_archive_index(ArchiveIndex index);
Result<ArchiveIndex> unseal_archive_index(BytesView file);

// Reads a whole segment's records. Unsound bytes end it, unless a later record says that they had been durable: then they
// are damage, and the heights in between are UINT32_MAX. `first` is the height that the first record must have.
ArchiveIndex scan_archive_segment(BytesView segment, std::uint64_t first);

}  // namespace dos::store
