#include "ledger/account.hpp"

namespace dos::ledger {
namespace {

Status check_permission(const Permission& p, crypto::Suite suite) {
  if (!valid_account_name(p.name)) return fail(Errc::malformed, "a permission has no valid name");
  if (p.keys.size() + p.accounts.size() > kMaxPermissionMembers)
    return fail(Errc::limit, "a permission has more than " + std::to_string(kMaxPermissionMembers) + " members");
  std::uint64_t total = 0, classical = 0;
  for (std::size_t i = 0; i < p.keys.size(); ++i) {
    const auto& member = p.keys[i];
    if (!well_formed(member.key)) return fail(Errc::bad_key, "a key of permission " + p.name + " has the wrong length");
    if (member.weight == 0) return fail(Errc::malformed, "a key of permission " + p.name + " has no weight");
    for (std::size_t j = 0; j < i; ++j)
      if (p.keys[j].key == member.key) return fail(Errc::malformed, "permission " + p.name + " names a key twice");
    total += member.weight;
    if (!post_quantum(member.key.type)) classical += member.weight;
  }
  for (std::size_t i = 0; i < p.accounts.size(); ++i) {
    const auto& member = p.accounts[i];
    if (!valid_account_name(member.account) || !valid_account_name(member.permission))
      return fail(Errc::malformed, "permission " + p.name + " names an account or permission that cannot exist");
    if (member.weight == 0) return fail(Errc::malformed, "an account of permission " + p.name + " has no weight");
    for (std::size_t j = 0; j < i; ++j)
      if (p.accounts[j].account == member.account && p.accounts[j].permission == member.permission)
        return fail(Errc::malformed, "permission " + p.name + " names an account twice");
    total += member.weight;
  }
  if (p.threshold == 0 || p.threshold > total)
    return fail(Errc::malformed, "the threshold of permission " + p.name + " cannot be reached, or is nothing");
  if (suite == crypto::Suite::pq && classical >= p.threshold)
    return fail(Errc::bad_key, "permission " + p.name + " could be satisfied without a post-quantum key");
  return {};
}

}  // namespace

Status check_account(const Account& account, crypto::Suite suite) {
  if (account.permissions.size() > kMaxPermissions)
    return fail(Errc::limit, "an account has more than " + std::to_string(kMaxPermissions) + " permissions");
  bool owner = false, active = false;
  for (std::size_t i = 0; i < account.permissions.size(); ++i) {
    const auto& p = account.permissions[i];
    DOS_TRY(check_permission(p, suite));
    for (std::size_t j = 0; j < i; ++j)
      if (account.permissions[j].name == p.name) return fail(Errc::malformed, "permission " + p.name + " stands twice");
    owner = owner || p.name == "owner";
    active = active || p.name == "active";
  }
  if (!owner || !active) return fail(Errc::malformed, "an account needs the permissions owner and active");
  if (account.encryption.size() > kMaxEncryptionKeys)
    return fail(Errc::limit, "an account has more than " + std::to_string(kMaxEncryptionKeys) + " encryption keys");
  std::uint32_t last = 0;
  for (const auto& e : account.encryption) {
    if (e.epoch <= last) return fail(Errc::malformed, "encryption keys stand in ascending epochs, from 1");
    last = e.epoch;
    if (!well_formed(e.key)) return fail(Errc::bad_key, "an encryption key has the wrong length");
    if (suite == crypto::Suite::pq && e.key.type != crypto::BoxType::x_wing)
      return fail(Errc::bad_key, "encryption keys of this network are X-Wing keys");
  }
  return {};
}

}  // namespace dos::ledger
