#include "store/archive_segment.hpp"

#include "codec/bcs.hpp"
#include "crypto/hash.hpp"
#include "store/crc32c.hpp"

namespace dos::store {
namespace {

constexpr std::uint32_t kMagic = 0x42534F44;  // "DOSB"
constexpr std::string_view kIndexMagic = "DOSARIX1";

std::size_t aligned(std::size_t n) { return (n + kArchiveAlign - 1) / kArchiveAlign * kArchiveAlign; }

}  // namespace

Bytes write_archive_record(std::uint64_t synced, const ArchivedBlock& block, std::span<const Hash> txids) {
  codec::Encoder body;
  body.out.reserve(block.header.size() + block.payload.size() + block.certificate.size() + block.receipts.size() + 32 * txids.size() + 128);
  body.integer(std::uint32_t(0));
  body.integer(block.height.value);
  body.integer(synced);
  codec::write(body, block);
  body.uleb(txids.size());
  for (const Hash& t : txids) body.raw(t.bytes);
  codec::Encoder e;
  e.out.reserve(aligned(body.out.size() + 12));
  e.integer(kMagic);
  e.integer(std::uint32_t(body.out.size() - 20));
  e.integer(crc32c(body.out));
  e.raw(body.out);
  e.out.resize(aligned(e.out.size()));
  return std::move(e.out);
}

std::optional<ArchiveRecord> read_archive_record(BytesView at) {
  if (at.size() < kArchiveHeader) return std::nullopt;
  codec::Decoder d(at.first(kArchiveHeader));
  if (d.integer<std::uint32_t>() != kMagic) return std::nullopt;
  const auto length = d.integer<std::uint32_t>();
  const auto crc = d.integer<std::uint32_t>();
  const auto zero = d.integer<std::uint32_t>();
  ArchiveRecord r;
  r.height = d.integer<std::uint64_t>();
  r.synced = d.integer<std::uint64_t>();
  if (zero != 0 || length > at.size() - kArchiveHeader) return std::nullopt;
  r.bytes = aligned(kArchiveHeader + length);
  if (r.bytes > at.size() || crc32c(at.subspan(12, length + 20)) != crc) return std::nullopt;
  r.body = at.subspan(kArchiveHeader, length);
  return r;
}

std::uint64_t archive_index_tx_at(std::size_t blocks, std::size_t txs, std::size_t place) {
  codec::Encoder blocks_length, txs_length;
  blocks_length.uleb(blocks);
  txs_length.uleb(txs);
  return kIndexMagic.size() + sizeof(ArchiveIndex::first) + blocks_length.out.size() + sizeof(std::uint32_t) * blocks +
         txs_length.out.size() + kArchiveIndexTxBytes * place;
}

Bytes seal_archive_index(ArchiveIndex index) {
  std::sort(index.txs.begin(), index.txs.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
  Bytes out = to_bytes(as_bytes(kIndexMagic));
  append(out, codec::encode(index));
  append(out, crypto::plain_hash(out).view());
  return out;
}

Result<ArchiveIndex> unseal_archive_index(BytesView file) {
  if (file.size() < kIndexMagic.size() + 32 || !starts_with(file, as_bytes(kIndexMagic)) ||
      !equal(crypto::plain_hash(file.first(file.size() - 32)).view(), file.last(32)))
    return fail(Errc::corrupt, "an archive index is damaged");
  return codec::decode<ArchiveIndex>(file.subspan(8, file.size() - 40), "an archive index");
}

ArchiveIndex scan_archive_segment(BytesView segment, std::uint64_t first) {
  ArchiveIndex out;
  out.first = first;
  std::uint64_t expected = first;
  for (std::size_t at = 0; at < segment.size();) {
    const auto r = read_archive_record(segment.subspan(at));
    // Behind unsound bytes only a record that vouches for them counts.
    if (!r || r->height < expected || (at != out.end && r->synced <= expected) || (at == out.end && r->height != expected) ||
        r->height - expected > segment.size() / kArchiveHeader) {
      at += kArchiveAlign;
      continue;
    }
    auto body = codec::decode<ArchiveBody>(r->body, "an archived block");
    if (!body || body->block.height.value != r->height) {
      at += kArchiveAlign;
      continue;
    }
    while (expected < r->height) {
      out.offsets.push_back(UINT32_MAX);
      ++expected;
    }
    out.offsets.push_back(std::uint32_t(at));
    for (std::size_t i = 0; i < body->txids.size(); ++i) out.txs.push_back({body->txids[i], expected, std::uint32_t(i)});
    ++expected;
    at += r->bytes;
    out.end = std::uint32_t(at);
  }
  return out;
}

}  // namespace dos::store
