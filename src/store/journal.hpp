// The journal: pre-written, recycled segments; one write and one fdatasync a sync group (docs/spec/storage.md).
// A group is written only after the one before returned, so a bad group is a torn tail if and only if no valid later
// group exists; a bad group with a valid one behind it is Errc::corrupt (amnesia: the caller must not vote).
#pragma once
#include <memory>
#include <span>

#include "base/edge.hpp"
#include "codec/fields.hpp"

namespace dos::store {

// Record kinds are the consensus layer's (docs/spec/consensus.md, "Journal"): the journal keeps bytes, and knows only the
// height under which they may be released.
struct JournalRecord {
  std::uint8_t kind = 0;
  std::uint64_t height = 0;  // groups whose records all lie at or below release()d heights are recycled
  Bytes bytes;
  DOS_FIELDS(kind, height, bytes);
};

inline constexpr std::uint64_t kMaxGroupBytes = 0xffff'0000;  // a group's length stands in four bytes

struct JournalOptions {
  std::uint64_t segment_bytes = 16ull << 20;
  std::uint32_t keep_segments = 2;  // pre-written spares
  std::uint64_t group_bytes = kMaxGroupBytes;  // at most
};

inline constexpr std::uint64_t kSupersededTimes = 4;

class Journal {
 public:
  static Result<std::unique_ptr<Journal>> open(Disk& disk, Entropy& entropy, Log& log, const JournalOptions& options = {});
  virtual ~Journal() = default;
  virtual Status append(std::span<const JournalRecord> group) = 0;  // durable when it returns
  virtual Result<std::vector<JournalRecord>> replay() const = 0;    // all records still held, in order
  virtual Status release(std::uint64_t height) = 0;                 // everything at or below is elsewhere durable
  // All that lives stands in the last group: what lies before its segment goes, once that is kSupersededTimes as much.
  virtual Status bound_before_last() = 0;
  virtual bool intact() const = 0;                                  // false: a damaged middle was found at open
  virtual std::size_t sound_from() const = 0;                       // of what replay() gave at open: nothing is missing from here on
};

}  // namespace dos::store
