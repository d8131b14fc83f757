// The log's segment files log/000000, log/000001 … and `positions`: where each record lies. A block's records lie in one
// segment; a segment is closed once it has reached its size. `positions` can be rebuilt from the segments.
#pragma once
#include <functional>
#include <map>

#include "base/edge.hpp"
#include "store/log_format.hpp"
#include "store/shared_reads.hpp"

namespace dos::store {

struct LogPlace {  // a byte of the log
  std::uint32_t segment = 0, offset = 0;
  friend constexpr auto operator<=>(const LogPlace&, const LogPlace&) = default;
  DOS_FIELDS(segment, offset);
};

// Const methods may be called by many threads at a time, while none of the others runs.
class SegmentLog {
 public:
  SegmentLog(Disk& disk, Log& log, std::uint64_t segment_bytes)
      : disk_(disk), log_(log), segment_bytes_(segment_bytes), reading_(64), recent_(kRecentRecords) {}

  // Goes back to `count` records that end at `end`; what lies behind is cut off. corrupt if the log is shorter.
  Status open(std::uint64_t count, LogPlace end);
  // Reads records from `first` (which lies at `from`) to the end in order; `leaf` is the BCS(Leaf) as it lies there.
  Status scan(Position first, LogPlace from, const std::function<Status(Position, LogPlace, BytesView leaf, LogRecord&)>& each) const;
  // Rewrites `positions` from `first` on with these places.
  Status restore_positions(Position first, std::span<const LogPlace> places);

  // Appends one block: records back to back in `bytes`, each beginning at its offset. Not durable until sync().
  Status append(BytesView bytes, std::span<const std::uint32_t> offsets);
  Status sync();            // the segments
  Status sync_positions();

  std::uint64_t count() const { return count_; }
  LogPlace end() const { return end_; }
  Result<LogRecord> read(Position position) const;
  Result<Bytes> read_data(Position position) const;  // of the record that holds it
  Result<LogPlace> place(Position position) const;    // as `positions` has it
  Result<std::uint64_t> positions_on_file() const;

  static std::string segment_path(std::uint32_t segment);

 private:
  using File = std::shared_ptr<DiskFile>;
  Result<File> reader(std::uint32_t segment) const;
  Result<DiskFile*> writer(std::uint32_t segment);
  Result<std::uint32_t> segment_size(std::uint32_t segment) const;  // up to the end of the log
  Result<LogRecord> read_at(Position position, LogPlace place) const;
  Result<LogPlace> search(Position position) const;
  Result<LogRecord> read_from_file(Position position) const;

  Disk& disk_;
  Log& log_;
  std::uint64_t segment_bytes_;
  std::uint64_t count_ = 0;
  LogPlace end_;
  SharedReads<std::uint32_t, DiskFile> reading_;
  static constexpr std::size_t kRecentRecords = 2048, kRecentBytes = 4096;  // so many, each at most so large
  RecentReads<LogRecord> recent_;
  std::map<std::uint32_t, std::unique_ptr<DiskFile>> writing_;  // the last segment, and what is not synced yet
  std::map<std::uint32_t, std::uint32_t> sizes_;  // of closed segments
  std::unique_ptr<DiskFile> positions_;
  std::vector<std::uint32_t> unsynced_;
  bool new_segment_ = false;
};

}  // namespace dos::store
