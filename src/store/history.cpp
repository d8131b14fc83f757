#include "store/history.hpp"

#include "base/check.hpp"

namespace dos::store {
namespace {

Result<LogRecord> read(const Base& base, Position p, std::uint64_t& steps) {
  if (steps == 0) return fail(Errc::limit, "the height lies too many changes back for one answer");
  --steps;
  return base.log.read(p);
}

// Of the records that `by` retired, the one with the greatest key <= `key`. `ends` is in key order.
Result<std::optional<std::pair<Position, LogRecord>>> greatest(const Base& base, const LogRecord& by, BytesView key, std::uint64_t& steps) {
  std::optional<std::pair<Position, LogRecord>> best;
  std::size_t low = 0, high = by.ends.size();
  while (low < high) {
    const std::size_t mid = (low + high) / 2;
    DOS_ASSIGN(LogRecord r, read(base, by.ends[mid], steps));
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

Result<Standing> cover_at(const Base& base, BytesView key, Height height, std::uint64_t& steps) {
  DOS_ASSIGN(const auto floor, base.index->floor(key));
  if (!floor) return fail(Errc::corrupt, "the index has lost the sentinel");
  DOS_ASSIGN(LogRecord live, read(base, floor->position, steps));
  Standing s{floor->position, std::move(live), std::nullopt};
  while (s.record.leaf.at > height) {
    // What covered the key just before the block `at`? Either this record retired it, or, if this key was new and nothing
    // at or below the asked key went with it, the record of the key before, which the same block appended just before.
    Standing::By by{s.position, std::move(s.record)};
    const Height block = by.record.leaf.at;
    for (;;) {
      DOS_ASSIGN(auto found, greatest(base, by.record, key, steps));
      if (found) {
        s.position = found->first;
        s.record = std::move(found->second);
        break;
      }
      if (by.position.value == 0) return fail(Errc::corrupt, "the history of a key has no beginning");
      --by.position.value;
      DOS_ASSIGN(by.record, read(base, by.position, steps));
      if (by.record.leaf.at != block) return fail(Errc::corrupt, "the history of a key is broken");
    }
    s.by = std::move(by);
  }
  return s;
}

}  // namespace dos::store
