#include "store/journal_group.hpp"

#include "codec/bcs.hpp"
#include "store/crc32c.hpp"

namespace dos::store {
namespace {

constexpr std::uint32_t kMagic = 0x4A534F44;  // "DOSJ"

struct Wire {
  std::uint8_t kind = 0;
  std::uint64_t height = 0;
  Bytes bytes;
  static constexpr void fields(auto& s, auto&& visit) { visit(s.kind, s.height, s.bytes); }
};

std::size_t aligned(std::size_t n) { return (n + kGroupAlign - 1) / kGroupAlign * kGroupAlign; }

}  // namespace

Bytes write_group(std::uint64_t segment, std::uint64_t number, std::span<const JournalRecord> records) {
  std::size_t size = kGroupHeader + 8;
  for (const auto& r : records) size += r.bytes.size() + 16;
  codec::Encoder body;
  body.out.reserve(aligned(size));
  body.integer(std::uint32_t(0));
  body.integer(segment);
  body.integer(number);
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
  e.integer(std::uint32_t(body.out.size() - 20));
  e.integer(crc32c(body.out));
  e.raw(body.out);
  e.out.resize(aligned(e.out.size()));
  return std::move(e.out);
}

std::optional<GroupView> read_group(BytesView at, std::uint64_t segment) {
  if (at.size() < kGroupHeader) return std::nullopt;
  codec::Decoder d(at.first(kGroupHeader));
  if (d.integer<std::uint32_t>() != kMagic) return std::nullopt;
  const auto length = d.integer<std::uint32_t>();
  const auto crc = d.integer<std::uint32_t>();
  const auto zero = d.integer<std::uint32_t>();
  const auto of = d.integer<std::uint64_t>();
  const auto number = d.integer<std::uint64_t>();
  if (zero != 0 || of != segment || length > at.size() - kGroupHeader) return std::nullopt;
  if (crc32c(at.subspan(12, length + 20)) != crc) return std::nullopt;
  return GroupView{number, std::min(aligned(kGroupHeader + length), at.size()), at.subspan(kGroupHeader, length)};
}

std::uint64_t group_segment(BytesView header) {
  codec::Decoder d(header.subspan(16));
  return d.integer<std::uint64_t>();
}

Result<std::vector<JournalRecord>> read_group_records(BytesView payload) {
  DOS_ASSIGN(auto wire, codec::decode<std::vector<Wire>>(payload, "a journal group"));
  std::vector<JournalRecord> out;
  out.reserve(wire.size());
  for (auto& w : wire) out.push_back({w.kind, w.height, std::move(w.bytes)});
  return out;
}

}  // namespace dos::store
