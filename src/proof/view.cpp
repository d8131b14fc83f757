#include <algorithm>

#include "proof/state_proof.hpp"

namespace dos::proof {
namespace {

bool covers(const Leaf& leaf, BytesView key) {  // leaf.key <= key < leaf.next_key
  return compare(leaf.key, key) <= 0 && (leaf.next_key.empty() || compare(key, leaf.next_key) < 0);
}

}  // namespace

const View::Record* View::floor(BytesView key) const {
  auto it =
      std::upper_bound(records_.begin(), records_.end(), key, [](BytesView k, const Record& r) { return compare(k, r.leaf.key) < 0; });
  return it == records_.begin() ? nullptr : &*std::prev(it);
}

Result<const View::Record*> View::find(BytesView key) const {
  if (key.empty()) return nullptr;  // the sentinel is no object
  const Record* r = floor(key);
  if (r == nullptr || !covers(r->leaf, key)) return fail(Errc::proof_incomplete, "the proof does not cover a key");
  return equal(r->leaf.key, key) ? r : nullptr;
}

Result<View::Range> View::range(BytesView prefix, BytesView after, std::size_t limit) const {
  Range out;
  const bool from_prefix = compare(after, prefix) < 0;  // then a key equal to the prefix belongs to the range
  if (!from_prefix && !starts_with(after, prefix)) return out;  // `after` lies past the whole range
  const BytesView start = from_prefix ? prefix : after;
  const Record* r = floor(start);
  if (r == nullptr || !covers(r->leaf, start)) return fail(Errc::proof_incomplete, "the proof does not cover the range's start");
  const bool first_here = from_prefix && equal(r->leaf.key, start);
  BytesView next = first_here ? BytesView(r->leaf.key) : BytesView(r->leaf.next_key);
  while (!next.empty() && starts_with(next, prefix)) {
    if (out.items.size() >= limit) {
      out.more = true;
      return out;
    }
    r = floor(next);
    if (r == nullptr || !equal(r->leaf.key, next)) {
      if (out.items.empty()) return fail(Errc::proof_incomplete, "the proof does not hold the range's first item");
      out.more = true;
      return out;
    }
    out.items.push_back(r);
    next = r->leaf.next_key;
  }
  return out;
}

}  // namespace dos::proof
