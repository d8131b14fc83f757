// Every file format of the store: any bytes are refused or decoded, and what was decoded is what would be written. Checksums and
// hashes are mended first, so that what lies behind them is reached.
#include "base/check.hpp"
#include "codec/bcs.hpp"
#include "store/archive_segment.hpp"
#include "store/blob_file.hpp"
#include "store/checkpoint.hpp"
#include "store/crc32c.hpp"
#include "store/index_snapshot.hpp"
#include "store/journal_group.hpp"
#include "store/log_format.hpp"

namespace {
using namespace dos;
using namespace dos::store;

struct BytesFile final : DiskFile {
  Bytes bytes;
  Status read_at(std::uint64_t offset, std::span<std::uint8_t> out) override {
    if (offset > bytes.size() || out.size() > bytes.size() - offset) return fail(Errc::disk, "past the end");
    std::copy_n(bytes.begin() + std::ptrdiff_t(offset), out.size(), out.begin());
    return {};
  }
  Status write_at(std::uint64_t offset, BytesView data) override {
    bytes.resize(std::max<std::size_t>(bytes.size(), offset + data.size()));
    std::copy(data.begin(), data.end(), bytes.begin() + std::ptrdiff_t(offset));
    return {};
  }
  Status sync() override { return {}; }
  Status truncate(std::uint64_t size) override {
    bytes.resize(size);
    return {};
  }
  Result<std::uint64_t> size() override { return bytes.size(); }
};

void put_u32(Bytes& at, std::size_t offset, std::uint32_t v) {
  for (int i = 0; i < 4; ++i) at[offset + std::size_t(i)] = std::uint8_t(v >> (8 * i));
}
void put_crc(Bytes& of, std::size_t offset, std::size_t from, std::size_t to) {
  put_u32(of, offset, crc32c(BytesView(of).subspan(from, to - from)));
}

Bytes hashed(std::string_view magic, BytesView body) {  // as checkpoints, forest snapshots and archive indexes end
  Bytes out = to_bytes(as_bytes(magic));
  append(out, body);
  append(out, crypto::plain_hash(out).view());
  return out;
}

void checkpoint(BytesView in) {
  (void)decode_checkpoint(in);
  if (const auto c = decode_checkpoint(hashed("DOSCKPT1", in))) DOS_CHECK(equal(codec::encode(*c), in));
}
void forest(BytesView in) {
  (void)decode_forest_snapshot(in);
  if (const auto s = decode_forest_snapshot(hashed("DOSFRST2", in))) {
    DOS_CHECK(equal(codec::encode(*s), in));
    DOS_CHECK(s->chunks.size() == chunk_count(s->count));
    for (std::size_t i = 1; i < s->pieces.size(); ++i) DOS_CHECK(compare(s->pieces[i - 1].from, s->pieces[i].from) < 0);
  }
}
void archive_index(BytesView in) {
  (void)unseal_archive_index(in);
  if (auto index = unseal_archive_index(hashed("DOSARIX1", in))) {
    const auto again = unseal_archive_index(seal_archive_index(*index));
    DOS_CHECK(again && again->offsets == index->offsets && again->txs.size() == index->txs.size() && again->end == index->end);
  }
}

// Records behind one another: u16 length, then so much of the input as the body.
void archive_segment(BytesView in) {
  Bytes segment;
  std::vector<std::size_t> starts;
  std::uint64_t height = 5;
  for (BytesView rest = in; rest.size() >= 3;) {
    const std::size_t n = std::min<std::size_t>(rest.size() - 3, rest[1] | std::size_t(rest[2] & 3) << 8);
    auto body = codec::decode<ArchiveBody>(rest.subspan(3, n));
    ArchiveBody made;
    if (!body) made.block.payload = to_bytes(rest.subspan(3, n)), made.txids.resize(n % 3);
    else made = std::move(*body);
    made.block.height = Height{rest[0] & 0x80 ? rest[0] & 0x7full : height++};
    starts.push_back(segment.size());
    append(segment, write_archive_record(rest[0] & 0x40 ? made.block.height.value + 1 : 0, made.block, made.txids));
    if ((rest[0] & 0x30) == 0x30 && n > 0) segment[starts.back() + rest[1] % (segment.size() - starts.back())] ^= 1;
    rest = rest.subspan(3 + n);
  }
  const auto index = scan_archive_segment(segment, 5);
  DOS_CHECK(index.end <= segment.size());
  for (std::size_t i = 0; i < index.offsets.size(); ++i) {
    if (index.offsets[i] == UINT32_MAX) continue;
    DOS_CHECK(std::ranges::binary_search(starts, index.offsets[i]));
    const auto r = read_archive_record(BytesView(segment).subspan(index.offsets[i]));
    DOS_CHECK(r && r->height == 5 + i);
  }
  for (const auto& tx : index.txs) DOS_CHECK(tx.height - 5 < index.offsets.size() && index.offsets[tx.height - 5] != UINT32_MAX);
  (void)scan_archive_segment(in, 0);
}

void journal_group(BytesView in) {
  Bytes begin = to_bytes(in.first(std::min<std::size_t>(in.size(), 32)));
  begin.resize(kGroupAlign);
  put_crc(begin, 4, 8, 32);
  if (const auto head = read_segment_head(begin)) DOS_CHECK(equal(write_segment_head(*head), begin));
  if (const auto g = read_group(in, {})) (void)read_group_records(g->payload);
  const auto records = read_group_records(in);
  if (!records) return;
  const SegmentSalt salt{7}, other{8};
  const Bytes written = write_group(salt, 9, *records);
  const auto g = read_group(written, salt);
  DOS_CHECK(g && g->number == 9 && g->bytes == written.size() && equal(g->payload, in) && !read_group(written, other));
}

void blob_files(BytesView in) {
  Bytes head = to_bytes(as_bytes("DOSBLOB1"));
  append(head, in.first(std::min<std::size_t>(in.size(), kBlobHeadBytes - 12)));
  head.resize(kBlobHeadBytes);
  put_crc(head, kBlobHeadBytes - 4, 0, kBlobHeadBytes - 4);
  if (const auto h = read_blob_head(head)) {
    DOS_CHECK(equal(write_blob_head(*h), head));
    std::uint64_t sum = 0;
    for (std::uint64_t i = 0; i < h->chunks; ++i) sum += h->chunk_bytes(i);
    DOS_CHECK(sum == h->bytes && h->content_at() % 4096 == 0 && h->content_at() >= kBlobHeadBytes + 32ull * h->chunks);
  }
  Bytes state = to_bytes(in.first(std::min<std::size_t>(in.size(), kBlobStateBytes)));
  state.resize(kBlobStateBytes);
  put_crc(state, kBlobStateBytes - 4, 0, kBlobStateBytes - 4);
  if (const auto s = read_blob_state(state)) DOS_CHECK(equal(write_blob_state(*s), state));
  (void)read_blob_head(in);
  (void)read_blob_state(in);
}

// Keys one after the other as the input has them; those that ascend come back, others are refused.
void index_snapshot(BytesView in) {
  BytesFile file;
  IndexSnapshotWriter writer(file);
  std::vector<std::pair<Bytes, Position>> added;
  bool ascending = true;
  for (BytesView rest = in; rest.size() >= 2;) {
    const std::size_t n = std::min<std::size_t>(rest.size() - 2, rest[0]);
    Bytes key = to_bytes(rest.subspan(2, n));
    ascending = ascending && n <= kMaxKeyBytes && (added.empty() || compare(added.back().first, key) < 0);
    added.emplace_back(std::move(key), Position{rest[1]});
    DOS_CHECK(writer.add(added.back().first, added.back().second).has_value());
    rest = rest.subspan(2 + n);
  }
  DOS_CHECK(writer.finish().has_value());
  std::size_t seen = 0;
  const auto read = read_index_snapshot(file, [&](BytesView key, Position p) -> Status {
    DOS_CHECK(seen < added.size() && equal(added[seen].first, key) && added[seen].second == p);
    ++seen;
    return {};
  });
  DOS_CHECK(read.has_value() == ascending && (!ascending || seen == added.size()));
  file.bytes = to_bytes(in);
  (void)read_index_snapshot(file, [](BytesView, Position) { return Status{}; });
  // One block of any content under a head and a checksum that fit.
  file.bytes = to_bytes(as_bytes("DOSINDX1"));
  file.bytes.resize(28);
  file.bytes[8] = in.empty() ? 0 : in[0];
  append(file.bytes, in);
  put_crc(file.bytes, 16, 0, 16);
  put_u32(file.bytes, 20, std::uint32_t(in.size()));
  put_crc(file.bytes, 24, 28, file.bytes.size());
  std::optional<Bytes> last;
  (void)read_index_snapshot(file, [&](BytesView key, Position) -> Status {
    DOS_CHECK(!last || compare(*last, key) < 0);
    last = to_bytes(key);
    return {};
  });
}

void log_record(BytesView in) {
  Bytes record(kLogHeaderBytes);
  append(record, in);
  put_u32(record, 0, std::uint32_t(in.size()));
  record[8] = 200;  // its position
  put_crc(record, 4, 8, record.size());
  for (const BytesView bytes : {BytesView(record), in}) {
    if (bytes.size() < kLogHeaderBytes) continue;
    const LogHeader h = read_log_header(bytes);
    std::size_t leaf_bytes = 0;
    const auto r = read_log_record(bytes, h.position, &leaf_bytes);
    if (!r) continue;
    Bytes again;
    DOS_CHECK(write_log_record(again, h.position, *r) == leaf_bytes && equal(again, bytes));
    for (const auto p : r->ends) DOS_CHECK(p < h.position);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  constexpr void (*kFormats[])(BytesView) = {checkpoint,    forest,     archive_index,  archive_segment,
                                             journal_group, blob_files, index_snapshot, log_record};
  kFormats[data[0] % std::size(kFormats)]({data + 1, size - 1});
  return 0;
}
