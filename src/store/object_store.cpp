// Store: the joints between stages, log, forest, bits, index and checkpoints.
#include <charconv>
#include <map>

#include "base/check.hpp"
#include "store/checkpoint.hpp"
#include "store/prover.hpp"
#include "store/recovery.hpp"
#include "store/stage.hpp"

namespace dos::store {
namespace {

// A snapshot has costs of its own, some ten syncs and a seventh of a byte for every record that ever was: not after every few
// new records, and none that a larger state would make larger.
constexpr std::uint64_t kLiveShare = 8, kEnoughRecords = 1 << 17, kForestShare = 256;
constexpr std::size_t kSpares = 1;  // unused files that are kept to be written over

class ObjectStore final : public Store {
 public:
  ObjectStore(Disk& disk, Log& log, const StoreOptions& options)
      : disk_(disk),
        log_(log),
        options_(options),
        base_{SegmentLog(disk, log, options.segment_bytes), RecordForest(disk), {}, make_mem_index(), {}, {}, 0, {}},
        slots_(disk),
        view_(base_, nullptr) {}

  Status open() {
    std::vector<std::string> damaged;
    DOS_ASSIGN(const auto newest, slots_.open(damaged));
    for (const auto& name : damaged) log_.write(LogLevel::warn, "store", name + " is torn or damaged; the other one counts");
    if (!newest) return create(damaged);
    DOS_ASSIGN(auto covered, recover(base_, disk_, log_, *newest));
    last_ = *newest;
    snapshot_count_ = covered.count;
    index_ = std::move(covered.pieces);
    // What a slot names stays until that slot is written, also if it could not be used: a file must not change under its name.
    for (const auto n : slots_.snapshots_in_use()) {
      if (n == 0) continue;
      if (auto named = read_forest_snapshot(disk_, n)) pieces_[n] = std::move(named->pieces);
      else if (named.error().code != Errc::corrupt) return std::unexpected(named.error());
    }
    return {};
  }

  Height height() const override { return base_.height.value_or(Height{0}); }
  bool empty() const override { return !base_.height; }
  Hash root() const override { return base_.root; }
  Height durable_height() const override { return last_.height; }
  std::uint64_t record_count() const override { return base_.log.count(); }
  std::uint64_t live_count() const override { return base_.live; }
  const StateView& view() const override { return view_; }

  Result<StageRef> stage(const StageRef& parent, Height height, const Delta& delta) override {
    DOS_TRY(usable());
    if (parent) DOS_TRY(current(*parent));
    auto s = std::make_shared<Stage>(base_, parent);
    const Stage* below = s->below();
    const Height want = below != nullptr ? Height{below->height.value + 1} : Height{base_.height ? base_.height->value + 1 : 0};
    if (height != want) return fail(Errc::internal, "block " + std::to_string(height.value) + " does not follow the state before it");
    s->height = height;
    DOS_TRY(build_stage(base_, *s, delta));
    return s;
  }
  Hash root(const StageRef& stage) const override { return stage->root; }
  const StateView& view(const StageRef& stage) const override { return stage->reader; }

  Status commit(const StageRef& stage) override {
    DOS_TRY(usable());
    DOS_TRY(current(*stage));
    if (stage->committed) return {};
    if (stage->below() != nullptr) return fail(Errc::internal, "the state before the block is not committed");
    return final(apply(*stage));
  }

  Status checkpoint() override {
    DOS_TRY(usable());
    return final(save());
  }

  Result<std::optional<Record>> get_at(BytesView key, Height height, Reads* reads) const override {
    Reads own(kMaxHistoryReads);
    return read_at_height(base_, key, height, reads != nullptr ? *reads : own);
  }
  Result<Bytes> floor_at(BytesView key, Height height, Reads* reads) const override {
    Reads own(kMaxHistoryReads);
    return floor_at_height(base_, key, height, reads != nullptr ? *reads : own);
  }
  Result<std::optional<Bytes>> next_at(BytesView prefix, BytesView after, Height height) const override {
    return next_at_height(base_, prefix, after, height);
  }
  Result<proof::StateProof> prove(const ProofRequest& request, Reads* reads) const override {
    Reads own(request.height < height() ? kMaxHistoryReads : kMaxPresentReads);
    return prove_state(base_, log_, request, reads != nullptr ? *reads : own);
  }
  Status scrub() const override {
    DOS_TRY(usable());
    return scrub_base(base_);
  }

 private:
  Status usable() const { return base_.failed ? Status(std::unexpected(*base_.failed)) : Status{}; }
  Status final(Status s) {  // a failed write or sync leaves the files in an unknown state: never go on
    if (!s) {
      base_.failed = s.error();
      log_.write(LogLevel::error, "store", "stopped: " + s.error().detail);
    }
    return s;
  }

  // The stage stands on the committed state, directly or over others.
  Status current(const Stage& stage) const {
    const Stage* s = &stage;
    while (s->below() != nullptr) s = s->below();
    const bool fits =
        s->committed ? s->root == base_.root && base_.height == s->height : s->first == base_.log.count() && s->parent_root == base_.root;
    if (!fits) return fail(Errc::internal, "a stage was used after another block was committed in its place");
    return {};
  }

  Status create(const std::vector<std::string>& damaged) {
    DOS_ASSIGN(const auto segments, disk_.list("log"));
    if (!segments.empty())
      return fail(Errc::corrupt, damaged.empty() ? "the checkpoint slots are missing beside a log"
                                                 : damaged.front() + " and its twin are damaged: no checkpoint is left");
    DOS_TRY(recover(base_, disk_, log_, last_));
    DOS_TRY(slots_.write(last_));  // both, so that one damaged slot never looks like a new store
    return slots_.write(last_);
  }

  Status apply(Stage& s) {
    DOS_TRY(base_.log.append(s.bytes, s.offsets));
    DOS_TRY(base_.forest.append(s.offsets.size(), s.nodes));
    base_.bits.apply(s.bits);
    for (std::size_t i = 0; i < s.changes.size(); ++i) {
      if (i + kIndexLead < s.changes.size()) base_.index->prefetch(s.changes[i + kIndexLead].key);
      const IndexChange& c = s.changes[i];
      DOS_TRY(c.position ? base_.index->put(c.key, *c.position) : base_.index->erase(c.key));
    }
    base_.height = s.height;
    base_.root = s.root;
    base_.live = s.live;
    s.committed = true;  // whoever stands on it now reads the base
    s.parent.reset();
    s.bytes = {};
    s.offsets = {};
    s.nodes = {};
    s.changes = {};
    s.bits = {};
    return {};
  }

  Status save() {
    Checkpoint c = last_;
    c.empty = !base_.height;
    c.height = height();
    c.live = base_.live;
    c.parts = {base_.log.count(), base_.forest.root(), base_.bits.root(), 0};
    c.end = base_.log.end();
    DOS_TRY(base_.log.sync());
    const std::uint64_t grown = base_.log.count() - snapshot_count_;
    const std::uint64_t worth = std::max<std::uint64_t>(std::min(c.live / kLiveShare, kEnoughRecords), c.parts.count / kForestShare);
    const bool due = grown >= options_.index_snapshot_min && grown >= worth;
    if (due) {
      c.snapshot = last_.snapshot + 1;
      DOS_TRY(write_snapshot(c, grown));
    }
    DOS_TRY(slots_.write(c));
    if (due) snapshot_count_ = c.parts.count;
    last_ = c;
    return drop_snapshots();
  }

  // The next part of the index, from the oldest piece on, as large as what was appended since the last one asks for: so work
  // goes with change, and no piece is older than a part of the live records.
  Status write_piece(const Checkpoint& c, std::uint64_t grown, IndexPieces& pieces) {
    const std::uint64_t most = pieces.empty() ? UINT64_MAX : grown * std::max(1u, options_.index_snapshot_every);
    DOS_ASSIGN(const auto number, next_piece());
    IndexPiece piece{number, c.parts.count, c.end, pieces.empty() ? Bytes{} : oldest(pieces)->from};
    DOS_TRY(disk_.make_folder("index"));
    DOS_TRY(recycle("index", index_path(piece.file)));
    DOS_ASSIGN(auto f, disk_.open(index_path(piece.file), Disk::Mode::create));
    DOS_ASSIGN(const Bytes next, base_.index->save(*f, piece.from, most));
    DOS_TRY(f->sync());
    DOS_TRY(disk_.sync_folder("index"));
    IndexPieces kept;
    for (auto& p : pieces)
      if (compare(p.from, piece.from) < 0) kept.push_back(p);
    kept.push_back(piece);
    if (!next.empty()) {  // the piece in which the new one ends counts from there on
      auto rest =
          std::upper_bound(pieces.begin(), pieces.end(), next, [](const Bytes& k, const IndexPiece& p) { return compare(k, p.from) < 0; });
      kept.push_back(*std::prev(rest));
      kept.back().from = next;
      kept.insert(kept.end(), rest, pieces.end());
    }
    pieces = std::move(kept);
    return {};
  }

  // A number that no file has, also none that a damaged snapshot may name: a piece's content never changes under its name.
  Result<std::uint64_t> next_piece() const {
    std::uint64_t last = 0;
    for (const auto& [snapshot, pieces] : pieces_)
      for (const auto& p : pieces) last = std::max(last, p.file);
    DOS_ASSIGN(const auto names, disk_.list("index"));
    for (const auto& name : names) {
      std::uint64_t n = 0;
      if (const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), n); error == std::errc{})
        last = std::max(last, n);
    }
    return last + 1;
  }

  // What opening starts from; only now positions and nodes must be durable, for the log behind gives the rest again.
  Status write_snapshot(const Checkpoint& c, std::uint64_t grown) {
    DOS_TRY(base_.log.sync_positions());
    DOS_TRY(base_.forest.sync());
    DOS_TRY(disk_.sync_folder("nodes"));
    ForestSnapshot s;
    s.count = c.parts.count;
    s.height = c.height;
    s.live = c.live;
    s.end = c.end;
    s.twig_roots.assign(base_.forest.twig_roots().begin(), base_.forest.twig_roots().end());
    s.young_leaves.assign(base_.forest.young_leaves().begin(), base_.forest.young_leaves().end());
    s.chunks.assign(base_.bits.chunks().begin(), base_.bits.chunks().end());
    s.pieces = index_;
    DOS_TRY(write_piece(c, grown, s.pieces));
    DOS_TRY(disk_.make_folder("forest"));
    DOS_TRY(recycle("forest", forest_path(c.snapshot)));
    DOS_TRY(write_forest_snapshot(disk_, c.snapshot, s));
    index_ = s.pieces;
    pieces_[c.snapshot] = std::move(s.pieces);
    return disk_.sync_folder("");
  }

  // Files of snapshots that no slot names.
  Result<std::vector<std::string>> unused(const std::string& folder) const {
    std::set<std::string> used;
    for (const auto n : slots_.snapshots_in_use()) used.insert(forest_path(n));
    for (const auto& [n, pieces] : pieces_)
      for (const auto& p : pieces) used.insert(index_path(p.file));
    DOS_ASSIGN(const auto names, disk_.list(folder));
    std::vector<std::string> out;
    for (const auto& name : names)
      if (auto path = folder + "/" + name; !used.contains(path)) out.push_back(std::move(path));
    return out;
  }
  // Blocks that a file has already cost less than new ones: an unused file gets the new one's name and is written over.
  Status recycle(const std::string& folder, const std::string& path) {
    DOS_ASSIGN(const auto spare, unused(folder));
    for (const auto& s : spare)
      if (s == path) return {};
    return spare.empty() ? Status{} : disk_.rename(spare.front(), path);
  }
  Status drop_snapshots() {
    const auto used = slots_.snapshots_in_use();
    std::erase_if(pieces_, [&](const auto& s) { return !used.contains(s.first); });
    for (const char* folder : {"forest", "index"}) {
      DOS_ASSIGN(const auto spare, unused(folder));
      for (std::size_t i = kSpares; i < spare.size(); ++i) DOS_TRY(disk_.remove(spare[i]));
    }
    return {};
  }

  Disk& disk_;
  Log& log_;
  StoreOptions options_;
  Base base_;
  CheckpointSlots slots_;
  StageReader view_;
  Checkpoint last_;
  std::uint64_t snapshot_count_ = 0;
  IndexPieces index_;                            // of the last snapshot; none if it cannot be used
  std::map<std::uint64_t, IndexPieces> pieces_;  // of all snapshots that a slot names
};

}  // namespace

Result<std::unique_ptr<Store>> Store::open(Disk& disk, Log& log, const StoreOptions& options) {
  auto s = std::make_unique<ObjectStore>(disk, log, options);
  DOS_TRY(s->open());
  return s;
}

}  // namespace dos::store
