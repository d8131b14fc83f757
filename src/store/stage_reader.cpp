#include <algorithm>

#include "base/check.hpp"
#include "store/stage.hpp"

namespace dos::store {
namespace {

using Entry = Index::Entry;

const Stage* skip_committed(const Stage* s) { return s != nullptr && s->committed ? nullptr : s; }

auto first_not_below(const std::vector<IndexChange>& changes, BytesView key) {
  return std::lower_bound(changes.begin(), changes.end(), key, [](const IndexChange& c, BytesView k) { return compare(c.key, k) < 0; });
}
const IndexChange* changed(const Stage& s, BytesView key) {
  auto it = first_not_below(s.changes, key);
  return it != s.changes.end() && equal(it->key, key) ? &*it : nullptr;
}

Result<std::optional<Position>> find_at(const Base& base, const Stage* s, BytesView key) {
  for (; s != nullptr; s = s->below())
    if (const IndexChange* c = changed(*s, key)) return c->position;
  return base.index->find(key);
}

Result<std::optional<Entry>> above_at(const Base& base, const Stage* s, BytesView key) {
  if (s == nullptr) return base.index->above(key);
  auto it = first_not_below(s->changes, key);
  if (it != s->changes.end() && equal(it->key, key)) ++it;
  if (it != s->changes.end()) it = s->changes.begin() + it->put_from;
  DOS_ASSIGN(auto under, above_at(base, s->below(), key));
  if (under)  // what this stage erased does not count
    if (const IndexChange* c = changed(*s, under->key); c != nullptr && !c->position) under = s->runs[c->run].beyond;
  if (it != s->changes.end() && (!under || compare(it->key, under->key) <= 0)) return Entry{it->key, *it->position};
  return under;
}

Result<std::optional<Entry>> lower_at(const Base& base, const Stage* s, BytesView key) {
  if (s == nullptr) return base.index->lower(key);
  const auto it = first_not_below(s->changes, key);
  const std::uint32_t put_to = it == s->changes.begin() ? 0 : std::prev(it)->put_to;
  const IndexChange* here = put_to == 0 ? nullptr : &s->changes[put_to - 1];
  DOS_ASSIGN(auto under, lower_at(base, s->below(), key));
  if (under)
    if (const IndexChange* c = changed(*s, under->key); c != nullptr && !c->position) under = s->runs[c->run].before;
  if (here != nullptr && (!under || compare(here->key, under->key) >= 0)) return Entry{here->key, *here->position};
  return under;
}

}  // namespace

Result<std::optional<Position>> StageReader::find(BytesView key) const {
  if (base_.failed) return std::unexpected(*base_.failed);
  return find_at(base_, skip_committed(top_), key);
}
Result<std::optional<Entry>> StageReader::above(BytesView key) const {
  if (base_.failed) return std::unexpected(*base_.failed);
  return above_at(base_, skip_committed(top_), key);
}
Result<Index::Around> StageReader::around(BytesView key) const {
  if (base_.failed) return std::unexpected(*base_.failed);
  const Stage* top = skip_committed(top_);
  if (top == nullptr) return base_.index->around(key);
  Index::Around out;
  DOS_ASSIGN(out.at, find_at(base_, top, key));
  DOS_ASSIGN(out.above, above_at(base_, top, key));
  return out;
}
Result<std::optional<Entry>> StageReader::lower(BytesView key) const { return lower_at(base_, skip_committed(top_), key); }

Result<LogRecord> StageReader::record(Position position) const {
  for (const Stage* s = skip_committed(top_); s != nullptr; s = s->below()) {
    if (position.value < s->first) continue;
    const std::size_t i = position.value - s->first;
    DOS_CHECK(i < s->offsets.size());
    const std::size_t end = i + 1 < s->offsets.size() ? s->offsets[i + 1] : s->bytes.size();
    return read_log_record(BytesView(s->bytes).subspan(s->offsets[i], end - s->offsets[i]), position);
  }
  return base_.log.read(position);
}

Result<Record> StageReader::whole(Position position) const {
  DOS_ASSIGN(LogRecord r, record(position));
  if (r.data_at) {
    DOS_ASSIGN(LogRecord holder, record(*r.data_at));
    if (holder.data_at) return fail(Errc::corrupt, "record " + std::to_string(r.data_at->value) + " holds no data");
    r.data = std::move(holder.data);
  }
  return Record{r.leaf.version, std::move(r.leaf.lock), r.leaf.paid_until, std::move(r.leaf.meta), std::move(r.data)};
}

Result<std::optional<Record>> StageReader::get(BytesView key) const {
  if (key.empty()) return std::nullopt;
  DOS_ASSIGN(const auto p, find(key));
  if (!p) return std::nullopt;
  DOS_ASSIGN(auto r, whole(*p));
  return r;
}

Result<std::optional<Version>> StageReader::version(BytesView key) const {
  if (key.empty()) return std::nullopt;
  DOS_ASSIGN(const auto p, find(key));
  if (!p) return std::nullopt;
  DOS_ASSIGN(const auto r, record(*p));
  return r.leaf.version;
}

Result<std::optional<Bytes>> StageReader::next(BytesView prefix, BytesView after) const {
  if (compare(after, prefix) < 0) {
    DOS_ASSIGN(const auto p, find(prefix));
    if (p && !prefix.empty()) return to_bytes(prefix);
    after = prefix;
  } else if (!starts_with(after, prefix)) {
    return std::nullopt;
  }
  DOS_ASSIGN(auto e, above(after));
  if (!e || !starts_with(e->key, prefix)) return std::nullopt;
  return std::move(e->key);
}

}  // namespace dos::store
