// The module `id` (modules/id/id.md): accounts under constant names, their keys and permissions.
#include "ledger/account.hpp"
#include "modules/id/calls.hpp"
#include "sdk/cpp/module.hpp"

namespace dos::id {

namespace {

using namespace guest;

void check(const std::string& name, const ledger::Account& account) {
  require(ledger::valid_account_name(name), Errc::bad_name, {"an account cannot be named ", name});
  // The rule of the network's suite is the kernel's: it applies it to every account object that is written.
  // Codes that speak of keys on this machine are not a module's to give (docs/spec/host.md, fail).
  if (auto s = ledger::check_account(account, crypto::Suite::classic); !s)
    refuse(s.error().code == Errc::limit ? Errc::limit : Errc::malformed, s.error().detail);
  require(!account.encryption.empty(), Errc::malformed, {name, " needs an encryption key"});
  for (const auto& p : account.permissions)
    for (const auto& m : p.accounts)
      require(m.account != name, Errc::malformed, {"permission ", p.name, " of ", name, " names the account itself"});
}

void write(const std::string& name, const ledger::Account& account) {
  auto data = codec::encode(account);
  require(data.size() <= kMaxDataBytes, Errc::limit, {"the keys of ", name, " take ", data.size(), " bytes, over ", kMaxDataBytes});
  put(ledger::account_key(name), {.lock = account_lock(name, "owner"), .paid_until = kPermanent, .data = std::move(data)});
}

const ledger::Permission& owner_of(const ledger::Account& account) {
  for (const auto& p : account.permissions)
    if (p.name == "owner") return p;
  refuse(Errc::malformed, "an account needs the permission owner");
}

void make(const New& a) {
  check(a.name, a.account);
  require(!a.account.development, Errc::denied, "development identities are made by genesis only");
  if (const auto* bare = std::get_if<ledger::KeySender>(&sender().is)) {
    bool held = false;
    for (const auto& k : owner_of(a.account).keys) held = held || k.key == bare->key;
    require(held, Errc::denied, {"the key that signs is none of ", a.name, "'s owner keys"});
  }
  require(!present(ledger::account_key(a.name)), Errc::conflict, {"the name ", a.name, " is taken"});
  write(a.name, a.account);
}

void rotate(const Rotate& a) {
  check(a.name, a.account);
  const auto found = get(ledger::account_key(a.name));
  require(found.has_value(), Errc::not_found, {"there is no account ", a.name});
  require(authorized(account_lock(a.name, "owner")), Errc::denied, {"only the owner keys of ", a.name, " may change its keys"});
  const auto old = decode_or_refuse<ledger::Account>(found->data, "an account");
  require(a.account.development == old.development, Errc::denied,
          {a.name, " stays what genesis made it: the development mark cannot change"});
  bool kept = a.account.encryption.size() >= old.encryption.size();
  for (std::size_t i = 0; kept && i < old.encryption.size(); ++i)
    kept = a.account.encryption[i].epoch == old.encryption[i].epoch && a.account.encryption[i].key == old.encryption[i].key;
  require(kept, Errc::conflict, {"the encryption keys of ", a.name, " may only grow"});
  write(a.name, a.account);
}

}  // namespace

}  // namespace dos::id

#define DOS_MODULE id
DOS_DISPATCH(DOS_ID_CALLS)
