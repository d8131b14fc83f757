// State queries: paths resolved here to keys and ranges, then one proof of them all.
#include "modules/fs/formats.hpp"
#include "node/node.hpp"

namespace dos::node {
namespace {

constexpr std::uint64_t kHeightWaitNs = 5'000'000'000;
using Path = ledger::PathItem;

struct Plan {
  const store::Store& store;
  store::ProofRequest request;

  void key(Bytes k, bool with_data) { request.items.push_back(store::ProofRequest::Key{std::move(k), with_data}); }
  void range(Bytes prefix, bool with_data, Bytes after = {}, std::uint32_t limit = kMaxRangeItems) {
    request.items.push_back(store::ProofRequest::Range{std::move(prefix), std::move(after), limit, with_data});
  }
  Status directory(const fs::Id& id, std::uint32_t want) {
    if (want & Path::kDirectories) key(fs::directory_key(id), false);
    if ((want & Path::kRings) == 0) return {};
    DOS_ASSIGN(const auto newest, newest_ring(id));
    const bool all = newest <= fs::kRingsOnPath;
    range(fs::ring_prefix(id), true, all ? Bytes{} : fs::ring_key(id, newest - fs::kRingsOnPath));
    return {};
  }

  // Epochs are 1 to n, without a gap: found by a few looks, however many there are.
  Result<std::uint32_t> newest_ring(const fs::Id& id) const {
    std::uint32_t there = 0, gone = 1;
    const auto has = [&](std::uint32_t epoch) -> Result<bool> {
      DOS_ASSIGN(const auto record, store.get_at(fs::ring_key(id, epoch), request.height));
      return record.has_value();
    };
    for (;; gone *= 2) {
      DOS_ASSIGN(const bool found, has(gone));
      if (!found) break;
      there = gone;
    }
    while (gone - there > 1) {
      const auto middle = there + (gone - there) / 2;
      DOS_ASSIGN(const bool found, has(middle));
      (found ? there : gone) = middle;
    }
    return there;
  }

  // Every component's entry, or the one that is absent, and what `want` adds (ledger/wire.hpp).
  Status path(const Path& item) {
    if (item.components.size() > kMaxPathDepth)
      return fail(Errc::limit, "a path has at most " + std::to_string(kMaxPathDepth) + " components");
    if (item.limit == 0 || item.limit > kMaxRangeItems) return fail(Errc::limit, "a listing's limit is 1 to 1000");
    fs::Id dir = fs::kRoot;
    DOS_TRY(directory(dir, item.want));
    for (std::size_t i = 0; i < item.components.size(); ++i) {
      const auto& name = item.components[i];
      if (!fs::valid_name(name)) return fail(Errc::bad_name, "'" + name + "' is no file name");
      const bool last = i + 1 == item.components.size();
      if (last && item.want & Path::kRemoved) range(fs::removed_prefix(dir, name), true);
      const Bytes k = fs::entry_key(dir, name);
      key(k, true);
      DOS_ASSIGN(const auto record, store.get_at(k, request.height));
      if (!record) return {};
      DOS_ASSIGN(const auto meta, codec::decode<fs::EntryMeta>(record->meta, "an entry"));
      if (meta.type == fs::EntryType::directory) {
        dir = meta.id;
        DOS_TRY(directory(dir, item.want));
        continue;
      }
      if (last && item.want & Path::kRevision) key(fs::revision_key(meta.id, meta.revision), true);
      if (last && item.want & Path::kRevisions) range(fs::revision_prefix(meta.id), true);
      return {};
    }
    if (item.want & Path::kList)
      range(fs::entry_prefix(dir), true, item.after.empty() ? Bytes{} : fs::entry_key(dir, item.after), item.limit);
    return {};
  }
};

Status check_range(const ledger::RangeItem& r) {
  if (r.limit == 0 || r.limit > kMaxRangeItems) return fail(Errc::limit, "a range's limit is 1 to 1000");
  if (r.prefix.size() > kMaxKeyBytes || r.after.size() > kMaxKeyBytes) return fail(Errc::limit, "a key is longer than 322 bytes");
  return {};
}

}  // namespace

Result<ledger::StateAnswer> Node::read_state(const ledger::StateQuery& query) const {
  if (query.items.empty() || query.items.size() > 64) return fail(Errc::limit, "a state query has 1 to 64 items");
  std::shared_lock hold(chain_->lock());
  if (!chain_->anchor()) return fail(Errc::not_ready, "no block is final yet");
  const auto& store = chain_->store();
  const auto height = query.at.value_or(store.height());
  if (height > store.height()) return fail(Errc::behind, "this node is at block " + std::to_string(store.height().value));
  Plan plan{store, {height, {}}};
  for (const auto& item : query.items) {
    if (const auto* k = std::get_if<ledger::KeyItem>(&item)) {
      if (k->key.size() > kMaxKeyBytes) return fail(Errc::limit, "a key is longer than 322 bytes");
      plan.key(k->key, k->with_data);
    } else if (const auto* r = std::get_if<ledger::RangeItem>(&item)) {
      DOS_TRY(check_range(*r));
      plan.range(r->prefix, r->with_data, r->after, r->limit);
    } else {
      DOS_TRY(plan.path(std::get<Path>(item)));
    }
  }
  ledger::StateAnswer answer;
  answer.anchor = *chain_->anchor();
  DOS_ASSIGN(answer.proof, store.prove(plan.request));
  metrics_.proofs.fetch_add(1);
  return answer;
}

void Node::state(ledger::StateQuery query, api::Answer<ledger::StateAnswer> done) {
  Height have;
  {
    std::shared_lock hold(chain_->lock());
    have = chain_->store().height();
  }
  if (query.min_height <= have) return done(read_state(query));
  auto shared = std::make_shared<api::Answer<ledger::StateAnswer>>(std::move(done));
  auto behind = [have] { return fail(Errc::behind, "this node is at block " + std::to_string(have.value)); };
  bool stops = false;
  std::function<void(bool)> crowded_out;  // who has waited longest: it had the most time
  {
    std::lock_guard hold(mutex_);
    stops = stopping_;
    if (!stops) {
      if (height_waits_.size() >= kMaxHeightWaits) {
        crowded_out = std::move(height_waits_.front().done);
        height_waits_.pop_front();
      }
      const auto least = query.min_height;
      height_waits_.push_back(
          {least, edges_.clock.monotonic_ns() + kHeightWaitNs, [this, shared, behind, query = std::move(query)](bool reached) {
             (*shared)(reached ? read_state(query) : Result<ledger::StateAnswer>(behind()));
           }});
    }
  }
  if (crowded_out) crowded_out(false);
  if (stops) return (*shared)(behind());
  loop_->post([](Replica&) {});  // its deadline is heard of
  Height now;
  {
    std::shared_lock hold(chain_->lock());
    now = chain_->store().height();
  }
  if (now > have) wake_heights(now);  // a block came between the look and the wait
}

}  // namespace dos::node
