#include "ledger/state_formats.hpp"
#include "ledger/transaction.hpp"

namespace dos::ledger {
namespace {

Status check_members(const std::vector<Lock>& members, std::uint32_t depth);

Status check_at(const Lock& lock, std::uint32_t depth) {
  if (depth > kMaxLockDepth) return fail(Errc::limit, "a lock is nested deeper than " + std::to_string(kMaxLockDepth));
  const auto one = [](const std::vector<Lock>& then) -> Status {
    if (then.size() != 1) return fail(Errc::malformed, "a timed or hashed lock wraps exactly one lock");
    return {};
  };
  if (auto* account = std::get_if<AccountLock>(&lock.is)) {
    if (!valid_account_name(account->account)) return fail(Errc::malformed, "a lock names no valid account");
    if (!valid_account_name(account->permission)) return fail(Errc::malformed, "a lock names no valid permission");
  } else if (auto* key = std::get_if<KeyLock>(&lock.is)) {
    if (!well_formed(key->key)) return fail(Errc::bad_key, "the key of a lock has the wrong length");
  } else if (auto* threshold = std::get_if<ThresholdLock>(&lock.is)) {
    if (threshold->need == 0 || threshold->need > threshold->of.size())
      return fail(Errc::malformed, "a threshold lock needs between one and all of its members");
    return check_members(threshold->of, depth + 1);
  } else if (auto* after = std::get_if<AfterLock>(&lock.is)) {
    DOS_TRY(one(after->then));
    return check_members(after->then, depth + 1);
  } else if (auto* preimage = std::get_if<PreimageLock>(&lock.is)) {
    DOS_TRY(one(preimage->then));
    return check_members(preimage->then, depth + 1);
  }
  return {};
}

Status check_members(const std::vector<Lock>& members, std::uint32_t depth) {
  for (const auto& member : members) DOS_TRY(check_at(member, depth));
  return {};
}

}  // namespace

Status check_lock(const Lock& lock) {
  DOS_TRY(check_at(lock, 1));
  if (codec::encode(lock).size() > kMaxLockBytes)
    return fail(Errc::limit, "a lock has more than " + std::to_string(kMaxLockBytes) + " bytes");
  return {};
}

}  // namespace dos::ledger
