#include "store/blob_file.hpp"

#include "base/limits.hpp"
#include "codec/bcs.hpp"
#include "store/crc32c.hpp"

namespace dos::store {
namespace {
constexpr std::string_view kMagic = "DOSBLOB1";
}

std::uint64_t chunks_of(std::uint64_t bytes) { return bytes / kChunkBytes + (bytes % kChunkBytes != 0 ? 1 : 0); }

std::uint64_t BlobHead::content_at() const { return (kBlobHeadBytes + 32ull * chunks + 4095) / 4096 * 4096; }

std::uint64_t BlobHead::chunk_bytes(std::uint64_t index) const { return std::min<std::uint64_t>(kChunkBytes, bytes - index * kChunkBytes); }

Bytes write_blob_head(const BlobHead& h) {
  codec::Encoder e;
  e.raw(as_bytes(kMagic));
  e.integer(h.bytes);
  e.integer(h.created_ms);
  e.integer(h.chunks);
  e.integer(h.hashes_crc);
  e.integer(crc32c(e.out));
  return std::move(e.out);
}

std::optional<BlobHead> read_blob_head(BytesView b) {
  if (b.size() < kBlobHeadBytes || !starts_with(b, as_bytes(kMagic))) return std::nullopt;
  codec::Decoder d(b.subspan(8));
  BlobHead h;
  h.bytes = d.integer<std::uint64_t>();
  h.created_ms = d.integer<std::uint64_t>();
  h.chunks = d.integer<std::uint32_t>();
  h.hashes_crc = d.integer<std::uint32_t>();
  if (d.integer<std::uint32_t>() != crc32c(b.first(kBlobHeadBytes - 4))) return std::nullopt;
  if (h.bytes > kMaxBlobBytes || h.chunks != chunks_of(h.bytes)) return std::nullopt;
  return h;
}

Bytes write_blob_state(const BlobState& s) {
  codec::Encoder e;
  e.integer(std::uint32_t(s.event));
  e.raw(s.root.bytes);
  e.integer(s.time_ms);
  e.integer(std::uint32_t(0));
  e.integer(crc32c(e.out));
  return std::move(e.out);
}

std::optional<BlobState> read_blob_state(BytesView b) {
  if (b.size() < kBlobStateBytes) return std::nullopt;
  codec::Decoder d(b);
  const auto kind = d.integer<std::uint32_t>();
  BlobState s;
  codec::read(d, s.root);
  s.time_ms = d.integer<std::uint64_t>();
  const auto zero = d.integer<std::uint32_t>();
  if (d.integer<std::uint32_t>() != crc32c(b.first(kBlobStateBytes - 4)) || zero != 0 || kind < 1 || kind > 3) return std::nullopt;
  s.event = BlobEvent(kind);
  return s;
}

}  // namespace dos::store
