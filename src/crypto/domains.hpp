// Every context string under which DOS hashes, derives or signs. Registered here and nowhere else; never reused.
// Hash contexts go into BLAKE3 derive_key; signing contexts start the signed bytes (sign.hpp).
#pragma once
#include <cstdint>

// clang-format off
#define DOS_DOMAINS(X)                   \
  /* ids and roots */                    \
  X(kGenesis, "DOS/genesis/1")           \
  X(kBlock, "DOS/blk/1")                 \
  X(kPayload, "DOS/payload/1")           \
  X(kTxid, "DOS/txid/1")                 \
  X(kWtxid, "DOS/wtxid/1")               \
  X(kPuzzle, "DOS/puzzle/1")             \
  X(kTxLeaf, "DOS/tx/leaf/1")            \
  X(kTxNode, "DOS/tx/node/1")            \
  X(kTxRoot, "DOS/tx/root/1")            \
  X(kListLeaf, "DOS/list/leaf/1")        \
  X(kListNode, "DOS/list/node/1")        \
  X(kListRoot, "DOS/list/root/1")        \
  X(kResult, "DOS/result/1")             \
  X(kReceipts, "DOS/receipts/1")         \
  X(kReceiptLeaf, "DOS/receipt/leaf/1")  \
  X(kReceiptNode, "DOS/receipt/node/1")  \
  X(kReceiptRoot, "DOS/receipt/root/1")  \
  X(kTxidLeaf, "DOS/txids/leaf/1")       \
  X(kTxidNode, "DOS/txids/node/1")       \
  X(kTxidRoot, "DOS/txids/root/1")       \
  X(kValidators, "DOS/valset/1")         \
  X(kParams, "DOS/params/1")             \
  X(kKeyId, "DOS/key/id/1")              \
  /* store */                            \
  X(kLeaf, "DOS/leaf/1")                 \
  X(kNode, "DOS/node/1")                 \
  X(kPeaks, "DOS/mmr/1")                 \
  X(kBitsLeaf, "DOS/bits/leaf/1")        \
  X(kBitsNode, "DOS/bits/node/1")        \
  X(kBitsPeaks, "DOS/bits/1")            \
  X(kEndsLeaf, "DOS/ends/leaf/1")        \
  X(kEndsNode, "DOS/ends/node/1")        \
  X(kEndsRoot, "DOS/ends/1")             \
  X(kState, "DOS/state/1")               \
  X(kData, "DOS/data/1")                 \
  X(kBlobNode, "DOS/blob/node/1")        \
  X(kBlobRoot, "DOS/blob/1")             \
  X(kStoredLeaf, "DOS/stored/leaf/1")    \
  X(kStoredNode, "DOS/stored/node/1")    \
  X(kStoredRoot, "DOS/stored/root/1")    \
  X(kNonceLeaf, "DOS/nonce/leaf/1")      \
  X(kNonceNode, "DOS/nonce/node/1")      \
  X(kNonceRoot, "DOS/nonce/root/1")      \
  /* modules */                          \
  X(kFsId, "DOS/fs/id/1")                \
  X(kFsContent, "DOS/fs/content/1")      \
  X(kAccess, "DOS/access/1")             \
  /* signed values */                    \
  X(kSignTx, "DOS/sign/tx/1")            \
  X(kSignList, "DOS/sign/list/1")        \
  X(kVote, "DOS/vote/1")                 \
  X(kStored, "DOS/sign/stored/1")        \
  X(kTipAck, "DOS/sign/tip/1")           \
  X(kAddress, "DOS/sign/address/1")      \
  /* consensus and network */            \
  X(kLeader, "DOS/ldr/1")                \
  X(kShortId, "DOS/short/1")             \
  X(kFrame, "DOS/frame/1")               \
  /* of one node, never sent */           \
  X(kCodeKey, "DOS/code/key/1")          \
  X(kCodeTag, "DOS/code/tag/1")          \
  X(kSignatureCheck, "DOS/sig/check/1")  \
  /* client-side keys */                 \
  X(kSeed, "DOS/seed/1")                 \
  X(kSealHeader, "DOS/seal/header/1")    \
  X(kSealCommit, "DOS/seal/commit/1")    \
  X(kSealKey, "DOS/seal/key/1")          \
  X(kSealNonce, "DOS/seal/nonce/1")      \
  X(kBox, "DOS/box/1")                   \
  X(kMessage, "DOS/msg/1")               \
  X(kFingerprint, "DOS/fingerprint/1")   \
  X(kRingFile, "DOS/ring/file/1")        \
  X(kRingSize, "DOS/ring/size/1")        \
  X(kRingChild, "DOS/ring/child/1")      \
  X(kRingPrior, "DOS/ring/prior/1")
// clang-format on

namespace dos::crypto {

// `index` finds the precomputed derive_key context key (hash.cpp); 0 is no registered domain and is refused.
struct Domain {
  const char* text;
  std::uint16_t index;
};

namespace domain {
enum class Index : std::uint16_t {
  none,
#define DOS_ROW(name, text) name,
  DOS_DOMAINS(DOS_ROW)
#undef DOS_ROW
      count
};
#define DOS_ROW(name, text) inline constexpr Domain name{text, std::uint16_t(Index::name)};
DOS_DOMAINS(DOS_ROW)
#undef DOS_ROW
}  // namespace domain

}  // namespace dos::crypto
