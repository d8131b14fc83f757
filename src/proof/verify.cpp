#include <algorithm>

#include "proof/state_proof.hpp"

namespace dos::proof {
namespace {

std::unexpected<Error> refuse(const char* why) { return fail(Errc::proof_invalid, why); }

bool is_live(const OpenedRecord& r) { return std::holds_alternative<OpenedRecord::Live>(r.standing); }
bool is_witness(const OpenedRecord& r) { return std::holds_alternative<OpenedRecord::Witness>(r.standing); }

Status check_records(const StateProof& p) {
  if (p.parts.compaction_cursor > p.parts.count) return refuse("the compaction cursor lies past the end");
  for (std::size_t i = 0; i < p.records.size(); ++i) {
    const OpenedRecord& r = p.records[i];
    if (r.position.value >= p.parts.count) return refuse("a record lies past the end of the log");
    if (i > 0 && p.records[i - 1].position >= r.position) return refuse("records are not in ascending order");
    if (r.leaf.key.size() > kMaxKeyBytes || r.leaf.next_key.size() > kMaxKeyBytes) return refuse("a key is longer than any key may be");
    if (!r.leaf.next_key.empty() && compare(r.leaf.key, r.leaf.next_key) >= 0) return refuse("a record's next key does not follow its key");
    if (r.data && data_hash(*r.data) != r.leaf.data) return refuse("data is not what its record commits to");
    if (!is_witness(r) && r.leaf.at > p.height) return refuse("a record was appended after the height it is shown for");
  }
  return {};
}

// Every record that ended before the root was retired after the height, by a record that the proof opens for just that.
Status check_ended(const StateProof& p) {
  std::vector<bool> named(p.records.size(), false);
  for (const OpenedRecord& r : p.records) {
    const auto* ended = std::get_if<EndedBy>(&r.standing);
    if (ended == nullptr) continue;
    if (ended->record >= p.records.size()) return refuse("a retiring record is not in the proof");
    const OpenedRecord& by = p.records[ended->record];
    if (!is_witness(by) || by.leaf.at <= p.height) return refuse("a record had been retired by the height");
    if (by.leaf.ends.is_zero()) return refuse("a retiring record retires nothing");
    if (ended->path.siblings.size() > 64) return refuse("a list proof is too long");
    auto root = crypto::merkle_climb(crypto::kEndsTree, ends_leaf(r.position), ended->path);
    if (!root) return std::unexpected(root.error());
    if (*root != by.leaf.ends) return refuse("a record is not among those that another retires");
    named[ended->record] = true;
  }
  for (std::size_t i = 0; i < p.records.size(); ++i)
    if (is_witness(p.records[i]) && !named[i]) return refuse("a record is opened for nothing");
  return {};
}

// The opened chunks are those of the live records, no more; their bits are set.
Status check_bits(const StateProof& p) {
  std::size_t chunk = 0;
  bool used = false;
  for (const OpenedRecord& r : p.records) {
    if (!is_live(r)) continue;
    const std::uint64_t want = r.position.value / kChunkBits;
    if (used && chunk < p.bits.size() && p.bits[chunk].index < want) {
      ++chunk;
      used = false;
    }
    if (chunk >= p.bits.size() || p.bits[chunk].index != want) return refuse("a live record's bits are not opened");
    used = true;
    const std::uint64_t bit = r.position.value % kChunkBits;
    if ((p.bits[chunk].bits[bit / 8] >> (bit % 8) & 1) == 0) return refuse("a record shown as live is not");
  }
  if (chunk + (used ? 1 : 0) != p.bits.size()) return refuse("bits are opened for nothing");
  return {};
}

Status check_roots(const StateProof& p, const Hash& root) {
  std::vector<IndexedHash> leaves;
  leaves.reserve(p.records.size());
  for (const OpenedRecord& r : p.records) leaves.push_back({r.position.value, leaf_hash(r.leaf)});
  auto peaks = climb_peaks(p.parts.count, std::move(leaves), p.mmr_path, crypto::domain::kNode);
  if (!peaks) return std::unexpected(peaks.error());
  if (mmr_root(p.parts.count, *peaks) != p.parts.mmr_root) return refuse("the records are not under the record root");

  const std::uint64_t chunks = p.parts.count / kChunkBits + (p.parts.count % kChunkBits != 0 ? 1 : 0);
  leaves.clear();
  for (const BitsChunk& c : p.bits) leaves.push_back({c.index, chunk_hash(c.bits)});
  peaks = climb_peaks(chunks, std::move(leaves), p.bits_path, crypto::domain::kBitsNode);
  if (!peaks) return std::unexpected(peaks.error());
  if (bits_root(chunks, *peaks) != p.parts.bits_root) return refuse("the live bits are not under the bits root");

  if (state_root(p.parts) != root) return refuse("the proof is not under the state root");
  return {};
}

}  // namespace

Result<View> verify(const StateProof& proof, const Hash& state_root) {
  if (proof.records.size() > kMaxProofRecords) return fail(Errc::limit, "the proof opens too many records");
  DOS_TRY(check_records(proof));
  DOS_TRY(check_ended(proof));
  DOS_TRY(check_bits(proof));
  DOS_TRY(check_roots(proof, state_root));

  View view;
  view.height_ = proof.height;
  for (const OpenedRecord& r : proof.records)
    if (!is_witness(r)) view.records_.push_back({r.leaf, r.data, r.position});
  std::sort(view.records_.begin(), view.records_.end(),
            [](const View::Record& a, const View::Record& b) { return compare(a.leaf.key, b.leaf.key) < 0; });
  // At one height the records that stand divide the keys among them; two that overlap cannot both have stood.
  for (std::size_t i = 1; i < view.records_.size(); ++i) {
    const Leaf& a = view.records_[i - 1].leaf;
    const Leaf& b = view.records_[i].leaf;
    if (a.next_key.empty() || compare(a.next_key, b.key) > 0) return refuse("records contradict each other");
  }
  return view;
}

Result<View> verify(const StateProof& proof, const Hash& state_root, Height root_height) {
  if (proof.height > root_height) return refuse("the proof speaks of a height above its root's");
  return verify(proof, state_root);
}

}  // namespace dos::proof
