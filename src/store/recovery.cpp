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

  // Of a record that only some pieces of the index know of: all else has it already.
  Status add_to_index(Position p, LogRecord& r) { return index_later(p, r, true); }

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
    DOS_TRY(index_later(p, r, false));
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
    bool ahead;  // the index may hold keys of later records already
  };
  // Steps wait a little, in order, so that the index is in the cache when its turn comes.
  Status index_later(Position p, LogRecord& r, bool ahead) {
    base_.index->prefetch(r.leaf.key);
    later_.push_back({p, std::move(r.leaf.key), std::move(r.leaf.next_key), r.ends.size(), ahead});
    return later_.size() < kIndexLead ? Status{} : index_first();
  }
  Status index_first() {
    const IndexStep step = std::move(later_.front());
    later_.pop_front();
    return index(step);
  }
  // After its block no key lies between a record's key and its next: what the index still has there was deleted, or, where the
  // index is ahead, put by a record that is still to come and puts it again.
  Status index(const IndexStep& r) {
    Index& index = *base_.index;
    DOS_ASSIGN(const auto former, index.find(r.key));
    DOS_TRY(index.put(r.key, r.position));
    if (r.ahead ? r.ends == 0 : r.ends <= (former ? 1u : 0u)) return {};
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

Status load_index(Base& base, Disk& disk, const IndexPieces& pieces) {
  std::vector<std::unique_ptr<DiskFile>> files;
  std::vector<Index::Part> parts;
  for (const IndexPiece& piece : pieces) {
    DOS_ASSIGN(const bool there, disk.exists(index_path(piece.file)));
    if (!there) return fail(Errc::corrupt, index_path(piece.file) + " is missing");
    DOS_ASSIGN(auto file, disk.open(index_path(piece.file), Disk::Mode::read));
    parts.push_back({file.get(), piece.from, piece.count});
    files.push_back(std::move(file));
  }
  return base.index->load(parts);
}

Status from_snapshot(Base& base, Disk& disk, const Checkpoint& to, Recovered& covered) {
  DOS_ASSIGN(auto s, read_forest_snapshot(disk, to.snapshot));
  if (s.count > to.parts.count || s.end > to.end || s.pieces.empty())
    return fail(Errc::corrupt, forest_path(to.snapshot) + " is of another log");
  DOS_TRY(load_index(base, disk, s.pieces));
  DOS_TRY(base.forest.restore(s.twig_roots, s.young_leaves));
  DOS_ASSIGN(const auto twigs, base.forest.twigs_on_file());
  if (twigs < s.twig_roots.size()) return fail(Errc::corrupt, "nodes/twigs is cut short");
  DOS_ASSIGN(const auto positions, base.log.positions_on_file());
  if (positions < s.count) return fail(Errc::corrupt, "positions is cut short");
  Replay replay(base, std::move(s.chunks));
  const IndexPiece& from = *oldest(s.pieces);
  DOS_TRY(base.log.scan(Position{from.count}, from.end, [&](Position p, LogPlace at, BytesView leaf, LogRecord& r) {
    return p.value < s.count ? replay.add_to_index(p, r) : replay.add(p, at, leaf, r);
  }));
  DOS_TRY(replay.finish(to.parts.count));
  covered = {s.count, std::move(s.pieces)};
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

Result<Recovered> recover(Base& base, Disk& disk, Log& log, const Checkpoint& to) {
  DOS_TRY(base.log.open(to.parts.count, to.end));
  DOS_TRY(base.forest.open());
  base.index = make_mem_index();
  Recovered covered;
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
      covered = {};
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
