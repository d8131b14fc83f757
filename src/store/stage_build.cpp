#include <algorithm>

#include "base/check.hpp"
#include "store/stage.hpp"

namespace dos::store {
namespace {

struct Change {  // one key of the delta
  BytesView key;
  const Record* record;         // null: deleted
  std::optional<Position> old;  // in the parent
  std::optional<Index::Entry> above;  // likewise; of a put only
};
struct Item {  // one record to append
  Bytes key;
  const Record* record;         // null: relinked, content as before
  std::optional<Position> old;
  std::optional<Index::Entry> above;  // the key behind it in the parent
};

class Builder {
 public:
  Builder(const Base& base, Stage& stage) : stage_(stage), below_(base, stage.below()) {}

  Status run(const Delta& delta, bool genesis) {
    DOS_TRY(collect(delta, genesis));
    DOS_TRY(relink(genesis));
    if (genesis) items_.insert(items_.begin(), Item{{}, &sentinel_, std::nullopt, std::nullopt});
    reserve();
    for (std::size_t i = 0; i < items_.size(); ++i) DOS_TRY(append(i));
    DOS_CHECK(retired_ == to_retire_);  // every cleared bit is named by exactly one record
    for (const Change& c : changes_)
      if (c.record == nullptr) stage_.changes.push_back({to_bytes(c.key), std::nullopt});
    const auto by_key = [](const IndexChange& a, const IndexChange& b) { return compare(a.key, b.key) < 0; };
    if (!std::is_sorted(stage_.changes.begin(), stage_.changes.end(), by_key))  // puts are; deletes stand behind them
      std::sort(stage_.changes.begin(), stage_.changes.end(), by_key);
    std::sort(cleared_.begin(), cleared_.end());
    mark_puts();
    return mark_runs();
  }

  std::span<const Position> cleared() const { return cleared_; }
  std::int64_t growth() const { return growth_; }

 private:
  Status collect(const Delta& delta, bool genesis) {
    changes_.reserve(delta.size());
    auto ahead = delta.begin();
    for (std::size_t i = 0; i < kIndexLead && ahead != delta.end(); ++i, ++ahead) below_.prefetch(ahead->first);
    for (const auto& [key, record] : delta) {
      if (ahead != delta.end()) below_.prefetch((ahead++)->first);
      if (key.empty() || key.size() > kMaxKeyBytes) return fail(Errc::internal, "a block writes a key that none may have");
      Index::Around in_parent;
      if (!genesis && record) {
        DOS_ASSIGN(in_parent, below_.around(key));
      } else if (!genesis) {
        DOS_ASSIGN(in_parent.at, below_.find(key));
      }
      const auto old = in_parent.at;
      if (!record && !old) return fail(Errc::internal, "a block deletes a key that is not there: " + hex(key));
      changes_.push_back({key, record ? &*record : nullptr, old, std::move(in_parent.above)});
      growth_ += (record ? 1 : 0) - (old ? 1 : 0);
      to_retire_ += old ? 1 : 0;
    }
    return {};
  }

  // items_: all puts, and the surviving predecessors whose next key changes because a key comes or goes behind them.
  Status relink(bool genesis) {
    items_.reserve(changes_.size() + 1);
    for (std::size_t i = 0; i < changes_.size(); ++i) {
      Change& c = changes_[i];
      const bool order_changes = c.old.has_value() != (c.record != nullptr);
      if (order_changes && !genesis) {
        DOS_ASSIGN(auto before, below_.lower(c.key));
        DOS_CHECK(before);
        // A key of the delta at or behind `before` is either appended itself or, deleted, was already dealt with here.
        const bool in_delta = i > 0 && compare(changes_[i - 1].key, before->key) >= 0;
        if (!in_delta) {
          DOS_ASSIGN(auto behind, below_.above(before->key));
          items_.push_back({std::move(before->key), nullptr, before->position, std::move(behind)});
          ++to_retire_;
        }
      }
      if (c.record != nullptr) items_.push_back({to_bytes(c.key), c.record, c.old, std::move(c.above)});
    }
    return {};
  }

  bool deleted(BytesView key) const {
    auto it = std::lower_bound(changes_.begin(), changes_.end(), key, [](const Change& c, BytesView k) { return compare(c.key, k) < 0; });
    return it != changes_.end() && it->record == nullptr && equal(it->key, key);
  }

  // About what the records take, so that the buffer does not move while it fills.
  void reserve() {
    std::size_t bytes = 0;
    for (const Item& item : items_) {
      bytes += 2 * item.key.size() + 256;
      if (item.record != nullptr) bytes += item.record->data.size() + item.record->meta.size() + item.record->lock.size();
    }
    stage_.bytes.reserve(bytes);
    stage_.offsets.reserve(items_.size());
    stage_.nodes.reserve(2 * items_.size());
    stage_.changes.reserve(items_.size() + changes_.size());
  }

  Status append(std::size_t i) {
    Item& item = items_[i];
    const Bytes* next_item = i + 1 < items_.size() ? &items_[i + 1].key : nullptr;
    LogRecord& r = scratch_;
    r.data_at.reset();
    r.ends.clear();
    if (item.record == nullptr) {
      DOS_ASSIGN(r, below_.record(*item.old));
      if (!r.data_at && !r.data.empty()) r.data_at = *item.old;
      r.data.clear();
      r.ends.clear();
    } else {
      r.leaf.version = item.record->version;
      r.leaf.lock = item.record->lock;
      r.leaf.paid_until = item.record->paid_until;
      r.leaf.meta = item.record->meta;
      r.leaf.data = proof::data_hash(item.record->data);
      r.data = item.record->data;
    }
    r.leaf.key = item.key;
    r.leaf.at = stage_.height;
    r.leaf.next_key.clear();
    if (item.old) r.ends.push_back(*item.old);
    if (stage_.first != 0) {
      auto after = std::move(item.above);
      while (after && (next_item == nullptr || compare(after->key, *next_item) < 0) && deleted(after->key)) {
        r.ends.push_back(after->position);
        DOS_ASSIGN(after, below_.above(after->key));
      }
      if (after) r.leaf.next_key = std::move(after->key);
    }
    if (next_item != nullptr && (r.leaf.next_key.empty() || compare(*next_item, r.leaf.next_key) < 0)) r.leaf.next_key = *next_item;
    r.leaf.ends = r.ends.size() == 1 ? proof::ends_root(r.ends) : proof::ends_root(ascending(r.ends));
    retired_ += r.ends.size();
    cleared_.insert(cleared_.end(), r.ends.begin(), r.ends.end());

    const Position position{stage_.first + i};
    const std::size_t start = stage_.bytes.size();
    if (start > UINT32_MAX / 2) return fail(Errc::limit, "a block writes too much");
    const std::size_t leaf_bytes = write_log_record(stage_.bytes, position, r);
    if (stage_.bytes.size() - start > kMaxLogBodyBytes) return fail(Errc::limit, "a record is too large");
    stage_.offsets.push_back(std::uint32_t(start));
    stage_.edge.append(crypto::hash(crypto::domain::kLeaf, BytesView(stage_.bytes).subspan(start + kLogHeaderBytes, leaf_bytes)),
                       crypto::domain::kNode, stage_.nodes);
    stage_.changes.push_back({std::move(item.key), position});
    if (next_item != nullptr) DOS_CHECK(compare(stage_.changes.back().key, *next_item) < 0);
    return {};
  }

  void mark_puts() {
    auto& all = stage_.changes;
    for (std::size_t i = 0; i < all.size(); ++i) all[i].put_to = all[i].position ? std::uint32_t(i + 1) : i > 0 ? all[i - 1].put_to : 0;
    for (std::size_t i = all.size(); i-- > 0;)
      all[i].put_from = std::uint32_t(all[i].position ? i : i + 1 < all.size() ? all[i + 1].put_from : all.size());
  }

  // Each erased key is stepped over once, here.
  Status mark_runs() {
    const IndexChange* behind = nullptr;  // the erased key that stands right behind the last run's
    for (auto& c : stage_.changes) {
      if (c.position) continue;
      if (behind != &c) {
        stage_.runs.emplace_back();
        DOS_ASSIGN(stage_.runs.back().before, below_.lower(c.key));
      }
      c.run = std::uint32_t(stage_.runs.size() - 1);
      DOS_ASSIGN(auto beyond, below_.above(c.key));
      behind = beyond ? erased(beyond->key) : nullptr;
      if (behind == nullptr) stage_.runs.back().beyond = std::move(beyond);
    }
    return {};
  }
  const IndexChange* erased(BytesView key) const {
    const auto it = std::lower_bound(stage_.changes.begin(), stage_.changes.end(), key,
                                     [](const IndexChange& c, BytesView k) { return compare(c.key, k) < 0; });
    return it != stage_.changes.end() && !it->position && equal(it->key, key) ? &*it : nullptr;
  }

  Stage& stage_;
  StageReader below_;
  std::vector<Change> changes_;
  std::vector<Item> items_;
  std::vector<Position> cleared_;
  std::uint64_t to_retire_ = 0, retired_ = 0;
  std::int64_t growth_ = 0;
  const Record sentinel_{};
  LogRecord scratch_;  // of the record at hand; its buffers serve the next one
};

struct StageBits final : BitsBelow {
  const Base& base;
  const Stage* top;
  StageBits(const Base& b, const Stage* t) : base(b), top(t) {}
  std::uint64_t count() const override { return top != nullptr ? top->bits.count : base.bits.count(); }
  const BitsWord& chunk(std::uint64_t index) const override {
    for (const Stage* s = top; s != nullptr; s = s->below())
      if (const auto* c = s->bits.chunk(index)) return *c;
    return base.bits.chunk(index);
  }
  const Hash& node(int level, std::uint64_t index) const override {
    for (const Stage* s = top; s != nullptr; s = s->below())
      if (const auto* h = s->bits.node(level, index)) return *h;
    return base.bits.node(level, index);
  }
};

}  // namespace

Status build_stage(const Base& base, Stage& stage, const Delta& delta) {
  const Stage* below = stage.below();
  stage.edge = below != nullptr ? below->edge : base.forest.edge();
  stage.first = stage.edge.count;
  stage.parent_root = below != nullptr ? below->root : base.root;
  Builder builder(base, stage);
  DOS_TRY(builder.run(delta, stage.first == 0));
  stage.live = std::uint64_t(std::int64_t(below != nullptr ? below->live : base.live) + builder.growth());
  stage.bits = change_bits(StageBits(base, below), builder.cleared(), stage.offsets.size());
  stage.root = proof::state_root({stage.edge.count, proof::mmr_root(stage.edge.count, stage.edge.peaks),
                                  proof::bits_root(chunk_count(stage.edge.count), stage.bits.peaks), 0});
  return {};
}

}  // namespace dos::store
