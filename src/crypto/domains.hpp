// Every context string under which DOS hashes, derives or signs. Registered here and nowhere else; never reused.
// Hash contexts go into BLAKE3 derive_key; signing contexts start the signed bytes (sign.hpp).
#pragma once

namespace dos::crypto {

struct Domain {
  const char* text;
};

namespace domain {
// ids and roots
inline constexpr Domain kGenesis{"DOS/genesis/1"};
inline constexpr Domain kBlock{"DOS/blk/1"};
inline constexpr Domain kPayload{"DOS/payload/1"};
inline constexpr Domain kTxid{"DOS/txid/1"};
inline constexpr Domain kWtxid{"DOS/wtxid/1"};
inline constexpr Domain kTxLeaf{"DOS/tx/leaf/1"};
inline constexpr Domain kTxNode{"DOS/tx/node/1"};
inline constexpr Domain kTxRoot{"DOS/tx/root/1"};
inline constexpr Domain kListLeaf{"DOS/list/leaf/1"};
inline constexpr Domain kListNode{"DOS/list/node/1"};
inline constexpr Domain kListRoot{"DOS/list/root/1"};
inline constexpr Domain kResult{"DOS/result/1"};
inline constexpr Domain kReceipts{"DOS/receipts/1"};
inline constexpr Domain kReceiptLeaf{"DOS/receipt/leaf/1"};
inline constexpr Domain kReceiptNode{"DOS/receipt/node/1"};
inline constexpr Domain kReceiptRoot{"DOS/receipt/root/1"};
inline constexpr Domain kTxidLeaf{"DOS/txids/leaf/1"};
inline constexpr Domain kTxidNode{"DOS/txids/node/1"};
inline constexpr Domain kTxidRoot{"DOS/txids/root/1"};
inline constexpr Domain kValidators{"DOS/valset/1"};
inline constexpr Domain kParams{"DOS/params/1"};
inline constexpr Domain kKeyId{"DOS/key/id/1"};
// store
inline constexpr Domain kLeaf{"DOS/leaf/1"};
inline constexpr Domain kNode{"DOS/node/1"};
inline constexpr Domain kPeaks{"DOS/mmr/1"};
inline constexpr Domain kBitsLeaf{"DOS/bits/leaf/1"};
inline constexpr Domain kBitsNode{"DOS/bits/node/1"};
inline constexpr Domain kBitsPeaks{"DOS/bits/1"};
inline constexpr Domain kEndsLeaf{"DOS/ends/leaf/1"};
inline constexpr Domain kEndsNode{"DOS/ends/node/1"};
inline constexpr Domain kEndsRoot{"DOS/ends/1"};
inline constexpr Domain kState{"DOS/state/1"};
inline constexpr Domain kData{"DOS/data/1"};
inline constexpr Domain kBlobNode{"DOS/blob/node/1"};
inline constexpr Domain kBlobRoot{"DOS/blob/1"};
inline constexpr Domain kStoredLeaf{"DOS/stored/leaf/1"};
inline constexpr Domain kStoredNode{"DOS/stored/node/1"};
inline constexpr Domain kStoredRoot{"DOS/stored/root/1"};
inline constexpr Domain kNonceLeaf{"DOS/nonce/leaf/1"};
inline constexpr Domain kNonceNode{"DOS/nonce/node/1"};
inline constexpr Domain kNonceRoot{"DOS/nonce/root/1"};
// modules
inline constexpr Domain kFsId{"DOS/fs/id/1"};
inline constexpr Domain kFsContent{"DOS/fs/content/1"};
inline constexpr Domain kAccess{"DOS/access/1"};
// signed values
inline constexpr Domain kSignTx{"DOS/sign/tx/1"};
inline constexpr Domain kSignList{"DOS/sign/list/1"};
inline constexpr Domain kVote{"DOS/vote/1"};
inline constexpr Domain kStored{"DOS/sign/stored/1"};
inline constexpr Domain kTipAck{"DOS/sign/tip/1"};
// client-side keys
inline constexpr Domain kSeed{"DOS/seed/1"};
inline constexpr Domain kSealHeader{"DOS/seal/header/1"};
inline constexpr Domain kSealCommit{"DOS/seal/commit/1"};
inline constexpr Domain kSealKey{"DOS/seal/key/1"};
inline constexpr Domain kSealNonce{"DOS/seal/nonce/1"};
inline constexpr Domain kBox{"DOS/box/1"};
inline constexpr Domain kMessage{"DOS/msg/1"};
inline constexpr Domain kFingerprint{"DOS/fingerprint/1"};
}  // namespace domain
}  // namespace dos::crypto
