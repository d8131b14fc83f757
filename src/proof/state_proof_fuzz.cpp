// Any proof is refused or gives a view whose answers agree with each other.
#include "base/check.hpp"
#include "codec/bcs.hpp"
#include "proof/state_proof.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace dos;
  auto p = codec::decode<proof::StateProof>({data, size});
  if (!p) return 0;
  (void)proof::verify(*p, Hash{});
  // Make the roots fit whatever is opened, so that the checks behind the hashes are reached too.
  std::vector<proof::IndexedHash> leaves;
  for (const auto& r : p->records) leaves.push_back({r.position.value, proof::leaf_hash(r.leaf)});
  const auto peaks = proof::climb_peaks(p->parts.count, leaves, p->mmr_path, crypto::domain::kNode);
  const std::uint64_t chunks = p->parts.count / proof::kChunkBits + (p->parts.count % proof::kChunkBits != 0 ? 1 : 0);
  leaves.clear();
  for (const auto& c : p->bits) leaves.push_back({c.index, proof::chunk_hash(c.bits)});
  const auto bits = proof::climb_peaks(chunks, leaves, p->bits_path, crypto::domain::kBitsNode);
  if (!peaks || !bits) return 0;
  p->parts.mmr_root = proof::mmr_root(p->parts.count, *peaks);
  p->parts.bits_root = proof::bits_root(chunks, *bits);
  const auto view = proof::verify(*p, proof::state_root(p->parts));
  if (!view) return 0;
  for (const auto& r : view->records()) {
    DOS_CHECK(r.leaf.at <= view->height());
    if (r.leaf.key.empty()) continue;
    const auto found = view->find(r.leaf.key);
    DOS_CHECK(found && *found == &r);
  }
  if (const auto range = view->range({}))
    for (std::size_t i = 1; i < range->items.size(); ++i) DOS_CHECK(compare(range->items[i - 1]->leaf.key, range->items[i]->leaf.key) < 0);
  return 0;
}
