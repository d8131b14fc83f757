#include "ledger/state_formats.hpp"
#include "ledger/transaction.hpp"

namespace dos::ledger {
namespace {

Status over(const char* what, std::uint64_t limit) { return fail(Errc::limit, std::string(what) + ": at most " + std::to_string(limit)); }

Status check_sender(const Sender& sender) {
  if (auto* account = std::get_if<AccountSender>(&sender.is)) {
    if (!valid_account_name(account->account)) return fail(Errc::malformed, "the sender is no valid account name");
    if (!valid_account_name(account->permission)) return fail(Errc::malformed, "the sender's permission is no valid name");
  } else if (!well_formed(std::get<KeySender>(sender.is).key)) {
    return fail(Errc::bad_key, "the sender's key has the wrong length");
  }
  return {};
}

Status check_key(BytesView key) {
  if (!well_formed_key(key)) return fail(Errc::malformed, "access[] names a key that no object can have");
  return {};
}

Status check_prefix(BytesView prefix, std::size_t room) {
  if (prefix.size() <= 2 || prefix.size() + room > kMaxKeyBytes)
    return fail(Errc::malformed, "access[] names a prefix under which no object can stand");
  return {};
}

Status check_purse(BytesView key) {
  if (!starts_with(key, purse_key("")) || key.size() == purse_key("").size() || !well_formed_key(key))
    return fail(Errc::malformed, "access[] pays to or from something that is no purse");
  return {};
}

struct CheckAccess {
  Status operator()(const Exact& a) const { return check_key(a.key); }
  Status operator()(const Latest& a) const { return check_key(a.key); }
  Status operator()(const LatestRange& a) const { return check_prefix(a.prefix, 0); }
  Status operator()(const Read& a) const { return check_key(a.key); }
  Status operator()(const RangeRead& a) const { return check_prefix(a.prefix, 0); }
  Status operator()(const Append& a) const { return check_prefix(a.prefix, 10); }  // u64 version and u16 count follow
  Status operator()(const Absent& a) const { return check_key(a.key); }
  Status operator()(const Debit& a) const { return check_purse(a.purse); }
  Status operator()(const Deposit& a) const { return check_purse(a.purse); }
};

Status check_calls(const std::vector<Call>& calls) {
  if (calls.empty()) return fail(Errc::malformed, "a transaction makes at least one call");
  if (calls.size() > kMaxCalls) return over("calls of one transaction", kMaxCalls);
  for (std::size_t i = 0; i < calls.size(); ++i) {
    if (calls[i].args.size() > kMaxCallPieces) return over("pieces of a call's arguments", kMaxCallPieces);
    for (const auto& piece : calls[i].args)
      if (auto* result = std::get_if<ResultOf>(&piece); result && result->call >= i)
        return fail(Errc::malformed, "an argument can only be the result of an earlier call");
  }
  return {};
}

// The shape that (index, count) force on a path; merkle_climb judges the hashes.
Status check_path(const crypto::MerklePath& path, std::uint64_t most) {
  if (path.count == 0 || path.index >= path.count) return fail(Errc::malformed, "a path leads to no leaf");
  if (path.count > most) return over("leaves under one signature", most);
  if (path.siblings.size() > 16) return fail(Errc::malformed, "a path is longer than its tree is high");
  return {};
}

Status check_stored(const StoredClaim& claim) {
  if (claim.blobs.empty()) return fail(Errc::malformed, "a storage claim names at least one blob");
  if (claim.blobs.size() > kMaxStoredBlobs) return over("claimed blobs", kMaxStoredBlobs);
  for (const auto& b : claim.blobs) {
    if (b.blob.bytes > kMaxBlobBytes) return over("bytes of a blob", kMaxBlobBytes);
    DOS_TRY(check_path(b.path, kMaxStoredBlobs));
  }
  return {};
}

Status check_signer(const std::string& account, const crypto::Signature& signature) {
  if (!account.empty() && !valid_account_name(account)) return fail(Errc::malformed, "a witness names no valid account");
  if (!well_formed(signature)) return fail(Errc::bad_key, "a witness signature has the wrong length");
  return {};
}

struct CheckWitness {
  Status operator()(const SigWitness& w) const { return check_signer(w.account, w.signature); }
  Status operator()(const ListWitness& w) const {
    DOS_TRY(check_path(w.path, kMaxListTransactions));
    return check_signer(w.account, w.signature);
  }
  Status operator()(const StoredWitness& w) const {
    if (w.signatures.size() > kMaxValidators) return over("storage receipts", kMaxValidators);
    int last = -1;
    for (const auto& s : w.signatures) {
      if (int(s.validator) <= last) return fail(Errc::malformed, "storage receipts stand in ascending order of validators");
      last = s.validator;
      if (!well_formed(s.signature)) return fail(Errc::bad_key, "a storage receipt has the wrong length");
    }
    return {};
  }
  Status operator()(const PreimageWitness& w) const {
    if (w.bytes.size() > 256) return over("bytes of a preimage", 256);
    return {};
  }
};

}  // namespace

Status check_shape(const SignedTransaction& signed_tx, std::size_t encoded_bytes) {
  const auto& tx = signed_tx.tx;
  if (encoded_bytes > kMaxTransactionBytes) return over("bytes of a transaction", kMaxTransactionBytes);
  if (encoded_bytes > tx.limits.bytes)
    return fail(Errc::limit,
                "the transaction has " + std::to_string(encoded_bytes) + " bytes, its own limit is " + std::to_string(tx.limits.bytes));
  DOS_TRY(check_sender(tx.sender));
  if (!tx.payer.empty() && !valid_account_name(tx.payer)) return fail(Errc::malformed, "the payer is no valid account name");
  if (tx.access.size() > kMaxAccesses) return over("declared accesses", kMaxAccesses);
  for (const auto& a : tx.access) DOS_TRY(std::visit(CheckAccess{}, a.is));
  DOS_TRY(check_calls(tx.calls));
  if (tx.stored) DOS_TRY(check_stored(*tx.stored));
  if (signed_tx.witnesses.size() > kMaxWitnesses) return over("witnesses", kMaxWitnesses);
  std::size_t stored = 0;
  for (const auto& w : signed_tx.witnesses) {
    DOS_TRY(std::visit(CheckWitness{}, w.is));
    if (std::holds_alternative<StoredWitness>(w.is)) ++stored;
  }
  if (stored != (tx.stored ? 1u : 0u))
    return fail(Errc::malformed, "a storage claim has one witness with its receipts, and nothing else has one");
  return {};
}

}  // namespace dos::ledger
