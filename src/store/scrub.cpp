#include "store/recovery.hpp"

namespace dos::store {

Status scrub_base(const Base& base) {
  if (!base.height) return {};
  MountainEdge edge;
  std::vector<Hash> made, twig;
  std::vector<BitsWord> words;
  std::uint64_t live = 0;
  auto at = [](Position p, LogPlace place) {
    return " (record " + std::to_string(p.value) + ", " + SegmentLog::segment_path(place.segment) + " at byte " +
           std::to_string(place.offset) + ")";
  };
  DOS_TRY(base.log.scan(Position{0}, {}, [&](Position p, LogPlace place, BytesView, const LogRecord& r) -> Status {
    if (proof::ends_root(ascending(r.ends)) != r.leaf.ends)
      return fail(Errc::corrupt, "what a record retired does not match its leaf" + at(p, place));
    if (!r.data_at && proof::data_hash(r.data) != r.leaf.data) return fail(Errc::corrupt, "data does not match its leaf" + at(p, place));
    if (r.data_at) {
      DOS_ASSIGN(const auto holder, base.log.read(*r.data_at));
      if (holder.data_at || holder.leaf.data != r.leaf.data)
        return fail(Errc::corrupt, "a record refers to other data than its leaf" + at(p, place));
    }
    DOS_ASSIGN(const auto entry, base.log.place(p));
    if (entry != place) return fail(Errc::corrupt, "positions: the entry of a record is damaged" + at(p, place));
    const Hash leaf = proof::leaf_hash(r.leaf);
    made.clear();
    edge.append(leaf, crypto::domain::kNode, made);
    // Each node as it is made must be the one on file or in memory.
    for (std::size_t level = 0; level < made.size(); ++level) {
      DOS_ASSIGN(const Hash there, base.forest.node(int(level), p.value >> level));
      if (there != made[level])
        return fail(Errc::corrupt,
                    "a node over a record is damaged: " + RecordForest::twig_place(p.value / proof::kTwigRecords) + at(p, place));
    }
    if (p.value / proof::kChunkBits >= words.size()) words.emplace_back();
    for (Position e : r.ends) words[e.value / proof::kChunkBits][e.value % proof::kChunkBits / 8] &= std::uint8_t(~(1u << (e.value % 8)));
    words[p.value / proof::kChunkBits][p.value % proof::kChunkBits / 8] |= std::uint8_t(1u << (p.value % 8));
    if (base.bits.live(p)) {
      ++live;
      DOS_ASSIGN(const auto found, base.index->find(r.leaf.key));
      if (!found || *found != p) return fail(Errc::corrupt, "the index does not name a live record" + at(p, place));
    }
    return {};
  }));
  LiveBits bits;
  bits.restore(edge.count, std::move(words));
  if (live != base.index->size()) return fail(Errc::corrupt, "the index names records that are not live");
  if (proof::state_root({edge.count, proof::mmr_root(edge.count, edge.peaks), bits.root(), 0}) != base.root)
    return fail(Errc::corrupt, "the log does not give the state root");
  return {};
}

}  // namespace dos::store
