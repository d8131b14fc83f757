// What a client and a node say to each other over HTTP (docs/spec/wire.md): BCS bodies, media type
// application/vnd.dos+bcs. JSON for people is made from the same answers. A node's answer is believed only as far as the
// client verifies it; the proof kind of each route stands in api/routes.hpp.
#pragma once
#include "ledger/blob.hpp"
#include "ledger/genesis.hpp"
#include "proof/state_proof.hpp"

namespace dos::ledger {

inline constexpr const char* kWireType = "application/vnd.dos+bcs";

// A final block with what its certificate commits to. A block that is final through a descendant has that one's
// certificate and the headers between: path[0] is its child, path.back() the certified block. Believed if: header.chain is
// ours; each header's parent is the id of the one before; certificate.item names the last one's id and is of kind final;
// result_of(parts) is path[0].parent_result, or item.result where path is empty; parts.height = header.height; the
// certificate is strong; valset and params hashes are those known.
struct Anchor {
  Header header;
  ResultParts parts;
  std::vector<Header> path;  // at most kMaxFinalPath, ascending
  Certificate certificate;
  DOS_FIELDS(header, parts, path, certificate);
};
// The check above, but for valset, params and what the caller remembers. proof_invalid, signature_invalid.
Result<SignerCount> verify_anchor(const Hash& chain, const ValidatorSet& set, const Anchor& anchor);

// ---- POST /v1/state: reads. Proof kind state (now), range, or history (with `at`).
struct KeyItem {
  Bytes key;
  bool with_data = true;
  DOS_FIELDS(key, with_data);
};
struct RangeItem {
  Bytes prefix, after;      // keys > after
  std::uint32_t limit = kMaxRangeItems;
  bool with_data = false;
  DOS_FIELDS(prefix, after, limit, with_data);
};
// Resolves a path of file names from the root on the server, to save round trips: the records of every component (or the
// proof that one is absent) come back, and what `want` adds. The client resolves again from the proved records alone.
struct PathItem {
  enum Want : std::uint32_t {
    kDirectories = 1,   // the 'd' objects of every directory on the way, the last included
    kRings = 2,         // the newest fs::kRingsOnPath ring epochs 'k' of every directory on the way, with data
    kRevision = 4,      // the present revision 'r' of a file, with data
    kRevisions = 8,     // all its revisions, with data
    kRemoved = 16,      // removed entries 't' of the last component's name
    kList = 32,         // the entries 'e' of the directory at the end: `after`, `limit`
    // 64 is reserved
  };
  std::vector<std::string> components;  // empty: the root
  std::uint32_t want = 0;
  std::string after;
  std::uint32_t limit = kMaxRangeItems;
  DOS_FIELDS(components, want, after, limit);
};
struct StateQuery {
  std::optional<Height> at;             // absent: the newest final state
  Height min_height;                    // wait (bounded) until the node has this height; else `behind`
  std::vector<std::variant<KeyItem, RangeItem, PathItem>> items;  // 1 to 64
  DOS_FIELDS(at, min_height, items);
};
struct StateAnswer {
  Anchor anchor;
  proof::StateProof proof;              // against anchor.parts.state_root; proof.height = at, or the anchor's height
  DOS_FIELDS(anchor, proof);
};

// ---- POST /v1/transactions?wait=final&timeout_ms=N: 1 to kMaxBatchTransactions
struct SubmitRequest {
  std::vector<Bytes> transactions;      // each BCS(SignedTransaction)
  DOS_FIELDS(transactions);
};
struct ReceiptProof {                   // receipts_root = H(kReceipts, count || R || S); path gives R
  Receipt receipt;
  crypto::MerklePath path;
  Hash txids_root;                      // S
  DOS_FIELDS(receipt, path, txids_root);
};
struct Refused {                        // a word of this node, of itself and of now: it proves nothing
  std::uint16_t code = 0;               // Errc
  std::string detail;
  DOS_FIELDS(code, detail);
};
struct Pending {                        // accepted, not final when the answer was made
  DOS_FIELDS();
};
struct Final {
  std::uint32_t anchor = 0;             // index into `anchors`
  ReceiptProof proof;
  DOS_FIELDS(anchor, proof);
};
struct Outcome {
  Hash txid;
  std::variant<Refused, Pending, Final> is;
  DOS_FIELDS(txid, is);
};
struct SubmitAnswer {                   // also GET /v1/transactions/{txid}: one outcome; unknown there: problem 404
  std::vector<Anchor> anchors;
  std::vector<Outcome> outcomes;        // in the order asked
  DOS_FIELDS(anchors, outcomes);
};

// ---- GET /v1/blocks/{height}: proof kind block: payload hash, tx_root and receipts_root follow from the contents
struct BlockAnswer {
  Anchor anchor;
  Bytes payload;                        // encoded Payload
  std::vector<Receipt> receipts;
  DOS_FIELDS(anchor, payload, receipts);
};

// ---- GET /v1/tip?nonce=HEX32: "this is current", from every validator that this node reaches
struct TipAnswer {
  Anchor anchor;
  std::vector<TipAck> acks;
  DOS_FIELDS(anchor, acks);
};

// ---- blobs. POST /v1/blobs (BlobManifest) -> BlobStatus; PUT /v1/blobs/{root}/{chunk}; GET /v1/blobs/{root} ->
// BlobManifest; GET /v1/blobs/{root}/{chunk} -> bytes. Each verifies by hash alone.
struct BlobStatus {
  Hash root;
  std::vector<std::uint32_t> missing;   // chunks, ascending
  DOS_FIELDS(root, missing);
};
// ---- POST /v1/stored: every validator reached that holds all of them promises so, durably
struct StoredRequest {
  std::vector<BlobRef> blobs;           // 1 to kMaxStoredBlobs, ascending by root, unique
  DOS_FIELDS(blobs);
};
struct StoredAnswer {
  StoredPromise promise;
  std::vector<StoredSignature> signatures;
  DOS_FIELDS(promise, signatures);
};

// ---- POST /v1/dry-run: BCS(SignedTransaction) (witnesses may be empty) -> BCS(Receipt): a claim
}  // namespace dos::ledger
