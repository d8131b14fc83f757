#include "store/index_snapshot.hpp"

#include <bit>

#include "base/limits.hpp"
#include "codec/bcs.hpp"
#include "store/crc32c.hpp"

namespace dos::store {
namespace {

constexpr std::string_view kMagic = "DOSINDX1";
constexpr std::size_t kHeaderBytes = 20, kLeadBytes = 8, kBlockBytes = 1 << 20;

std::unexpected<Error> damaged(std::uint64_t at) {
  return fail(Errc::corrupt, "the index snapshot is damaged at byte " + std::to_string(at));
}

}  // namespace

Status IndexSnapshotWriter::add(BytesView key, Position position) {
  static_assert(std::endian::native == std::endian::little, "integers are written as they lie");
  if (block_.empty()) block_.resize(kLeadBytes);
  const std::size_t at = block_.size();
  const auto length = std::uint16_t(key.size());
  block_.resize(at + 2 + key.size() + 8);
  std::memcpy(block_.data() + at, &length, 2);
  if (!key.empty()) std::memcpy(block_.data() + at + 2, key.data(), key.size());
  std::memcpy(block_.data() + at + 2 + key.size(), &position.value, 8);
  ++added_;
  return block_.size() >= kBlockBytes ? flush() : Status{};
}

Status IndexSnapshotWriter::flush() {
  if (block_.empty()) return {};
  const auto length = std::uint32_t(block_.size() - kLeadBytes);
  const std::uint32_t crc = crc32c(BytesView(block_).subspan(kLeadBytes));
  std::memcpy(block_.data(), &length, 4);
  std::memcpy(block_.data() + 4, &crc, 4);
  DOS_TRY(file_.write_at(at_, block_));
  at_ += block_.size();
  block_.clear();
  return {};
}

Status IndexSnapshotWriter::finish() {
  DOS_TRY(flush());
  codec::Encoder e;
  e.raw(as_bytes(kMagic));
  e.integer(added_);
  e.integer(crc32c(e.out));
  DOS_TRY(file_.write_at(0, e.out));
  return file_.truncate(at_);
}

Status read_index_snapshot(DiskFile& file, const std::function<Status(BytesView, Position)>& each) {
  DOS_ASSIGN(const std::uint64_t size, file.size());
  if (size < kHeaderBytes) return damaged(size);
  Bytes head(kHeaderBytes);
  DOS_TRY(file.read_at(0, head));
  codec::Decoder h(head);
  const bool magic = equal(h.raw(8), as_bytes(kMagic));
  const auto entries = h.integer<std::uint64_t>();
  if (!magic || h.integer<std::uint32_t>() != crc32c(BytesView(head).first(16))) return damaged(0);
  std::uint64_t seen = 0, at = kHeaderBytes;
  Bytes block, last;
  while (at < size) {
    std::uint8_t lead[8];
    if (size - at < sizeof lead) return damaged(at);
    DOS_TRY(file.read_at(at, lead));
    codec::Decoder l(lead);
    const auto length = l.integer<std::uint32_t>();
    const auto crc = l.integer<std::uint32_t>();
    if (length == 0 || length > size - at - 8 || length > 2 * kBlockBytes) return damaged(at);
    block.resize(length);
    DOS_TRY(file.read_at(at + 8, block));
    if (crc32c(block) != crc) return damaged(at);
    codec::Decoder d(block);
    while (d.ok() && d.remaining() > 0) {
      const auto n = d.integer<std::uint16_t>();
      const BytesView key = d.raw(n);
      const Position p{d.integer<std::uint64_t>()};
      if (!d.ok() || n > kMaxKeyBytes || (seen > 0 && compare(last, key) >= 0)) return damaged(at);
      last.assign(key.begin(), key.end());
      DOS_TRY(each(key, p));
      ++seen;
    }
    if (!d.ok()) return damaged(at);
    at += 8 + std::uint64_t(length);
  }
  if (seen != entries) return damaged(size);
  return {};
}

}  // namespace dos::store
