#include "store/recovery.hpp"

#include <deque>

#include "base/check.hpp"

namespace dos::store {
namespace {

constexpr std::size_t kBatch = 1 << 14;

// Replays records into index, bits and forest.
class Replay {
 public:
  Replay(Base& base, std::vector<BitsWord> words) : base_(base), words_(std::move(words)), edge_(base.forest.edge()) {}

  Status add(Position p, LogPlace place, BytesView leaf, LogRecord& r) {
    if (places_.empty()) first_ = p;
    places_.push_back(place);
    if (p.value / proof::kChunkBits >= words_.size()) words_.emplace_back();
    for (Position e : r.ends) {
      auto& byte = words_[e.value / proof::kChunkBits][e.value % proof::kChunkBits / 8];
      const std::uint8_t mask = std::uint8_t(1u << (e.value % 8));
      if ((byte & mask) == 0) return fail(Errc::corrupt, "record " + std::to_string(p.value) + " retires a dead one");
      byte &= std::uint8_t(~mask);
    }
    words_[p.value / proof::kChunkBits][p.value % proof::kChunkBits / 8] |= std::uint8_t(1u << (p.value % 8));
    edge_.append(crypto::hash(crypto::domain::kLeaf, leaf), crypto::domain::kNode, made_);
    DOS_TRY(index_later(p, r));
    return places_.size() >= kBatch ? flush() : Status{};
  }

  Status finish(std::uint64_t count) {
    while (!later_.empty()) DOS_TRY(index_first());
    DOS_TRY(flush());
    if (words_.size() != chunk_count(count)) return fail(Errc::corrupt, "the live bits do not fit the log");
    base_.bits.restore(count, std::move(words_));
    return {};
  }

 private:
  struct IndexStep {
    Position position;
    Bytes key, next_key;
    std::size_t ends;
  };
  // Steps wait a little, in order, so that the index is in the cache when its turn comes.
  Status index_later(Position p, LogRecord& r) {
    base_.index->prefetch(r.leaf.key);
    later_.push_back({p, std::move(r.leaf.key), std::move(r.leaf.next_key), r.ends.size()});
    return later_.size() < kIndexLead ? Status{} : index_first();
  }
  Status index_first() {
    const IndexStep step = std::move(later_.front());
    later_.pop_front();
    return index(step);
  }
  // After its block no key lies between a record's key and its next: what the index still has there was deleted.
  Status index(const IndexStep& r) {
    Index& index = *base_.index;
    DOS_ASSIGN(const auto former, index.find(r.key));
    DOS_TRY(index.put(r.key, r.position));
    if (r.ends <= (former ? 1u : 0u)) return {};
    for (;;) {
      DOS_ASSIGN(const auto after, index.above(r.key));
      if (!after || (!r.next_key.empty() && compare(after->key, r.next_key) >= 0)) return {};
      DOS_TRY(index.erase(after->key));
    }
  }

  Status flush() {
    if (places_.empty()) return {};
    DOS_TRY(base_.log.restore_positions(first_, places_));
    DOS_TRY(base_.forest.append(places_.size(), made_));
    places_.clear();
    made_.clear();
    return {};
  }

  Base& base_;
  std::vector<BitsWord> words_;
  MountainEdge edge_;
  std::vector<Hash> made_;
  Position first_;
  std::deque<IndexStep> later_;
  std::vector<LogPlace> places_;
};

Status check_roots(const Base& base, const Checkpoint& to) {
  if (base.forest.count() != to.parts.count) return fail(Errc::corrupt, "the log is shorter than its checkpoint says");
  if (base.forest.root() != to.parts.mmr_root) return fail(Errc::corrupt, "the records do not give the checkpoint's root");
  if (base.bits.root() != to.parts.bits_root) return fail(Errc::corrupt, "the live bits do not give the checkpoint's root");
  if (base.index->size() != to.live + 1) return fail(Errc::corrupt, "the index does not hold as many keys as live records");
  return {};
}

Status from_snapshot(Base& base, Disk& disk, const Checkpoint& to, std::uint64_t& covered) {
  DOS_ASSIGN(auto s, read_forest_snapshot(disk, to.snapshot));
  if (s.count > to.parts.count || s.end > to.end) return fail(Errc::corrupt, forest_path(to.snapshot) + " is of another log");
  DOS_ASSIGN(const bool there, disk.exists(index_path(to.snapshot)));
  if (!there) return fail(Errc::corrupt, index_path(to.snapshot) + " is missing");
  DOS_ASSIGN(auto file, disk.open(index_path(to.snapshot), Disk::Mode::read));
  DOS_TRY(base.index->load(*file));
  if (base.index->size() != s.live + 1) return fail(Errc::corrupt, index_path(to.snapshot) + " does not fit its forest");
  DOS_TRY(base.forest.restore(s.twig_roots, s.young_leaves));
  DOS_ASSIGN(const auto twigs, base.forest.twigs_on_file());
  if (twigs < s.twig_roots.size()) return fail(Errc::corrupt, "nodes/twigs is cut short");
  DOS_ASSIGN(const auto positions, base.log.positions_on_file());
  if (positions < s.count) return fail(Errc::corrupt, "positions is cut short");
  Replay replay(base, std::move(s.chunks));
  DOS_TRY(base.log.scan(Position{s.count}, s.end,
                        [&](Position p, LogPlace at, BytesView leaf, LogRecord& r) { return replay.add(p, at, leaf, r); }));
  DOS_TRY(replay.finish(to.parts.count));
  covered = s.count;
  return check_roots(base, to);
}

Status from_log(Base& base, const Checkpoint& to) {
  base.index = make_mem_index();
  DOS_TRY(base.forest.open());
  Replay replay(base, {});
  DOS_TRY(
      base.log.scan(Position{0}, {}, [&](Position p, LogPlace at, BytesView leaf, LogRecord& r) { return replay.add(p, at, leaf, r); }));
  DOS_TRY(replay.finish(to.parts.count));
  return check_roots(base, to);
}

}  // namespace

Result<std::uint64_t> recover(Base& base, Disk& disk, Log& log, const Checkpoint& to) {
  DOS_TRY(base.log.open(to.parts.count, to.end));
  DOS_TRY(base.forest.open());
  base.index = make_mem_index();
  std::uint64_t covered = 0;
  if (!to.empty) {
    bool done = false;
    if (to.snapshot != 0) {
      auto s = from_snapshot(base, disk, to, covered);
      done = s.has_value();
      if (!done && s.error().code != Errc::corrupt) return std::unexpected(s.error());
      if (!done)
        log.write(LogLevel::warn, "store",
                  "snapshot " + std::to_string(to.snapshot) + " cannot be used (" + s.error().detail + "); rebuilding from the log");
    }
    if (!done) {
      covered = 0;
      DOS_TRY(from_log(base, to));
    }
    base.height = to.height;
    base.live = to.live;
    base.root = proof::state_root(to.parts);
  }
  DOS_TRY(base.forest.cut_file());
  return covered;
}

}  // namespace dos::store
