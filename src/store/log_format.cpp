#include "store/log_format.hpp"

#include <algorithm>

#include "store/crc32c.hpp"

namespace dos::store {
namespace {

std::uint32_t read_u32(BytesView b) { return b[0] | b[1] << 8 | b[2] << 16 | std::uint32_t(b[3]) << 24; }
std::uint64_t read_u64(BytesView b) { return read_u32(b) | std::uint64_t(read_u32(b.subspan(4))) << 32; }

void put_u32(std::uint8_t* at, std::uint32_t v) {
  for (int i = 0; i < 4; ++i) at[i] = std::uint8_t(v >> (8 * i));
}
void put_u64(std::uint8_t* at, std::uint64_t v) {
  for (int i = 0; i < 8; ++i) at[i] = std::uint8_t(v >> (8 * i));
}

}  // namespace

std::size_t write_log_record(Bytes& out, Position position, const LogRecord& record) {
  const std::size_t start = out.size();
  codec::Encoder e;
  e.out.swap(out);
  e.out.resize(start + kLogHeaderBytes);
  codec::write(e, record.leaf);
  const std::size_t leaf_bytes = e.out.size() - start - kLogHeaderBytes;
  e.uleb(record.ends.size());
  for (Position p : record.ends) e.integer(p.value);
  if (record.data_at) {
    e.out.push_back(1);
    e.integer(record.data_at->value);
  } else {
    e.out.push_back(0);
    e.raw(record.data);
  }
  out.swap(e.out);
  std::uint8_t* head = out.data() + start;
  put_u32(head, std::uint32_t(out.size() - start - kLogHeaderBytes));
  put_u64(head + 8, position.value);
  put_u32(head + 4, crc32c(BytesView(out).subspan(start + 8)));
  return leaf_bytes;
}

LogHeader read_log_header(BytesView header) {
  return {read_u32(header), read_u32(header.subspan(4)), Position{read_u64(header.subspan(8))}};
}

Result<LogRecord> read_log_record(BytesView bytes, Position position, std::size_t* leaf_bytes) {
  if (bytes.size() < kLogHeaderBytes) return fail(Errc::corrupt, "a record is cut short");
  const LogHeader h = read_log_header(bytes);
  if (h.length != bytes.size() - kLogHeaderBytes) return fail(Errc::corrupt, "a record's length is damaged");
  if (crc32c(bytes.subspan(8)) != h.crc) return fail(Errc::corrupt, "a record's checksum does not match");
  if (h.position != position) return fail(Errc::corrupt, "a record lies where another belongs");
  codec::Decoder d(bytes.subspan(kLogHeaderBytes));
  LogRecord r;
  codec::read(d, r.leaf);
  if (leaf_bytes != nullptr) *leaf_bytes = d.position();
  const std::uint32_t ends = d.length();
  if (!d.ok() || ends > d.remaining() / 8) return fail(Errc::corrupt, "a record does not decode");
  r.ends.reserve(ends);
  for (std::uint32_t i = 0; i < ends; ++i) r.ends.push_back(Position{d.integer<std::uint64_t>()});
  const auto tag = d.raw(1);
  if (d.ok() && tag[0] == 1) {
    r.data_at = Position{d.integer<std::uint64_t>()};
    if (d.ok() && *r.data_at >= position) d.refuse();
  } else if (d.ok() && tag[0] == 0) {
    const auto rest = d.raw(d.remaining());
    r.data.assign(rest.begin(), rest.end());
  } else {
    d.refuse();
  }
  for (Position p : r.ends)
    if (p >= position) d.refuse();
  if (!d.done()) return fail(Errc::corrupt, "a record does not decode");
  return r;
}

std::vector<Position> ascending(std::span<const Position> ends) {
  std::vector<Position> out(ends.begin(), ends.end());
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace dos::store
