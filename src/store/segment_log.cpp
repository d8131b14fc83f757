#include "store/segment_log.hpp"

#include <algorithm>
#include <cstdio>

#include "base/check.hpp"

namespace dos::store {
namespace {

Bytes encode_place(LogPlace p) {
  Bytes b;
  append_be(b, std::uint64_t(p.segment) << 32 | p.offset);
  return b;
}
LogPlace decode_place(BytesView b) {
  const auto v = read_be<std::uint64_t>(b);
  return {std::uint32_t(v >> 32), std::uint32_t(v)};
}

std::string where(LogPlace p) { return SegmentLog::segment_path(p.segment) + " at byte " + std::to_string(p.offset); }

}  // namespace

std::string SegmentLog::segment_path(std::uint32_t segment) {
  char name[24];
  std::snprintf(name, sizeof name, "log/%06u", segment);
  return name;
}

Result<SegmentLog::File> SegmentLog::reader(std::uint32_t segment) const {
  return reading_.get(segment, [&]() -> Result<File> {
    const auto path = segment_path(segment);
    DOS_ASSIGN(const bool there, disk_.exists(path));
    if (!there) return fail(Errc::corrupt, path + " is missing");
    DOS_ASSIGN(auto f, disk_.open(path, Disk::Mode::read));
    return File(std::move(f));
  });
}

// A handle is kept until its segment is synced: the system reports a failed write to the handle that wrote.
Result<DiskFile*> SegmentLog::writer(std::uint32_t segment) {
  if (auto it = writing_.find(segment); it != writing_.end()) return it->second.get();
  const auto path = segment_path(segment);
  DOS_ASSIGN(const bool there, disk_.exists(path));
  if (!there) return fail(Errc::corrupt, path + " is missing");
  DOS_ASSIGN(auto f, disk_.open(path, Disk::Mode::write));
  return (writing_[segment] = std::move(f)).get();
}

Result<std::uint32_t> SegmentLog::segment_size(std::uint32_t segment) const {
  if (segment == end_.segment) return end_.offset;
  if (auto it = sizes_.find(segment); it != sizes_.end()) return it->second;
  return fail(Errc::corrupt, segment_path(segment) + " lies past the end of the log");
}

Status SegmentLog::open(std::uint64_t count, LogPlace end) {
  DOS_TRY(disk_.make_folder("log"));
  reading_.clear();
  recent_.clear();
  writing_.clear();
  sizes_.clear();
  unsynced_.clear();
  count_ = count;
  end_ = end;
  for (std::uint32_t s = 0; s < end.segment; ++s) {
    DOS_ASSIGN(const File f, reader(s));
    DOS_ASSIGN(const auto size, f->size());
    if (size > UINT32_MAX) return fail(Errc::corrupt, segment_path(s) + " is longer than it can be");
    sizes_[s] = std::uint32_t(size);
  }
  if (end != LogPlace{}) {
    DOS_ASSIGN(DiskFile * f, writer(end.segment));
    DOS_ASSIGN(const auto size, f->size());
    if (size < end.offset)
      return fail(Errc::corrupt,
                  segment_path(end.segment) + " ends at byte " + std::to_string(size) + " instead of " + std::to_string(end.offset));
    if (size > end.offset) DOS_TRY(f->truncate(end.offset));
  }
  DOS_ASSIGN(const auto names, disk_.list("log"));
  for (const auto& name : names) {
    const auto path = "log/" + name;
    if (path > segment_path(end.segment) || (end.offset == 0 && path == segment_path(end.segment))) DOS_TRY(disk_.remove(path));
  }
  if (end.offset == 0) writing_.erase(end.segment);
  DOS_ASSIGN(positions_, disk_.open("positions", Disk::Mode::create));
  DOS_ASSIGN(const auto size, positions_->size());
  if (size > count * 8) DOS_TRY(positions_->truncate(count * 8));
  return {};
}

Status SegmentLog::scan(Position first, LogPlace from, const std::function<Status(Position, LogPlace, BytesView, LogRecord&)>& each) const {
  constexpr std::size_t kWindow = 1 << 20;
  Position position = first;
  for (std::uint32_t s = from.segment; s <= end_.segment && position.value < count_; ++s) {
    DOS_ASSIGN(const std::uint32_t size, segment_size(s));
    DOS_ASSIGN(const File f, reader(s));
    std::uint32_t at = s == from.segment ? from.offset : 0;
    Bytes window;
    std::uint32_t window_at = at;
    // `need` bytes from `at` on are in the window afterwards
    auto fill = [&](std::size_t need) -> Status {
      if (at - window_at + need <= window.size()) return {};
      if (need > size - at) return fail(Errc::corrupt, "a record in " + where({s, at}) + " is cut short");
      window_at = at;
      window.resize(std::min<std::size_t>(std::max(need, kWindow), size - at));
      return f->read_at(at, window);
    };
    while (at < size && position.value < count_) {
      DOS_TRY(fill(kLogHeaderBytes));
      const LogHeader h = read_log_header(BytesView(window).subspan(at - window_at));
      if (h.length > kMaxLogBodyBytes) return fail(Errc::corrupt, "a record's length is damaged in " + where({s, at}));
      const std::uint32_t whole = std::uint32_t(kLogHeaderBytes) + h.length;
      DOS_TRY(fill(whole));
      const BytesView bytes = BytesView(window).subspan(at - window_at, whole);
      std::size_t leaf = 0;
      auto r = read_log_record(bytes, position, &leaf);
      if (!r) return fail(Errc::corrupt, r.error().detail + " in " + where({s, at}));
      DOS_TRY(each(position, LogPlace{s, at}, bytes.subspan(kLogHeaderBytes, leaf), *r));
      at += whole;
      ++position.value;
    }
  }
  if (position.value != count_) return fail(Errc::corrupt, "the log ends before record " + std::to_string(position.value));
  return {};
}

Status SegmentLog::restore_positions(Position first, std::span<const LogPlace> places) {
  Bytes out;
  out.reserve(places.size() * 8);
  for (LogPlace p : places) dos::append(out, encode_place(p));
  return positions_->write_at(first.value * 8, out);
}

Status SegmentLog::append(BytesView bytes, std::span<const std::uint32_t> offsets) {
  if (bytes.size() > UINT32_MAX - segment_bytes_) return fail(Errc::limit, "a block's records are too many for one segment");
  if (end_.offset >= segment_bytes_) {
    sizes_[end_.segment] = end_.offset;
    end_ = {end_.segment + 1, 0};
  }
  if (end_.offset == 0 && !writing_.contains(end_.segment)) {
    DOS_ASSIGN(auto f, disk_.open(segment_path(end_.segment), Disk::Mode::create));
    writing_[end_.segment] = std::move(f);
    new_segment_ = true;
  }
  DOS_ASSIGN(DiskFile * f, writer(end_.segment));
  if (unsynced_.empty() || unsynced_.back() != end_.segment) unsynced_.push_back(end_.segment);
  DOS_TRY(f->write_at(end_.offset, bytes));
  Bytes places;
  places.reserve(offsets.size() * 8);
  for (std::uint32_t o : offsets) append_be(places, std::uint64_t(end_.segment) << 32 | (end_.offset + o));
  DOS_TRY(positions_->write_at(count_ * 8, places));
  count_ += offsets.size();
  end_.offset += std::uint32_t(bytes.size());
  return {};
}

Status SegmentLog::sync() {
  for (std::uint32_t s : unsynced_) {
    DOS_ASSIGN(DiskFile * f, writer(s));
    DOS_TRY(f->sync());
  }
  unsynced_.clear();
  std::erase_if(writing_, [&](const auto& w) { return w.first != end_.segment; });
  if (new_segment_) DOS_TRY(disk_.sync_folder("log"));
  new_segment_ = false;
  return {};
}

Status SegmentLog::sync_positions() { return positions_->sync(); }

Result<LogRecord> SegmentLog::read_at(Position position, LogPlace place) const {
  DOS_ASSIGN(const std::uint32_t size, segment_size(place.segment));
  if (place.offset > size || size - place.offset < kLogHeaderBytes) return fail(Errc::corrupt, "no record lies there");
  DOS_ASSIGN(const File f, reader(place.segment));
  std::uint8_t first[768];  // most records: one read
  const std::size_t got = std::min<std::size_t>(sizeof first, size - place.offset);
  DOS_TRY(f->read_at(place.offset, std::span(first, got)));
  const LogHeader h = read_log_header(BytesView(first, kLogHeaderBytes));
  if (h.length > size - place.offset - kLogHeaderBytes || h.length > kMaxLogBodyBytes)
    return fail(Errc::corrupt, "a record's length is damaged");
  const std::size_t whole = kLogHeaderBytes + h.length;
  if (whole <= got) return read_log_record(BytesView(first, whole), position);
  Bytes all(whole);
  std::memcpy(all.data(), first, got);
  DOS_TRY(f->read_at(place.offset + got, std::span(all).subspan(got)));
  return read_log_record(all, position);
}

// The slow way to a record whose entry in `positions` is damaged: from the nearest segment start.
Result<LogPlace> SegmentLog::search(Position position) const {
  for (std::uint32_t s = end_.segment + 1; s-- > 0;) {
    DOS_ASSIGN(const std::uint32_t size, segment_size(s));
    if (size < kLogHeaderBytes) continue;
    DOS_ASSIGN(const File f, reader(s));
    std::uint8_t head[kLogHeaderBytes];
    DOS_TRY(f->read_at(0, head));
    Position here = read_log_header(head).position;
    if (here > position && s > 0) continue;
    for (std::uint32_t at = 0; size - at >= kLogHeaderBytes; ++here.value) {
      DOS_TRY(f->read_at(at, head));
      const LogHeader h = read_log_header(head);
      if (here == position) return LogPlace{s, at};
      if (h.position != here || h.length > size - at - kLogHeaderBytes)
        return fail(Errc::corrupt, "a record is damaged in " + where({s, at}));
      at += std::uint32_t(kLogHeaderBytes) + h.length;
    }
    break;
  }
  return fail(Errc::corrupt, "record " + std::to_string(position.value) + " is not in the log");
}

Result<LogPlace> SegmentLog::place(Position position) const {
  DOS_CHECK(position.value < count_);
  std::uint8_t entry[8];
  DOS_TRY(positions_->read_at(position.value * 8, entry));
  return decode_place(entry);
}

Result<std::uint64_t> SegmentLog::positions_on_file() const {
  DOS_ASSIGN(const auto size, positions_->size());
  return size / 8;
}

Result<LogRecord> SegmentLog::read(Position position) const {
  if (const auto kept = recent_.find(position.value)) return *kept;
  DOS_ASSIGN(auto record, read_from_file(position));
  if (record.data.size() + record.leaf.meta.size() + record.leaf.lock.size() <= kRecentBytes)
    recent_.keep(position.value, std::make_shared<const LogRecord>(record));
  return record;
}

Result<LogRecord> SegmentLog::read_from_file(Position position) const {
  DOS_ASSIGN(const LogPlace place, this->place(position));
  auto r = read_at(position, place);
  if (r || r.error().code != Errc::corrupt) return r;
  DOS_ASSIGN(const LogPlace found, search(position));
  if (found == place) return fail(Errc::corrupt, r.error().detail + " in " + where(place));
  auto again = read_at(position, found);
  if (!again) return fail(Errc::corrupt, again.error().detail + " in " + where(found));
  log_.write(LogLevel::warn, "store",
             "positions: the entry of record " + std::to_string(position.value) + " is damaged; read from the log instead");
  // Readers that find the same damage at once write the same eight bytes.
  if (auto s = positions_->write_at(position.value * 8, encode_place(found)); !s)
    log_.write(LogLevel::warn, "store", "positions: could not be repaired: " + s.error().detail);
  return again;
}

Result<Bytes> SegmentLog::read_data(Position position) const {
  DOS_ASSIGN(LogRecord r, read(position));
  if (!r.data_at) return std::move(r.data);
  DOS_ASSIGN(LogRecord holder, read(*r.data_at));
  if (holder.data_at) return fail(Errc::corrupt, "record " + std::to_string(r.data_at->value) + " holds no data");
  return std::move(holder.data);
}

}  // namespace dos::store
