// Identities: an account's name with the private keys that act for it (docs/spec/keys-on-disk.md). All keys of an identity
// follow from 32 bytes of entropy, which are also its 24 words (BIP-39); every key type has a path of its own; `index`
// counts rotations. An encryption key's epoch is its index + 1.
#pragma once
#include <map>
#include <memory>

#include "base/edge.hpp"
#include "crypto/secret.hpp"
#include "crypto/sign.hpp"
#include "ledger/genesis.hpp"

namespace dos::client {

inline constexpr std::size_t kMasterBytes = 32;
inline constexpr std::uint32_t kMaxKeyIndex = 1000;  // searched when a phrase is restored

crypto::KeyType signing_type(crypto::Suite suite);  // pq: ML-DSA-44, classic: Ed25519
crypto::BoxType box_type(crypto::Suite suite);  // pq: X-Wing, classic: X25519

class Identity {
 public:
  // Keys at `index`, and the encryption keys of every index up to it. `master` is kMasterBytes.
  static Result<Identity> from_master(std::string account, crypto::Suite suite, BytesView master, std::uint32_t index = 0);
  Identity(Identity&&) noexcept;
  Identity& operator=(Identity&&) noexcept;
  ~Identity();

  const std::string& account() const;
  crypto::Suite suite() const;
  std::uint32_t index() const;
  const crypto::SigningKey& signing() const;
  const crypto::Secret& master() const;
  crypto::BoxKey box_key(std::uint32_t key_epoch) const;  // key_epoch 1 to index + 1
  std::uint32_t key_epoch() const { return index() + 1; }  // of the present encryption key

  // A development identity works on `chain` alone, and only if that chain is of kind local.
  bool development() const;
  const Hash& chain() const;
  void mark_development(const Hash& chain);
  Status allowed_on(const Hash& chain, ledger::NetworkKind kind) const;  // dev_identity

  // Opens a box sealed for this account's encryption key `key_epoch` (crypto/box.hpp); `context` is what was bound in.
  // no_key: that epoch is not held here; sealed: it does not open.
  Result<crypto::Secret> open_box(std::uint32_t key_epoch, BytesView box, BytesView context) const;

 private:
  struct Impl;
  explicit Identity(std::unique_ptr<Impl>);
  std::unique_ptr<Impl> impl_;
};

// A box for a public key, encoded; `context` must be given again to open it.
Result<Bytes> seal_box(const crypto::BoxKey& to, BytesView context, BytesView plaintext, Entropy& entropy);

Result<Identity> new_identity(std::string account, crypto::Suite suite, Entropy& entropy);

// "owner" and "active", threshold 1, both with the identity's key; its present encryption key.
ledger::Account account_of(const Identity& identity);
// `now` is the account as the chain has it; `next` has a higher index. The old signing key is replaced wherever it stands,
// the new encryption key is added. conflict: the old key stands nowhere, or the encryption epochs do not follow.
Result<ledger::Account> rotated_account(const ledger::Account& now, const Identity& old, const Identity& next);
Result<Identity> next_identity(const Identity& identity);  // index + 1

// The newest encryption key of an account: whom to seal for. bad_key if it has none that is well formed.
Result<ledger::EncryptionKey> encryption_key(const ledger::Account& account);

// ---- recovery phrase
Result<crypto::Secret> phrase_of(const Identity& identity);  // 24 words; show them, never store them
// From the words and the account as the chain has it: searches suites and indexes 0 to kMaxKeyIndex for the signing key
// in force. bad_phrase; no_key: the words are right, but are not this account's.
Result<Identity> restore_identity(std::string account, std::string_view phrase, const ledger::Account& on_chain);

}  // namespace dos::client
