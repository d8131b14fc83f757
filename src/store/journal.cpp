#include "store/journal.hpp"

#include <algorithm>
#include <cstdio>
#include <deque>

#include "store/journal_group.hpp"

namespace dos::store {
namespace {

constexpr const char* kFolder = "journal";
constexpr std::size_t kMaxRecordHead = 16;  // kind, height and length of one

std::string segment_path(std::uint64_t n) {
  char name[40];
  std::snprintf(name, sizeof name, "journal/%08llu", static_cast<unsigned long long>(n));
  return name;
}
std::string spare_path(std::uint64_t n) { return "journal/spare-" + std::to_string(n); }

std::optional<std::uint64_t> number_of(std::string_view digits) {
  std::uint64_t v = 0;
  if (digits.empty() || digits.size() > 18) return std::nullopt;
  for (char c : digits) {
    if (c < '0' || c > '9') return std::nullopt;
    v = v * 10 + std::uint64_t(c - '0');
  }
  return v;
}

class FileJournal final : public Journal {
 public:
  FileJournal(Disk& disk, Entropy& entropy, Log& log, const JournalOptions& options)
      : disk_(disk), entropy_(entropy), log_(log), options_(options) {
    options_.segment_bytes = std::max<std::uint64_t>(options_.segment_bytes / kGroupAlign, 3) * kGroupAlign;
  }

  Status open() {
    DOS_TRY(disk_.make_folder(kFolder));
    DOS_ASSIGN(const auto names, disk_.list(kFolder));
    for (const auto& name : names) {
      if (name.starts_with("spare-")) {
        if (const auto n = number_of(std::string_view(name).substr(6))) {
          spares_.push_back(*n);
          next_spare_ = std::max(next_spare_, *n + 1);
        }
      } else if (const auto n = number_of(name)) {
        Segment s;
        s.number = *n;
        DOS_ASSIGN(s.file, disk_.open(segment_path(*n), Disk::Mode::write));
        segments_.push_back(std::move(s));
      }
    }
    std::sort(segments_.begin(), segments_.end(), [](const Segment& a, const Segment& b) { return a.number < b.number; });
    DOS_TRY(examine());
    // A rename that was cut off may leave one file under two names. An empty last segment holds nothing that anyone was
    // promised, so it goes; a spare that has a present segment's head is that segment.
    if (!segments_.empty() && segments_.back().empty()) {
      const auto path = segment_path(segments_.back().number);
      segments_.pop_back();
      DOS_TRY(disk_.remove(path));
    }
    DOS_TRY(check_spares());
    DOS_TRY(disk_.sync_folder(kFolder));
    while (spares_.size() < options_.keep_segments) DOS_TRY(make_spare(options_.segment_bytes));
    if (segments_.empty() || !segments_.back().salt) DOS_TRY(start_segment(options_.segment_bytes));
    return {};
  }

  Status append(std::span<const JournalRecord> group) override {
    if (failed_) return std::unexpected(*failed_);
    auto s = write(group);
    if (!s) {
      failed_ = s.error();
      log_.write(LogLevel::error, "store", "journal stopped: " + s.error().detail);
    }
    return s;
  }

  Result<std::vector<JournalRecord>> replay() const override {
    if (failed_) return std::unexpected(*failed_);
    std::vector<JournalRecord> out;
    for (const Segment& s : segments_) {
      if (!s.salt) continue;  // open() has reported it
      DOS_ASSIGN(const Bytes bytes, read_all(s, s.end));
      for (std::size_t at = kGroupAlign; at < bytes.size();) {
        const auto g = read_group(BytesView(bytes).subspan(at), *s.salt);
        if (!g) {  // this, too
          at += kGroupAlign;
          continue;
        }
        DOS_ASSIGN(auto records, read_group_records(g->payload));
        for (auto& r : records) out.push_back(std::move(r));
        at += g->bytes;
      }
    }
    return out;
  }

  Status bound_before_last() override {
    if (failed_) return std::unexpected(*failed_);
    std::uint64_t before = 0, last = 0;
    for (const Segment& s : segments_) {
      before += last;
      DOS_ASSIGN(last, s.file->size());
    }
    return before > kSupersededTimes * last ? release(UINT64_MAX) : Status{};  // a group lies in one segment
  }
  Status release(std::uint64_t height) override {
    if (failed_) return std::unexpected(*failed_);
    // Oldest first, so that what is held is always one run of groups.
    while (segments_.size() > 1 && segments_.front().max_height <= height) {
      const std::uint64_t n = segments_.front().number;
      DOS_ASSIGN(const auto size, segments_.front().file->size());
      segments_.pop_front();
      if (spares_.size() < options_.keep_segments && size == options_.segment_bytes) {
        DOS_TRY(stop_on(disk_.rename(segment_path(n), spare_path(next_spare_))));
        spares_.push_back(next_spare_++);
      } else {
        DOS_TRY(stop_on(disk_.remove(segment_path(n))));
      }
      DOS_TRY(stop_on(disk_.sync_folder(kFolder)));  // each before the next: a later one must not vanish first
    }
    return {};
  }

  bool intact() const override { return intact_; }
  std::size_t sound_from() const override { return sound_from_; }

 private:
  struct Segment {
    std::uint64_t number = 0;
    std::unique_ptr<DiskFile> file;
    std::optional<SegmentSalt> salt;   // none: its head is damaged, and nothing in it can be told from chance
    std::uint64_t end = kGroupAlign;   // behind its last group
    std::uint64_t max_height = 0;
    bool empty() const { return salt && end == kGroupAlign; }
  };

  Status stop_on(Status s) {
    if (!s) failed_ = s.error();
    return s;
  }

  static Result<Bytes> read_all(const Segment& s, std::uint64_t bytes) {
    Bytes out(bytes);
    if (bytes != 0) DOS_TRY(s.file->read_at(0, out));
    return out;
  }

  // Groups must be numbered without a gap. Unsound bytes with a sound group of the same run behind them are damage: a group
  // is written only after the one before is durable, so a torn one has nothing behind it.
  Status examine() {
    std::optional<std::uint64_t> expected;
    std::size_t records_before = 0;
    const auto damaged = [&](const std::string& what) {
      if (intact_) log_.write(LogLevel::error, "store", "journal: " + what + ", which no torn end explains");
      intact_ = false;
      sound_from_ = records_before;
    };
    for (std::size_t i = 0; i < segments_.size(); ++i) {
      Segment& s = segments_[i];
      DOS_ASSIGN(const auto size, s.file->size());
      DOS_ASSIGN(const Bytes bytes, read_all(s, size));
      if (i > 0 && s.number != segments_[i - 1].number + 1) damaged(segment_path(s.number - 1) + " is missing");
      const auto head = read_segment_head(bytes);
      if (!head || head->number != s.number) {  // it was durable before the file had this name
        damaged("the head of " + segment_path(s.number) + " is damaged");
        continue;
      }
      s.salt = head->salt;
      for (std::size_t at = kGroupAlign; at < bytes.size();) {
        const auto g = read_group(BytesView(bytes).subspan(at), *s.salt);
        if (!g) {
          at += kGroupAlign;
          continue;
        }
        if (at != s.end) damaged(segment_path(s.number) + " is damaged at byte " + std::to_string(s.end));
        else if (expected && g->number != *expected)
          damaged("group " + std::to_string(*expected) + " is missing before " + segment_path(s.number) + " byte " + std::to_string(at));
        auto records = read_group_records(g->payload);
        if (!records) return fail(Errc::corrupt, segment_path(s.number) + " does not decode at byte " + std::to_string(at));
        for (const auto& r : *records) s.max_height = std::max(s.max_height, r.height);
        records_before += records->size();
        expected = g->number + 1;
        at += g->bytes;
        s.end = at;
      }
    }
    next_group_ = expected.value_or(0);
    return {};
  }

  // A spare is usable only as long as it was pre-written to its full length.
  Status check_spares() {
    std::vector<std::uint64_t> good;
    for (std::uint64_t n : spares_) {
      DOS_ASSIGN(auto f, disk_.open(spare_path(n), Disk::Mode::write));
      DOS_ASSIGN(const auto size, f->size());
      bool usable = size == options_.segment_bytes && good.size() < options_.keep_segments;
      if (usable) {
        Bytes begin(kGroupAlign);
        DOS_TRY(f->read_at(0, begin));
        const auto head = read_segment_head(begin);
        for (const Segment& s : segments_) usable = usable && !(head && s.number == head->number);
      }
      if (usable) good.push_back(n);
      else DOS_TRY(disk_.remove(spare_path(n)));
    }
    spares_ = std::move(good);
    return {};
  }

  Status prewrite(const std::string& path, std::uint64_t bytes) {
    DOS_ASSIGN(auto f, disk_.open(path, Disk::Mode::create));
    // Page by page: written in large pieces, the page cache may keep them as large pages, and each sync would handle all of one.
    const Bytes zeros(std::min<std::uint64_t>(bytes, 4096));
    for (std::uint64_t at = 0; at < bytes; at += zeros.size())
      DOS_TRY(f->write_at(at, BytesView(zeros).first(std::min<std::uint64_t>(zeros.size(), bytes - at))));
    return f->sync();
  }

  Status make_spare(std::uint64_t bytes) {
    const std::uint64_t n = next_spare_++;
    if (auto made = prewrite(spare_path(n), bytes); !made) {
      // On a full disk the half-written spare must not take what is left.
      if (auto gone = disk_.remove(spare_path(n)); !gone) log_.write(LogLevel::warn, "store", gone.error().detail);
      return made;
    }
    spares_.push_back(n);
    return {};
  }

  Status start_segment(std::uint64_t bytes) {
    Segment s;
    s.number = segments_.empty() ? 1 : segments_.back().number + 1;
    s.salt.emplace();
    entropy_.fill(*s.salt);
    if (bytes != options_.segment_bytes || spares_.empty()) DOS_TRY(make_spare(bytes));
    const auto spare = spare_path(spares_.back());
    spares_.pop_back();
    {
      DOS_ASSIGN(const auto file, disk_.open(spare, Disk::Mode::write));
      DOS_TRY(file->write_at(0, write_segment_head({s.number, *s.salt})));
      DOS_TRY(file->sync());  // whatever has a segment's name has its head
    }
    DOS_TRY(disk_.rename(spare, segment_path(s.number)));
    DOS_TRY(disk_.sync_folder(kFolder));
    DOS_ASSIGN(s.file, disk_.open(segment_path(s.number), Disk::Mode::write));
    segments_.push_back(std::move(s));
    return {};
  }

  Status write(std::span<const JournalRecord> group) {
    std::uint64_t sum = 0;
    for (const auto& r : group) sum += r.bytes.size() + kMaxRecordHead;
    if (sum > options_.group_bytes)
      return fail(Errc::limit, "what is to be kept at once has " + std::to_string(sum) + " bytes, at most " +
                                   std::to_string(options_.group_bytes) + " are one group: nothing was written and nothing was let go");
    Bytes bytes = write_group(*segments_.back().salt, next_group_, group);
    DOS_ASSIGN(const auto size, segments_.back().file->size());
    if (bytes.size() > size - std::min(size, segments_.back().end)) {
      DOS_TRY(start_segment(std::max<std::uint64_t>(options_.segment_bytes, kGroupAlign + bytes.size())));
      bytes = write_group(*segments_.back().salt, next_group_, group);
    }
    Segment& s = segments_.back();
    DOS_TRY(s.file->write_at(s.end, bytes));
    DOS_TRY(s.file->sync());
    s.end += bytes.size();
    for (const auto& r : group) s.max_height = std::max(s.max_height, r.height);
    ++next_group_;
    return {};
  }

  Disk& disk_;
  Entropy& entropy_;
  Log& log_;
  JournalOptions options_;
  std::deque<Segment> segments_;  // ascending; the last is written to
  std::vector<std::uint64_t> spares_;
  std::uint64_t next_spare_ = 0, next_group_ = 0;
  bool intact_ = true;
  std::size_t sound_from_ = 0;
  std::optional<Error> failed_;
};

}  // namespace

Result<std::unique_ptr<Journal>> Journal::open(Disk& disk, Entropy& entropy, Log& log, const JournalOptions& options) {
  auto j = std::make_unique<FileJournal>(disk, entropy, log, options);
  DOS_TRY(j->open());
  return j;
}

}  // namespace dos::store
