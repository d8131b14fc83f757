#include "store/prover.hpp"

#include <algorithm>
#include <map>

#include "base/check.hpp"
#include "crypto/merkle_tree.hpp"
#include "store/history.hpp"

namespace dos::store {
namespace {

struct Opened {
  LogRecord record;
  bool witness = true;
  bool with_data = false;
  std::optional<Position> by;
};

// What a record retired, in order, with the tree over it: made once for all that are shown of them.
struct Ends {
  std::vector<Position> positions;
  std::optional<crypto::MerkleTree> tree;

  Result<crypto::MerklePath> path(Position position) const {
    const auto it = std::lower_bound(positions.begin(), positions.end(), position);
    if (it == positions.end() || *it != position) return fail(Errc::corrupt, "a record does not name what it retired");
    return tree->path(std::uint64_t(it - positions.begin()));
  }
};
Ends ends_leaves(std::vector<Position> positions) {
  std::vector<Hash> leaves;
  leaves.reserve(positions.size());
  for (const Position e : positions) leaves.push_back(proof::ends_leaf(e));
  return {std::move(positions), crypto::MerkleTree(crypto::kEndsTree, std::move(leaves))};
}

class Prover {
 public:
  Prover(const Base& base, Height height, Reads& reads) : base_(base), height_(height), reads_(reads) {}

  Status key(const ProofRequest::Key& k) {
    DOS_ASSIGN(auto s, cover_at(base_, k.key, height_, reads_));
    const bool present = equal(s.record.leaf.key, k.key);
    return open(std::move(s), present && k.with_data);
  }

  // The record that covers the start, then the items one after the other.
  Status range(const ProofRequest::Range& r) {
    const bool from_prefix = compare(r.after, r.prefix) < 0;
    if (!from_prefix && !starts_with(r.after, r.prefix)) return {};  // `after` lies past the range: nothing to show
    const std::size_t limit = std::min<std::size_t>(r.limit, kMaxRangeItems);
    DOS_ASSIGN(auto s, cover_at(base_, from_prefix ? r.prefix : r.after, height_, reads_));
    std::size_t items = 0;
    Bytes next = s.record.leaf.next_key;
    const bool first_here = from_prefix && equal(s.record.leaf.key, r.prefix);
    if (first_here) ++items;
    DOS_TRY(open(std::move(s), first_here && r.with_data));
    for (; items < limit && !next.empty() && starts_with(next, r.prefix); ++items) {
      DOS_ASSIGN(auto item, cover_at(base_, next, height_, reads_));
      if (!equal(item.record.leaf.key, next)) return fail(Errc::corrupt, "the chain of next keys is broken at " + hex(next));
      next = item.record.leaf.next_key;
      DOS_TRY(open(std::move(item), r.with_data));
    }
    return {};
  }

  // Records that were live when they were read and that a block has retired meanwhile.
  Status catch_up() {
    for (bool again = true; again;) {
      again = false;
      const auto seen = base_.height;
      std::vector<std::uint64_t> retired;
      for (const auto& [position, o] : opened_)
        if (!o.witness && !o.by && !base_.bits.live(Position{position})) retired.push_back(position);
      for (const auto position : retired) {
        DOS_ASSIGN(auto s, cover_at(base_, opened_.at(position).record.leaf.key, height_, reads_));
        if (s.position.value != position || !s.by) return fail(Errc::corrupt, "a record was retired by none that is known");
        DOS_TRY(open(std::move(s), false));
      }
      again = base_.height != seen;  // during a pause of these reads
    }
    return {};
  }

  Result<proof::StateProof> finish(Log& log) {
    DOS_TRY(catch_up());
    proof::StateProof p;
    p.parts = {base_.forest.count(), base_.forest.root(), base_.bits.root(), 0};
    p.height = height_;
    DOS_TRY(fill_records(p));
    std::vector<std::uint64_t> chunks;
    for (const auto& r : p.records)
      if (std::holds_alternative<proof::OpenedRecord::Live>(r.standing) &&
          (chunks.empty() || chunks.back() != r.position.value / proof::kChunkBits))
        chunks.push_back(r.position.value / proof::kChunkBits);
    for (std::uint64_t c : chunks) p.bits.push_back({c, base_.bits.chunk(c)});
    DOS_ASSIGN(p.bits_path, mountain_path(chunk_count(p.parts.count), std::move(chunks),
                                          [this](int level, std::uint64_t i) { return Result<Hash>(base_.bits.node(level, i)); }));
    DOS_TRY(fill_path(p));
    if (auto sound = check(p); !sound) {  // a damaged node file, then: it is derived, so the log makes it good
      DOS_TRY(repair(p, log));
      DOS_TRY(fill_path(p));
      DOS_TRY(check(p));
    }
    const std::size_t bytes = bytes_ + 32 * (p.mmr_path.size() + p.bits_path.size()) + 40 * p.bits.size() + 256;
    if (bytes > kMaxProofBytes) return fail(Errc::limit, "the answer's proof would be too large: ask for less");
    return p;
  }

 private:
  Status open(Standing s, bool with_data) {
    Opened& o = opened_[s.position.value];
    if (o.witness) bytes_ += 64 + leaf_bytes(s.record.leaf);
    const bool fetch = with_data && !o.with_data;
    const auto data_at = s.record.data_at;
    o.witness = false;
    if (fetch) {
      o.with_data = true;
      o.record = std::move(s.record);
      if (data_at) {
        DOS_TRY(reads_.spend(1));
        DOS_ASSIGN(o.record.data, base_.log.read_data(*data_at));
      }
      bytes_ += o.record.data.size();
    } else if (!o.with_data) {
      o.record = std::move(s.record);
    }
    if (s.by) {
      o.by = s.by->position;
      auto [it, fresh] = opened_.try_emplace(s.by->position.value);
      if (fresh) {
        bytes_ += 64 + leaf_bytes(s.by->record.leaf);
        it->second.record = std::move(s.by->record);
      }
    }
    if (opened_.size() > kMaxProofRecords || bytes_ > kMaxProofBytes)
      return fail(Errc::limit, "the answer's proof would be too large: ask for less");
    return {};
  }

  static std::size_t leaf_bytes(const proof::Leaf& l) { return l.key.size() + l.next_key.size() + l.lock.size() + l.meta.size() + 100; }

  Status fill_records(proof::StateProof& p) {
    std::map<std::uint64_t, std::uint32_t> place;
    for (const auto& [position, o] : opened_) place.emplace(position, std::uint32_t(place.size()));
    std::map<std::uint64_t, Ends> ends_of;
    for (auto& [position, o] : opened_) {
      proof::OpenedRecord r;
      r.position = Position{position};
      r.leaf = o.record.leaf;
      if (o.with_data) r.data = std::move(o.record.data);
      if (o.witness) {
        r.standing = proof::OpenedRecord::Witness{};
      } else if (o.by) {
        auto [it, fresh] = ends_of.try_emplace(o.by->value);
        if (fresh) it->second = ends_leaves(ascending(opened_.at(o.by->value).record.ends));
        DOS_ASSIGN(auto path, it->second.path(r.position));
        bytes_ += 32 * path.siblings.size() + 24;
        if (bytes_ > kMaxProofBytes) return fail(Errc::limit, "the answer's proof would be too large: ask for less");
        r.standing = proof::EndedBy{place.at(o.by->value), std::move(path)};
      } else {
        r.standing = proof::OpenedRecord::Live{};
      }
      p.records.push_back(std::move(r));
    }
    return {};
  }

  Status fill_path(proof::StateProof& p) const {
    std::vector<std::uint64_t> positions;
    positions.reserve(p.records.size());
    for (const auto& r : p.records) positions.push_back(r.position.value);
    auto path =
        mountain_path(p.parts.count, std::move(positions), [this](int level, std::uint64_t i) { return base_.forest.node(level, i); });
    if (!path && path.error().code != Errc::disk) return std::unexpected(path.error());
    p.mmr_path = path ? std::move(*path) : std::vector<Hash>{};  // a short node file is repaired like a damaged one
    return {};
  }

  // What the verifier will do with the records: nothing that does not verify leaves this node.
  static Status check(const proof::StateProof& p) {
    std::vector<proof::IndexedHash> leaves;
    leaves.reserve(p.records.size());
    for (const auto& r : p.records) leaves.push_back({r.position.value, proof::leaf_hash(r.leaf)});
    auto peaks = proof::climb_peaks(p.parts.count, std::move(leaves), p.mmr_path, crypto::domain::kNode);
    if (!peaks || proof::mmr_root(p.parts.count, *peaks) != p.parts.mmr_root)
      return fail(Errc::corrupt, "a record or the node file does not match the state root");
    return {};
  }

  Status repair(const proof::StateProof& p, Log& log) const {
    std::uint64_t done = UINT64_MAX;
    for (const auto& r : p.records) {
      const std::uint64_t twig = r.position.value / proof::kTwigRecords;
      if (twig == done || twig >= base_.forest.twig_roots().size()) continue;
      done = twig;
      std::vector<Hash> leaves;
      for (std::uint64_t i = 0; i < proof::kTwigRecords; ++i) {
        DOS_ASSIGN(const auto record, base_.log.read(Position{twig * proof::kTwigRecords + i}));
        leaves.push_back(proof::leaf_hash(record.leaf));
      }
      DOS_ASSIGN(const bool rewritten, base_.forest.repair_twig(twig, leaves));
      if (rewritten) log.write(LogLevel::warn, "store", RecordForest::twig_place(twig) + ": damaged; rebuilt from the log");
    }
    return {};
  }

  const Base& base_;
  Height height_;
  Reads& reads_;
  std::size_t bytes_ = 0;
  std::map<std::uint64_t, Opened> opened_;
};

Status reached(const Base& base, Height height) {
  if (base.failed) return std::unexpected(*base.failed);
  if (!base.height || height > *base.height) return fail(Errc::behind, "block " + std::to_string(height.value) + " is not here yet");
  return {};
}

}  // namespace

Result<std::optional<Record>> read_at_height(const Base& base, BytesView key, Height height, Reads& reads) {
  DOS_TRY(reached(base, height));
  if (key.empty()) return std::nullopt;
  DOS_ASSIGN(auto s, cover_at(base, key, height, reads));
  if (!equal(s.record.leaf.key, key)) return std::nullopt;
  auto& l = s.record.leaf;
  if (s.record.data_at) { DOS_ASSIGN(s.record.data, base.log.read_data(*s.record.data_at)); }
  return Record{l.version, std::move(l.lock), l.paid_until, std::move(l.meta), std::move(s.record.data)};
}

Result<Bytes> floor_at_height(const Base& base, BytesView key, Height height, Reads& reads) {
  DOS_TRY(reached(base, height));
  DOS_ASSIGN(auto s, cover_at(base, key, height, reads));
  return std::move(s.record.leaf.key);
}

Result<std::optional<Bytes>> next_at_height(const Base& base, BytesView prefix, BytesView after, Height height) {
  DOS_TRY(reached(base, height));
  const bool from_prefix = compare(after, prefix) < 0;
  if (!from_prefix && !starts_with(after, prefix)) return std::nullopt;
  Reads reads(kMaxHistoryReads);
  DOS_ASSIGN(auto s, cover_at(base, from_prefix ? prefix : after, height, reads));
  if (from_prefix && equal(s.record.leaf.key, prefix)) return to_bytes(prefix);
  if (s.record.leaf.next_key.empty() || !starts_with(s.record.leaf.next_key, prefix)) return std::nullopt;
  return std::move(s.record.leaf.next_key);
}

Result<proof::StateProof> prove_state(const Base& base, Log& log, const ProofRequest& request, Reads& reads) {
  DOS_TRY(reached(base, request.height));
  Prover prover(base, request.height, reads);
  for (const auto& item : request.items) {
    if (const auto* k = std::get_if<ProofRequest::Key>(&item)) DOS_TRY(prover.key(*k));
    else DOS_TRY(prover.range(std::get<ProofRequest::Range>(item)));
  }
  return prover.finish(log);
}

}  // namespace dos::store
