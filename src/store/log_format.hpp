// A record of the object log on disk (docs/spec/storage.md):
//   u32 length of the body, u32 CRC-32C of position and body, u64 position | body
//   body = BCS(Leaf) || ends: uleb count, u64 positions in key order || u8 0, data | u8 1, u64 position that holds the data
// The position stands in the record so that a misdirected read or write shows.
#pragma once
#include <optional>

#include "proof/leaf.hpp"

namespace dos::store {

inline constexpr std::size_t kLogHeaderBytes = 16;
inline constexpr std::uint32_t kMaxLogBodyBytes = 64u << 20;

struct LogRecord {
  proof::Leaf leaf;
  std::vector<Position> ends;       // in key order: the former record of the own key first, if there was one
  std::optional<Position> data_at;  // the record that holds the data; none: `data` itself
  Bytes data;
};

// Returns the length of the BCS(Leaf) that begins kLogHeaderBytes after the old end of `out`: what the leaf hash covers.
std::size_t write_log_record(Bytes& out, Position position, const LogRecord& record);

struct LogHeader {
  std::uint32_t length = 0, crc = 0;
  Position position;
};
LogHeader read_log_header(BytesView header);  // kLogHeaderBytes

// The record in `bytes` (header and body, nothing else), which must be the one of `position`; corrupt with the reason.
// `leaf_bytes`, if given, becomes the length of the BCS(Leaf) at kLogHeaderBytes.
Result<LogRecord> read_log_record(BytesView bytes, Position position, std::size_t* leaf_bytes = nullptr);

std::vector<Position> ascending(std::span<const Position> ends);

}  // namespace dos::store
