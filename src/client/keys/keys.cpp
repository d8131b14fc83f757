#include "client/keys/keys.hpp"

#include "base/check.hpp"
#include "client/entropy.hpp"
#include "crypto/box.hpp"
#include "crypto/key_paths.hpp"
#include "crypto/phrase.hpp"

namespace dos::client {

crypto::KeyType signing_type(crypto::Suite suite) {
  return suite == crypto::Suite::pq ? crypto::KeyType::ml_dsa_44 : crypto::KeyType::ed25519;
}
crypto::BoxType box_type(crypto::Suite suite) { return suite == crypto::Suite::pq ? crypto::BoxType::x_wing : crypto::BoxType::x25519; }

struct Identity::Impl {
  std::string account;
  crypto::Suite suite = crypto::Suite::pq;
  std::uint32_t index = 0;
  crypto::Secret master;
  std::optional<crypto::SigningKey> signing;
  std::vector<crypto::BoxSecret> boxes;  // of key epochs 1, 2, …
  bool development = false;
  Hash chain;
};

Identity::Identity(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Identity::Identity(Identity&&) noexcept = default;
Identity& Identity::operator=(Identity&&) noexcept = default;
Identity::~Identity() = default;

Result<Identity> Identity::from_master(std::string account, crypto::Suite suite, BytesView master, std::uint32_t index) {
  if (master.size() != kMasterBytes) return fail(Errc::bad_key, "an identity's entropy has 32 bytes");
  if (!valid(suite)) return fail(Errc::bad_key, "unknown suite");
  if (index > kMaxKeyIndex) return fail(Errc::limit, "a key is rotated at most " + std::to_string(kMaxKeyIndex) + " times");
  auto impl = std::make_unique<Impl>();
  impl->account = std::move(account);
  impl->suite = suite;
  impl->index = index;
  impl->master = crypto::Secret::copy_of(master);
  DOS_ASSIGN(const auto seed, crypto::entropy_seed(master));
  DOS_ASSIGN(const auto own, crypto::key_seed(seed.view(), signing_type(suite), index));
  DOS_ASSIGN(impl->signing, crypto::SigningKey::from_seed(signing_type(suite), own.view()));
  for (std::uint32_t i = 0; i <= index; ++i) {
    DOS_ASSIGN(const auto box_seed, crypto::key_seed(seed.view(), box_type(suite), i));
    DOS_ASSIGN(auto box, crypto::BoxSecret::from_seed(box_type(suite), box_seed.view()));
    impl->boxes.push_back(std::move(box));
  }
  return Identity(std::move(impl));
}

const std::string& Identity::account() const { return impl_->account; }
crypto::Suite Identity::suite() const { return impl_->suite; }
std::uint32_t Identity::index() const { return impl_->index; }
const crypto::SigningKey& Identity::signing() const { return *impl_->signing; }
const crypto::Secret& Identity::master() const { return impl_->master; }
bool Identity::development() const { return impl_->development; }
const Hash& Identity::chain() const { return impl_->chain; }

crypto::BoxKey Identity::box_key(std::uint32_t key_epoch) const {
  DOS_CHECK(key_epoch >= 1 && key_epoch <= impl_->boxes.size());
  return impl_->boxes[key_epoch - 1].public_key();
}

void Identity::mark_development(const Hash& chain) {
  impl_->development = true;
  impl_->chain = chain;
}

Status Identity::allowed_on(const Hash& chain, ledger::NetworkKind kind) const {
  if (!impl_->development) return {};
  if (kind != ledger::NetworkKind::local)
    return fail(Errc::dev_identity, impl_->account + " is a development identity, and this chain is not a local one");
  if (chain != impl_->chain)
    return fail(Errc::dev_identity,
                impl_->account + " is a development identity of another chain, " + hex(impl_->chain.view()).substr(0, 16) + "…");
  return {};
}

Result<crypto::Secret> Identity::open_box(std::uint32_t key_epoch, BytesView box, BytesView context) const {
  if (key_epoch == 0 || key_epoch > impl_->boxes.size())
    return fail(Errc::no_key, "sealed for encryption key " + std::to_string(key_epoch) + " of " + impl_->account +
                                  ", which is not here (newest here: " + std::to_string(impl_->boxes.size()) + ")");
  auto decoded = codec::decode<crypto::SealedBox>(box, "a sealed box");
  if (!decoded) return fail(Errc::sealed, decoded.error().detail);
  return crypto::open(impl_->boxes[key_epoch - 1], context, {}, *decoded);
}

Result<Bytes> seal_box(const crypto::BoxKey& to, BytesView context, BytesView plaintext, Entropy& entropy) {
  DOS_ASSIGN(const auto box, crypto::seal(to, context, {}, plaintext, entropy));
  return codec::encode(box);
}

Result<Identity> new_identity(std::string account, crypto::Suite suite, Entropy& entropy) {
  crypto::SecretArray<kMasterBytes> master;
  entropy.fill(master.span());
  return Identity::from_master(std::move(account), suite, master.view());
}

ledger::Account account_of(const Identity& identity) {
  ledger::Account account;
  for (const char* name : {"owner", "active"})
    account.permissions.push_back({.name = name, .threshold = 1, .keys = {{identity.signing().public_key(), 1}}});
  account.encryption.push_back({identity.key_epoch(), identity.box_key(identity.key_epoch())});
  account.development = identity.development();
  return account;
}

Result<Identity> next_identity(const Identity& identity) {
  DOS_ASSIGN(auto next, Identity::from_master(identity.account(), identity.suite(), identity.master().view(), identity.index() + 1));
  if (identity.development()) next.mark_development(identity.chain());
  return next;
}

Result<ledger::Account> rotated_account(const ledger::Account& now, const Identity& old, const Identity& next) {
  if (next.index() <= old.index()) return fail(Errc::usage, "a rotation goes to a later key");
  ledger::Account account = now;
  std::size_t replaced = 0;
  for (auto& permission : account.permissions)
    for (auto& weighted : permission.keys)
      if (weighted.key == old.signing().public_key()) {
        weighted.key = next.signing().public_key();
        ++replaced;
      }
  if (replaced == 0) return fail(Errc::conflict, "the key here is not one of " + old.account() + "'s keys on this chain");
  if (account.encryption.empty() || account.encryption.back().epoch >= next.key_epoch())
    return fail(Errc::conflict, old.account() + "'s encryption keys were changed elsewhere");
  account.encryption.push_back({next.key_epoch(), next.box_key(next.key_epoch())});
  return account;
}

Result<ledger::EncryptionKey> encryption_key(const ledger::Account& account) {
  if (account.encryption.empty()) return fail(Errc::bad_key, "the account has no encryption key");
  const auto& newest = account.encryption.back();
  if (!well_formed(newest.key)) return fail(Errc::bad_key, "the account's encryption key is not well formed");
  return newest;
}

Result<crypto::Secret> phrase_of(const Identity& identity) { return crypto::phrase_from_entropy(identity.master().view()); }

Result<Identity> restore_identity(std::string account, std::string_view phrase, const ledger::Account& on_chain) {
  DOS_ASSIGN(const auto entropy, crypto::entropy_from_phrase(phrase));
  if (entropy.size() != kMasterBytes) return fail(Errc::bad_phrase, "a phrase of DOS has 24 words");
  DOS_ASSIGN(const auto seed, crypto::entropy_seed(entropy.view()));
  for (const auto suite : {crypto::Suite::pq, crypto::Suite::classic}) {
    std::vector<const crypto::PublicKey*> keys;
    for (const auto& permission : on_chain.permissions)
      for (const auto& weighted : permission.keys)
        if (weighted.key.type == signing_type(suite)) keys.push_back(&weighted.key);
    for (std::uint32_t index = 0; !keys.empty() && index <= kMaxKeyIndex; ++index) {
      DOS_ASSIGN(const auto own, crypto::key_seed(seed.view(), signing_type(suite), index));
      DOS_ASSIGN(const auto signing, crypto::SigningKey::from_seed(signing_type(suite), own.view()));
      for (const auto* key : keys)
        if (*key == signing.public_key()) return Identity::from_master(std::move(account), suite, entropy.view(), index);
    }
  }
  return fail(Errc::no_key, "the words are a valid phrase, but no key of " + account + " on this chain follows from them");
}

}  // namespace dos::client
