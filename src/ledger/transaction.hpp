// Transactions and witnesses (docs/spec/transactions.md). txid names the signed part; wtxid the whole.
#pragma once
#include "crypto/hash.hpp"
#include "crypto/merkle.hpp"
#include "ledger/object.hpp"

namespace dos::ledger {

struct AccountSender {
  std::string account, permission;
  DOS_FIELDS(account, permission);
};
struct KeySender {  // no account yet: may call id.new, paid by the sponsor purse
  crypto::PublicKey key;
  DOS_FIELDS(key);
};
struct Sender {
  std::variant<AccountSender, KeySender> is;
  DOS_FIELDS(is);
};

struct Limits {
  Gas gas;
  std::uint32_t bytes = 0;  // of the transaction with witnesses: what it may be charged for
  Credits rent;             // at most this for storage
  DOS_FIELDS(gas, bytes, rent);
};

// ---- access[]: every object touched (docs/spec/transactions.md). Anything else is the error ACCESS.
struct Exact {  // consume or change just this version
  Bytes key;
  Version version;
  DOS_FIELDS(key, version);
};
struct Latest {  // consume or change what is there when the transaction runs
  Bytes key;
  DOS_FIELDS(key);
};
struct LatestRange {
  Bytes prefix;
  DOS_FIELDS(prefix);
};
struct Read {  // shared; with a version: STALE unless current. Version 0 = "proved absent when the plan was made"
  Bytes key;
  std::optional<Version> version;
  DOS_FIELDS(key, version);
};
struct RangeRead {  // shared; with a digest (hash kAccess over BCS vector<(key, version)>): STALE unless the same
  Bytes prefix;
  std::optional<Hash> digest;
  DOS_FIELDS(prefix, digest);
};
struct Append {  // create  prefix, u64 version, u16 n  (big-endian)
  Bytes prefix;
  DOS_FIELDS(prefix);
};
struct Absent {  // create; STALE if present
  Bytes key;
  DOS_FIELDS(key);
};
struct Debit {  // at most `max` from the purse; commutes with other debits
  Bytes purse;
  Credits max;
  DOS_FIELDS(purse, max);
};
struct Deposit {  // commutes; spendable from the next block; makes the purse if it is absent
  Bytes purse;
  DOS_FIELDS(purse);
};
struct Access {
  std::variant<Exact, Latest, LatestRange, Read, RangeRead, Append, Absent, Debit, Deposit> is;
  DOS_FIELDS(is);
};

// ---- calls. Arguments are the concatenation of the pieces: literal bytes, or what an earlier call returned.
struct Literal {
  Bytes bytes;
  DOS_FIELDS(bytes);
};
struct ResultOf {
  std::uint8_t call = 0;  // index of an earlier call
  DOS_FIELDS(call);
};
struct Call {
  std::uint16_t module = 0, number = 0;
  std::vector<std::variant<Literal, ResultOf>> args;
  DOS_FIELDS(module, number, args);
};

// ---- storage receipts: blobs that a strong set of validators holds (docs/spec/blobs.md)
struct BlobRef {
  Hash root;                // ledger/blob.hpp
  std::uint64_t bytes = 0;  // of ciphertext
  DOS_FIELDS(root, bytes);
  friend bool operator==(const BlobRef&, const BlobRef&) = default;
};
struct StoredBlob {
  BlobRef blob;
  crypto::MerklePath path;  // in the list: tree kStoredTree over BCS(BlobRef)
  DOS_FIELDS(blob, path);
};
struct StoredClaim {  // in the signed part
  Hash list_root;
  std::uint64_t bytes = 0;  // sum over the list
  TimeMs until;             // validators hold unclaimed uploads until then
  Epoch epoch;
  std::vector<StoredBlob> blobs;  // those this transaction claims
  DOS_FIELDS(list_root, bytes, until, epoch, blobs);
};

struct Transaction {  // the signed part
  Hash chain;
  Sender sender;
  TimeMs valid_until;  // block time <= valid_until <= block time + kReplayWindowMs
  Limits limits;
  std::string payer;   // account whose purse pays; empty: the sender's (a bare key: the sponsor's)
  std::vector<Access> access;
  std::vector<Call> calls;
  std::optional<StoredClaim> stored;
  DOS_FIELDS(chain, sender, valid_until, limits, payer, access, calls, stored);
};

// ---- witnesses
struct SigWitness {  // signs TxToSign under kSignTx
  std::string account;  // whose key; empty: the sender's
  Hash key;             // key_id
  crypto::Signature signature;
  DOS_FIELDS(account, key, signature);
};
struct ListWitness {  // one signature over up to kMaxListTransactions txids of one account, under kSignList
  std::string account;
  Hash key;
  crypto::MerklePath path;  // of the txid in kListTree; its root and count are what was signed
  crypto::Signature signature;
  DOS_FIELDS(account, key, path, signature);
};
struct StoredSignature {
  std::uint16_t validator = 0;  // index in the epoch's set
  crypto::Signature signature;  // of StoredPromise under kStored
  DOS_FIELDS(validator, signature);
};
struct StoredWitness {
  std::vector<StoredSignature> signatures;  // ascending by validator
  DOS_FIELDS(signatures);
};
struct PreimageWitness {
  Bytes bytes;  // at most 256
  DOS_FIELDS(bytes);
};
struct Witness {
  std::variant<SigWitness, ListWitness, StoredWitness, PreimageWitness> is;
  DOS_FIELDS(is);
};
struct SignedTransaction {
  Transaction tx;
  std::vector<Witness> witnesses;
  DOS_FIELDS(tx, witnesses);
};

// ---- what is signed
struct TxToSign {
  Hash txid;
  DOS_FIELDS(txid);
};
struct ListToSign {
  std::uint64_t count = 0;
  Hash root;
  DOS_FIELDS(count, root);
};
struct StoredPromise {  // "I hold all blobs of this list durably, at least until then"
  Epoch epoch;
  Hash list_root;
  std::uint64_t bytes = 0;
  TimeMs until;
  DOS_FIELDS(epoch, list_root, bytes, until);
};

Hash txid(const Transaction& tx);                  // H(kTxid, BCS(tx))
Hash txid_of_encoded(BytesView signed_part);       // the same from bytes
// H(kWtxid, txid || for each witness H(kWtxid, BCS(witness))): commits to every signature
Hash wtxid(const Hash& txid, const std::vector<Witness>& witnesses);
Hash list_leaf(const Hash& txid);                  // merkle_leaf(kListTree, txid)
Hash stored_leaf(const BlobRef& blob);             // merkle_leaf(kStoredTree, BCS(blob))

// Sizes, counts, keys, depths, sorted stored signatures, path shapes: everything that needs no state. malformed or limit.
Status check_shape(const SignedTransaction& tx, std::size_t encoded_bytes);
Status check_lock(const Lock& lock);               // depth, bytes, exactly one `then`, need <= members

}  // namespace dos::ledger
