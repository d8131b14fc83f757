// State proofs and their verifier (docs/spec/state.md). One proof opens any number of records against one state root and
// shows that each stood at one height; presence, absence and complete ranges then follow from the records alone:
//   a record stood at h  <=>  at <= h and (its live bit is set, or a record naming it in `ends` has at > h)
//   key k was present at h with this content  <=>  a record with key k stood at h
//   key k was absent at h  <=  a record with key < k < next_key stood at h (next_key empty = above all)
// The verifier links neither store nor kernel.
#pragma once
#include <optional>

#include "base/limits.hpp"
#include "proof/leaf.hpp"

namespace dos::proof {

struct EndedBy {               // why a record that is not live now still stood at the height
  std::uint32_t record = 0;    // index into StateProof::records of the record that names it (its own live bit is not needed)
  crypto::MerklePath path;     // of the ended position in that record's ends tree
  DOS_FIELDS(record, path);
};

struct OpenedRecord {
  Position position;
  Leaf leaf;
  std::optional<Bytes> data;        // must hash to leaf.data
  // live: shown by the bits; ended: by another record; witness: only opened because others name it in `ended`
  struct Live {
    DOS_FIELDS();
  };
  struct Witness {
    DOS_FIELDS();
  };
  std::variant<Live, EndedBy, Witness> standing;
  DOS_FIELDS(position, leaf, data, standing);
};

struct BitsChunk {
  std::uint64_t index = 0;    // records 256 * index ...
  ByteArray<32> bits{};
  DOS_FIELDS(index, bits);
};

struct StateProof {
  StateParts parts;                   // open the state root
  Height height;                      // at which the records are shown to have stood; at most the root's height
  std::vector<OpenedRecord> records;  // ascending by position, unique
  std::vector<BitsChunk> bits;        // the chunks of the `Live` records, ascending, unique; nothing else
  // Sibling hashes of the multi-proofs, in the order in which the verifier needs them: level by level from the leaves,
  // left to right within a level, then the peaks that contain no opened leaf, left to right. All are used, none is left.
  std::vector<Hash> mmr_path, bits_path;
  DOS_FIELDS(parts, height, records, bits, mmr_path, bits_path);
};

// What a verified proof says about one height. Queries that it does not answer are proof_incomplete.
class View {
 public:
  struct Record {
    Leaf leaf;
    std::optional<Bytes> data;
    Position position;
  };
  Height height() const { return height_; }
  // The record with this key, or nullptr if proved absent.
  Result<const Record*> find(BytesView key) const;
  // All records whose key starts with `prefix` and is > `after` (empty: from the first), in key order: complete up to
  // `limit` items; `more` tells whether the proof leaves off there (then the items are complete up to the last one).
  struct Range {
    std::vector<const Record*> items;
    bool more = false;
  };
  Result<Range> range(BytesView prefix, BytesView after = {}, std::size_t limit = SIZE_MAX) const;
  const std::vector<Record>& records() const { return records_; }

 private:
  friend Result<View> verify(const StateProof&, const Hash&);
  const Record* floor(BytesView key) const;  // greatest key <= key
  Height height_;
  std::vector<Record> records_;  // that stood at height_, ascending by key
};

// proof_invalid with the reason, or limit. Work is bounded by the size of the proof. A state root does not name its
// height, so whoever trusts a root for a height must also ask that proof.height is not above it: the second form does.
Result<View> verify(const StateProof& proof, const Hash& state_root);
Result<View> verify(const StateProof& proof, const Hash& state_root, Height root_height);

// The same multi-proof for one mountain range, used for records and bits alike. `leaves` ascending by index.
struct IndexedHash {
  std::uint64_t index = 0;
  Hash hash;
};
Result<std::vector<Hash>> climb_peaks(std::uint64_t count, std::vector<IndexedHash> leaves, std::span<const Hash> path,
                                      crypto::Domain node);

}  // namespace dos::proof
