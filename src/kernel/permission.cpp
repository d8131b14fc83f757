// Locks and permissions, natively (docs/spec/objects.md). Nested accounts end at a fixed depth and number of look-ups, so
// that a web of accounts cannot make one check expensive; what lies beyond counts as not satisfied.
#include "kernel/accounts.hpp"
#include "kernel/kernel.hpp"
#include "ledger/native_gas.hpp"

namespace dos::kernel {
namespace {

constexpr int kMaxNesting = 4;
constexpr int kMaxLookups = 32;

struct Judge {
  const store::StateView& view;
  Accounts& accounts;
  const Proven& proven;
  vm::GasMeter& gas;
  int lookups = 0;
  bool spent = false;  // there was no gas for a look-up: nothing counts as satisfied from there on

  bool has_key(const crypto::PublicKey& key) const {
    for (const auto& known : proven.public_keys)
      if (*known == key) return true;
    if (proven.public_keys.size() == proven.keys.size()) return false;  // all are known: no hash needed
    const auto id = crypto::key_id(key);
    for (const auto& [account, proven_id] : proven.keys)
      if (proven_id == id) return true;
    return false;
  }

  bool reached(const ledger::Permission& p, int depth) {
    std::uint64_t weight = 0;
    for (const auto& k : p.keys)
      if (has_key(k.key)) weight += k.weight;
    for (const auto& a : p.accounts) {
      if (weight >= p.threshold) return true;
      if (depth < kMaxNesting && permission(a.account, a.permission, depth + 1)) weight += a.weight;
    }
    return weight >= p.threshold;
  }

  bool permission(const std::string& account, const std::string& name, int depth) {
    if (spent || ++lookups > kMaxLookups) return false;
    const auto found = accounts.find(view, account);
    if (!found) return false;
    spent = !gas.use(*found ? ledger::look_up_gas(**found) : ledger::kGasAccount);
    if (spent || !*found) return false;
    for (const auto& p : (*found)->permissions)
      if ((p.name == name || p.name == "owner") && reached(p, depth)) return true;
    return false;
  }

  bool lock(const ledger::Lock& l) {
    if (std::holds_alternative<ledger::Nobody>(l.is)) return false;
    if (std::holds_alternative<ledger::Anyone>(l.is)) return true;
    if (auto* a = std::get_if<ledger::AccountLock>(&l.is)) return permission(a->account, a->permission, 1);
    if (auto* k = std::get_if<ledger::KeyLock>(&l.is)) return has_key(k->key);
    if (auto* p = std::get_if<ledger::ProgramLock>(&l.is)) return proven.module == int(p->module);
    if (auto* a = std::get_if<ledger::AfterLock>(&l.is)) return proven.time >= a->time && a->then.size() == 1 && lock(a->then.front());
    if (auto* p = std::get_if<ledger::PreimageLock>(&l.is))
      return std::find(proven.preimages.begin(), proven.preimages.end(), p->hash) != proven.preimages.end() && p->then.size() == 1 &&
             lock(p->then.front());
    const auto& threshold = std::get<ledger::ThresholdLock>(l.is);
    std::uint32_t have = 0;
    for (const auto& member : threshold.of)
      if (lock(member) && ++have >= threshold.need) return true;
    return false;
  }
};

}  // namespace

Result<bool> satisfied(const ledger::Lock& lock, const store::StateView& view, Accounts& accounts, const Proven& proven,
                       vm::GasMeter& gas) {
  if (!ledger::check_lock(lock)) return false;
  Judge judge{view, accounts, proven, gas};
  const bool opens = judge.lock(lock);
  if (judge.spent) return fail(Errc::out_of_gas);
  return opens;
}

}  // namespace dos::kernel
