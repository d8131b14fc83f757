// Every limit of the formats and of the first parameter set, by name, with its unit. A test stands at each edge.
// Shared by host and guests.
#pragma once
#include <cstdint>

namespace dos {

inline constexpr std::uint32_t kMaxKeyBytes = 322;             // u16 module number and up to 320 bytes of the module
inline constexpr std::uint32_t kMaxLockBytes = 4096;           // an encoded lock
inline constexpr std::uint32_t kMaxLockDepth = 6;
inline constexpr std::uint32_t kMaxMetaBytes = 1024;           // meta of an object: what a listing shows
inline constexpr std::uint32_t kMaxDataBytes = 64 * 1024;      // data of an object
inline constexpr std::uint32_t kInlineContentBytes = 4096;     // sealed content up to this lies in the object, above in a blob
inline constexpr std::uint32_t kChunkBytes = 256 * 1024;       // of a blob; the last may be shorter
inline constexpr std::uint64_t kMaxBlobBytes = 1ull << 40;
inline constexpr std::uint32_t kMaxTransactionBytes = 128 * 1024;  // with witnesses
inline constexpr std::uint32_t kMaxCalls = 128;                // of one transaction
inline constexpr std::uint32_t kMaxCallPieces = 16;            // of one call's arguments
inline constexpr std::uint32_t kMaxAccesses = 1024;
inline constexpr std::uint32_t kMaxWitnesses = 16;
inline constexpr std::uint32_t kMaxListTransactions = 256;     // txids under one list signature
inline constexpr std::uint32_t kMaxStoredBlobs = 1024;         // blobs under one set of storage receipts
inline constexpr std::uint32_t kMaxPayloadBytes = 4 * 1024 * 1024;
inline constexpr std::uint32_t kMaxHeaderBytes = 4096;
inline constexpr std::uint32_t kMaxValidators = 255;
inline constexpr std::uint32_t kMaxReturnBytes = 4096;         // of one call, kept in the receipt
inline constexpr std::uint32_t kMaxCallDepth = 64;
inline constexpr std::uint64_t kReplayWindowMs = 120'000;      // valid_until is at most this after block time
inline constexpr std::uint32_t kPuzzleBits = 21;               // leading zero bits that a transaction shows for which the sponsor pays
inline constexpr std::uint32_t kBareKeyShare = 8;  // what the sponsor pays for takes one part of so many of a block's gas and bytes
inline constexpr std::uint64_t kSponsorQuotaMs = 10'000;  // of block time, until a block may use the sponsor's whole quota again
inline constexpr std::uint64_t kMaxClockAheadMs = 500;  // block time ahead of a voter's clock
inline constexpr std::uint32_t kMaxNameBytes = 255;  // file name
inline constexpr std::uint32_t kMaxAccountName = 32;  // a-z 0-9 '-' '.', first a letter
inline constexpr std::uint32_t kMaxPathDepth = 64;  // components
inline constexpr std::uint32_t kMaxMessageBytes = 16 * 1024;  // sealed message
inline constexpr std::uint32_t kMaxProofRecords = 8192;  // records opened by one state proof
inline constexpr std::uint32_t kMaxProofBytes = 16 * 1024 * 1024;
inline constexpr std::uint32_t kMaxRangeItems = 1000;  // of one answer; go on with `after`
inline constexpr std::uint32_t kMaxBatchTransactions = 1024;  // of one POST /v1/transactions

// ---- between nodes (docs/spec/wire.md, "Between validators")
inline constexpr std::uint32_t kMaxFrameBytes = 4 * 1024 * 1024 + 64 * 1024;  // one message: a whole payload and its head
inline constexpr std::uint64_t kMaxLinkQueueBytes = 64ull << 20;  // waiting to be sent on one link
inline constexpr std::uint32_t kMaxGossipBytes = 64 * 1024;  // transactions of one frame, unless one alone is larger
inline constexpr std::uint32_t kCompactAbove = 10;  // a proposal of more transactions names them by short ids
inline constexpr std::uint32_t kMaxUnfinalViews = 4096;  // above the last final one: vote seldom
inline constexpr std::uint64_t kMaxUnfinalBytes = 64ull << 20;  // of payloads above the last final block: then NOTAR for empty ones only
inline constexpr std::uint32_t kMaxFinalPath = 64;  // headers between a final block and the certified one
inline constexpr std::uint32_t kMaxVotesPerMessage = 1024;
inline constexpr std::uint32_t kMaxRangeBlocks = 64;  // of one answer while catching up
inline constexpr std::uint32_t kMaxRangeBytes = 4 * 1024 * 1024;
inline constexpr std::uint32_t kMaxPeerAddresses = 256;  // of one peer exchange message

}  // namespace dos
