// A sync group of the journal on disk (docs/spec/storage.md): 512-byte aligned so that writing one never touches another.
//   u32 magic, u32 payload length, u32 CRC-32C of what follows, u32 zero, u64 segment, u64 group number | payload | zeros
//   payload = BCS vector of {u8 kind, u64 height, bytes}
// The segment's number is in every group: a recycled file's old groups are not of its new segment.
#pragma once
#include <optional>

#include "store/journal.hpp"

namespace dos::store {

inline constexpr std::size_t kGroupAlign = 512, kGroupHeader = 32;

Bytes write_group(std::uint64_t segment, std::uint64_t number, std::span<const JournalRecord> records);

struct GroupView {
  std::uint64_t number = 0;
  std::size_t bytes = 0;  // with header and padding
  BytesView payload;
};
// The group of this segment that begins `at` (first byte), if there is a sound one.
std::optional<GroupView> read_group(BytesView at, std::uint64_t segment);
std::uint64_t group_segment(BytesView header);  // what a group's header says, sound or not
Result<std::vector<JournalRecord>> read_group_records(BytesView payload);

}  // namespace dos::store
