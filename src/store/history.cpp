#include "store/history.hpp"

#include "base/check.hpp"

namespace dos::store {
namespace {

constexpr std::size_t kEndsPerRead = 64;  // a record that retired very many is long

Result<LogRecord> read(const Base& base, Position p, Reads& reads) {
  DOS_TRY(reads.spend());
  DOS_ASSIGN(auto record, base.log.read(p));
  if (record.ends.size() >= kEndsPerRead) DOS_TRY(reads.spend(record.ends.size() / kEndsPerRead));
  return record;
}

// Of the records that `by` retired, the one with the greatest key <= `key`. `ends` is in key order.
Result<std::optional<std::pair<Position, LogRecord>>> greatest(const Base& base, const LogRecord& by, BytesView key, Reads& reads) {
  std::optional<std::pair<Position, LogRecord>> best;
  std::size_t low = 0, high = by.ends.size();
  while (low < high) {
    const std::size_t mid = (low + high) / 2;
    DOS_ASSIGN(LogRecord r, read(base, by.ends[mid], reads));
    if (compare(r.leaf.key, key) <= 0) {
      best.emplace(by.ends[mid], std::move(r));
      low = mid + 1;
    } else {
      high = mid;
    }
  }
  return best;
}

}  // namespace

Status Reads::spend(std::uint64_t reads) {
  if (left_ < reads) return fail(Errc::limit, "one answer takes too many reads: ask for less, or for a height that lies less far back");
  left_ -= reads;
  piece_ += reads;
  if (piece_ < kPieceReads) return {};
  piece_ = 0;
  return pause_ ? pause_() : Status{};
}

Result<Standing> cover_at(const Base& base, BytesView key, Height height, Reads& reads) {
  DOS_ASSIGN(const auto floor, base.index->floor(key));
  if (!floor) return fail(Errc::corrupt, "the index has lost the sentinel");
  DOS_ASSIGN(LogRecord live, read(base, floor->position, reads));
  Standing s{floor->position, std::move(live), std::nullopt};
  while (s.record.leaf.at > height) {
    // What covered the key just before the block `at`? Either this record retired it, or, if this key was new and nothing
    // at or below the asked key went with it, the record of the key before, which the same block appended just before.
    Standing::By by{s.position, std::move(s.record)};
    const Height block = by.record.leaf.at;
    for (;;) {
      DOS_ASSIGN(auto found, greatest(base, by.record, key, reads));
      if (found) {
        s.position = found->first;
        s.record = std::move(found->second);
        break;
      }
      if (by.position.value == 0) return fail(Errc::corrupt, "the history of a key has no beginning");
      --by.position.value;
      DOS_ASSIGN(by.record, read(base, by.position, reads));
      if (by.record.leaf.at != block) return fail(Errc::corrupt, "the history of a key is broken");
    }
    s.by = std::move(by);
  }
  return s;
}

}  // namespace dos::store
