#include "store/journal_group.hpp"

#include <algorithm>

#include "codec/bcs.hpp"
#include "store/crc32c.hpp"

namespace dos::store {
namespace {

constexpr std::uint32_t kMagic = 0x4A534F44, kHeadMagic = 0x48534F44;  // "DOSJ", "DOSH"
constexpr std::size_t kHeadBytes = 32, kFixed = kGroupHeader - 12;       // of a group's header, under its checksum

std::size_t aligned(std::size_t n) { return (n + kGroupAlign - 1) / kGroupAlign * kGroupAlign; }

}  // namespace

Bytes write_segment_head(const SegmentHead& head) {
  codec::Encoder body;
  body.integer(head.number);
  body.raw(head.salt);
  codec::Encoder e;
  e.integer(kHeadMagic);
  e.integer(crc32c(body.out));
  e.raw(body.out);
  e.out.resize(kGroupAlign);
  return std::move(e.out);
}

std::optional<SegmentHead> read_segment_head(BytesView file) {
  if (file.size() < kHeadBytes) return std::nullopt;
  codec::Decoder d(file.first(kHeadBytes));
  if (d.integer<std::uint32_t>() != kHeadMagic || d.integer<std::uint32_t>() != crc32c(file.subspan(8, kHeadBytes - 8)))
    return std::nullopt;
  SegmentHead head;
  head.number = d.integer<std::uint64_t>();
  std::ranges::copy(d.raw(head.salt.size()), head.salt.begin());
  return head;
}

Bytes write_group(const SegmentSalt& salt, std::uint64_t number, std::span<const JournalRecord> records) {
  std::size_t size = kGroupHeader + 8;
  for (const auto& r : records) size += r.bytes.size() + 16;
  codec::Encoder body;
  body.out.reserve(aligned(size));
  body.integer(std::uint32_t(0));
  body.integer(number);
  body.raw(salt);
  body.uleb(records.size());
  for (const auto& r : records) {
    body.integer(r.kind);
    body.integer(r.height);
    body.uleb(r.bytes.size());
    body.raw(r.bytes);
  }
  codec::Encoder e;
  e.out.reserve(aligned(size));
  e.integer(kMagic);
  e.integer(std::uint32_t(body.out.size() - kFixed));
  e.integer(crc32c(body.out));
  e.raw(body.out);
  e.out.resize(aligned(e.out.size()));
  return std::move(e.out);
}

std::optional<GroupView> read_group(BytesView at, const SegmentSalt& salt) {
  if (at.size() < kGroupHeader) return std::nullopt;
  codec::Decoder d(at.first(kGroupHeader));
  if (d.integer<std::uint32_t>() != kMagic) return std::nullopt;
  const auto length = d.integer<std::uint32_t>();
  const auto crc = d.integer<std::uint32_t>();
  const auto zero = d.integer<std::uint32_t>();
  const auto number = d.integer<std::uint64_t>();
  if (zero != 0 || group_salt(at) != salt || length > at.size() - kGroupHeader) return std::nullopt;
  if (crc32c(at.subspan(12, length + kFixed)) != crc) return std::nullopt;
  return GroupView{number, std::min(aligned(kGroupHeader + length), at.size()), at.subspan(kGroupHeader, length)};
}

SegmentSalt group_salt(BytesView header) {
  SegmentSalt salt;
  std::ranges::copy(header.subspan(kGroupHeader - salt.size(), salt.size()), salt.begin());
  return salt;
}

Result<std::vector<JournalRecord>> read_group_records(BytesView payload) {
  return codec::decode<std::vector<JournalRecord>>(payload, "a journal group");
}

}  // namespace dos::store
