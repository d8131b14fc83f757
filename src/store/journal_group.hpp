// A journal's segment on disk (docs/spec/storage.md): a header, then sync groups, each 512-byte aligned so that writing one never
// touches another.
//   header = u32 magic, u32 CRC-32C of what follows, u64 segment, 16 bytes salt | zeros
//   group  = u32 magic, u32 payload length, u32 CRC-32C of what follows, u32 zero, u64 group number, 16 bytes salt | payload | zeros
//   payload = BCS vector of {u8 kind, u64 height, bytes}
// The salt is drawn when a file becomes a segment, and told to nobody: a recycled file's old groups are not of its new segment,
// and nobody can make a transaction whose bytes, found in a file, pass for a group.
#pragma once
#include <optional>

#include "store/journal.hpp"

namespace dos::store {

inline constexpr std::size_t kGroupAlign = 512, kGroupHeader = 40;

using SegmentSalt = ByteArray<16>;
struct SegmentHead {
  std::uint64_t number = 0;
  SegmentSalt salt{};
};
Bytes write_segment_head(const SegmentHead& head);                     // kGroupAlign bytes, at the file's begin
std::optional<SegmentHead> read_segment_head(BytesView file);          // if it is sound

Bytes write_group(const SegmentSalt& salt, std::uint64_t number, std::span<const JournalRecord> records);

struct GroupView {
  std::uint64_t number = 0;
  std::size_t bytes = 0;  // with header and padding
  BytesView payload;
};
// The group of this segment that begins `at` (first byte), if there is a sound one.
std::optional<GroupView> read_group(BytesView at, const SegmentSalt& salt);
SegmentSalt group_salt(BytesView header);  // what a group's header says, sound or not
Result<std::vector<JournalRecord>> read_group_records(BytesView payload);

}  // namespace dos::store
