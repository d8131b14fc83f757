// Receipts and the roots over them (docs/spec/transactions.md).
#pragma once
#include "ledger/transaction.hpp"

namespace dos::ledger {

enum class TxStatus : std::uint8_t {
  ok = 1,
  failed = 2,   // effects undone, used gas paid, id recorded
  stale = 3,    // a declared version was not current: pays bytes and what its checks took, id recorded
  skipped = 4,  // no block may hold it: what dry runs say; in no receipt of a block
};
constexpr bool valid(TxStatus s) { return s >= TxStatus::ok && s <= TxStatus::skipped; }

struct WriteDigest {
  Bytes key;
  Version version;  // 0: deleted
  Hash data;        // H(kData, data); zero when deleted
  DOS_FIELDS(key, version, data);
};

struct Receipt {
  Hash wtxid, txid;
  TxStatus status = TxStatus::ok;
  std::uint16_t code = 0;         // Errc; 0 when ok
  std::uint8_t failed_call = 0;   // index of the call that failed
  Gas gas;
  std::uint32_t bytes = 0;
  Credits fee, rent;
  std::vector<WriteDigest> writes;  // in key order
  std::vector<Bytes> returns;       // one a call
  std::string detail;               // at most 256 bytes, from the module or kernel, deterministic
  DOS_FIELDS(wtxid, txid, status, code, failed_call, gas, bytes, fee, rent, writes, returns, detail);
};

// receipts_root = H(kReceipts, u64 count || R || S): R over BCS(receipt) in block order (kReceiptTree), S over the recorded
// txids, sorted (kTxidTree): absence of an id is shown by its neighbours.
Hash receipts_root(std::span<const Receipt> receipts);
std::vector<Hash> receipt_leaves(std::span<const Receipt> receipts);
std::vector<Hash> recorded_txids(std::span<const Receipt> receipts);  // sorted, status other than skipped
Hash tx_root(std::span<const Hash> wtxids);                           // kTxTree

}  // namespace dos::ledger
