// Every message between nodes: number, size limit, rate class (docs/spec/wire.md, "Between validators"). One row a message;
// dispatch, limits, metrics, fuzz grammar and the specification's table follow from it. Numbers are never reused.
// What a message's own fields may hold, beyond the size of its frame, its struct says in within_limits(): a peer that is over it breaks
// the protocol. Of a struct that has none the frame's size says all.
#pragma once
#include "base/within.hpp"
#include "consensus/engine_message.hpp"
#include "ledger/wire.hpp"

namespace dos::net {

inline constexpr std::uint32_t kMaxSoftwareText = 64;
inline constexpr std::uint32_t kMaxMissingPlaces = 15'000;  // of one GetTransactions

struct Hello {  // first on every link, both ways; anything else before it closes the link
  std::uint16_t version = 1;
  Hash chain;
  std::uint16_t validator = 0;     // index in the epoch's set; must be the owner of the node key that TLS proved
  std::uint64_t session = 0;       // random, of this start of the process: another one means that the old links are dead
  std::uint64_t link = 0;          // counts the links of this session: which of two is kept (Peers)
  std::string software;
  Height height;                   // of its last final block
  Status within_limits() const { return within(software.size(), 0, kMaxSoftwareText, "bytes of software name"); }
  DOS_FIELDS(version, chain, validator, session, link, software, height);
};

// How a proposal's payload travels is chosen for each peer; the header commits to the whole in any case.
struct WholePayload {
  Bytes payload;
  DOS_FIELDS(payload);
};
using ShortId = std::array<std::uint8_t, 6>;
struct ShortIds {  // above kCompactAbove transactions: 6 bytes each of a keyed hash of the wtxid (short_ids.hpp)
  std::uint64_t salt = 0;                  // key = H(kShortId, parent || view || salt)
  std::vector<ShortId> ids;                // in block order
  std::vector<crypto::Signature> lists;    // as in ledger::Payload
  std::vector<std::uint16_t> list_of;
  DOS_FIELDS(salt, ids, lists, list_of);
};
struct AskForIt {  // too large to push: GetBlock brings it
  DOS_FIELDS();
};
struct ProposeFrame {
  consensus::Proposal proposal;
  std::variant<WholePayload, ShortIds, AskForIt> body;
  DOS_FIELDS(proposal, body);
};
struct GetBlock {  // header and payload of an unfinal (or final) block by id
  Hash id;
  DOS_FIELDS(id);
};
struct BlockFrame {
  consensus::Proposal proposal;
  Bytes payload;
  DOS_FIELDS(proposal, payload);
};
struct GetTransactions {  // of a proposal by short ids: those that were not in the asker's pool
  Hash id;
  std::vector<std::uint32_t> places;
  Status within_limits() const { return within(places.size(), 1, kMaxMissingPlaces, "places"); }
  DOS_FIELDS(id, places);
};
struct BlockTransactions {
  Hash id;
  std::vector<std::uint32_t> places;
  std::vector<Bytes> transactions;  // as they stand in the payload (list signatures left out)
  Status within_limits() const {
    DOS_TRY(within(places.size(), 1, kMaxMissingPlaces, "places"));
    return within(transactions.size(), places.size(), places.size(), "transactions");
  }
  DOS_FIELDS(id, places, transactions);
};
struct Gossip {  // transactions, each BCS(SignedTransaction): one frame holds what came within a millisecond
  std::vector<Bytes> transactions;
  Status within_limits() const {
    DOS_TRY(within(transactions.size(), 1, kMaxGossipBytes, "transactions"));
    std::size_t sum = 0;
    for (const auto& t : transactions) {
      DOS_TRY(within(t.size(), 1, kMaxTransactionBytes, "bytes of a transaction"));
      sum += t.size();
    }
    return transactions.size() == 1 ? Status{} : within(sum, 1, kMaxGossipBytes, "bytes of transactions");
  }
  DOS_FIELDS(transactions);
};
struct GetRange {  // final blocks: a node that was away catches up
  Height from;
  std::uint32_t count = kMaxRangeBlocks;
  Status within_limits() const { return within(count, 1, kMaxRangeBlocks, "blocks"); }
  DOS_FIELDS(from, count);
};
struct FinalBlock {
  ledger::Anchor anchor;
  Bytes payload;
  DOS_FIELDS(anchor, payload);
};
struct Range {  // contiguous, ascending; empty: nothing from there on
  Height from;
  std::vector<FinalBlock> blocks;
  Status within_limits() const {
    DOS_TRY(within(blocks.size(), 0, kMaxRangeBlocks, "blocks"));
    for (const auto& b : blocks) DOS_TRY(within(b.payload.size(), 0, kMaxPayloadBytes, "bytes of payload"));
    return {};
  }
  DOS_FIELDS(from, blocks);
};
struct TipAsk {  // "up to where have you voted FINAL?", under a nonce root (freshness)
  std::uint64_t ask = 0;
  Hash nonce_root;
  DOS_FIELDS(ask, nonce_root);
};
struct TipSaid {
  std::uint64_t ask = 0;
  ledger::TipAckBody body;
  crypto::Signature signature;
  DOS_FIELDS(ask, body, signature);
};
struct StoreAsk {  // "hold these durably and promise so": the asked node pulls what it lacks, from the asker first
  std::uint64_t ask = 0;
  ledger::StoredPromise promise;
  std::vector<ledger::BlobRef> blobs;
  Status within_limits() const { return within(blobs.size(), 1, kMaxStoredBlobs, "blobs"); }
  DOS_FIELDS(ask, promise, blobs);
};
struct StoreSaid {
  std::uint64_t ask = 0;
  std::uint16_t code = 0;  // Errc; 0: promised
  crypto::Signature signature;
  DOS_FIELDS(ask, code, signature);
};
struct BlobOffer {  // an upload began here: peers may pull its chunks while they arrive
  ledger::BlobManifest manifest;
  DOS_FIELDS(manifest);
};
struct GetManifest {
  Hash root;
  DOS_FIELDS(root);
};
struct Manifest {
  Hash root;
  std::optional<ledger::BlobManifest> manifest;  // none: not held
  DOS_FIELDS(root, manifest);
};
struct GetChunk {
  Hash root;
  std::uint32_t index = 0;
  bool wait = false;  // if it is still on its way to you: answer when it comes
  DOS_FIELDS(root, index, wait);
};
struct Chunk {
  Hash root;
  std::uint32_t index = 0;
  std::optional<Bytes> bytes;  // none: not held (yet)
  Status within_limits() const { return within(bytes ? bytes->size() : 0, 0, kChunkBytes, "bytes of a chunk"); }
  DOS_FIELDS(root, index, bytes);
};
struct AddressClaim {  // where a validator can be dialled, signed by its node key: peer exchange
  std::uint16_t validator = 0;
  std::string listen;
  TimeMs since;
  DOS_FIELDS(validator, listen, since);
};
struct SignedAddress {
  AddressClaim claim;
  crypto::Signature signature;
  DOS_FIELDS(claim, signature);
};
struct Addresses {
  std::vector<SignedAddress> addresses;
  Status within_limits() const {
    DOS_TRY(within(addresses.size(), 1, kMaxPeerAddresses, "addresses"));
    for (std::size_t i = 1; i < addresses.size(); ++i)  // else one frame could carry hundreds of claims of one validator, each newer
      if (addresses[i - 1].claim.validator >= addresses[i].claim.validator)
        return fail(Errc::malformed, "addresses stand in order of their validators, each once");
    return {};
  }
  DOS_FIELDS(addresses);
};

// Rate classes: how many frames and bytes of the class a peer may send in a burst and per second before its frames are
// dropped (rates.hpp). Frames of class bulk are also held back while their link is busy, so that votes pass them.
enum class Rate : std::uint8_t { consensus, gossip, ask, block, bulk, rare };

// number, type, most bytes of one frame, rate class
#define DOS_NET_LINK_MESSAGES(X) /* Peers' own */ \
  X(1, Hello, 1024, rare)                         \
  X(2, Addresses, 1024 * 1024, rare)
#define DOS_NET_PEER_MESSAGES(X) /* handed to PeerHandler */ \
  X(10, ProposeFrame, kMaxFrameBytes, consensus)             \
  X(17, GetBlock, 1024, ask)                                 \
  X(18, BlockFrame, kMaxFrameBytes, block)                   \
  X(19, GetTransactions, 64 * 1024, ask)                     \
  X(20, BlockTransactions, kMaxFrameBytes, block)            \
  X(21, Gossip, 256 * 1024, gossip)                          \
  X(22, GetRange, 1024, ask)                                 \
  X(23, Range, 2 * kMaxFrameBytes, bulk)                     \
  X(30, TipAsk, 1024, ask)                                   \
  X(31, TipSaid, 8 * 1024, ask)                              \
  X(32, StoreAsk, 128 * 1024, ask)                           \
  X(33, StoreSaid, 8 * 1024, ask)                            \
  X(34, BlobOffer, kMaxFrameBytes, bulk)                     \
  X(35, GetManifest, 1024, ask)                              \
  X(36, Manifest, kMaxFrameBytes, bulk)                      \
  X(37, GetChunk, 1024, bulk)                                \
  X(38, Chunk, 512 * 1024, bulk)
#define DOS_NET_MESSAGES(X) DOS_NET_LINK_MESSAGES(X) DOS_NET_PEER_MESSAGES(X)

// What engines say (consensus::EngineMessage, whose kind is the number): bytes that nobody here reads. An engine puts what it says under
// the number whose frames are treated as it needs it. 15 is a question and 16 its answer: both begin with the same kEngineKeyBytes.
// number, name in logs, most bytes of one frame, rate class
#define DOS_NET_ENGINE_ROWS(X)                          \
  X(11, "consensus::Votes", 4 * 1024 * 1024, consensus) \
  X(12, "consensus::Have", 16 * 1024, consensus)        \
  X(13, "consensus::Get", 16 * 1024, ask)               \
  X(14, "consensus::StatusReport", 64 * 1024, ask)      \
  X(15, "consensus::SignedAsk", 1024, rare)             \
  X(16, "consensus::SignedAnswer", 1024 * 1024, rare)
inline constexpr std::uint16_t kEngineQuestion = 15, kEngineAnswer = 16;
inline constexpr std::size_t kEngineKeyBytes = 8 + 32;
inline constexpr std::uint16_t kFirstOfEngine = 11, kLastOfEngine = 16;
constexpr bool of_engine(std::uint16_t number) { return number >= kFirstOfEngine && number <= kLastOfEngine; }

}  // namespace dos::net
