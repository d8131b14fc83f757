// The state at height 0 (docs/spec/genesis.md): a function of the genesis file and of the rules of the modules.
#include "kernel/kernel.hpp"
#include "kernel/purses.hpp"

namespace dos::kernel {
namespace {

constexpr Version kGenesisVersion{Height{0}, Version::kBlockIndex};  // never 0, which says "absent" in access[]

void add(store::Delta& delta, Bytes key, const ledger::Lock& lock, Bytes meta, Bytes data) {
  delta.insert_or_assign(std::move(key), store::Record{kGenesisVersion, codec::encode(lock), kPermanent, std::move(meta), std::move(data)});
}

}  // namespace

Result<store::Delta> Kernel::genesis(const ledger::Genesis& genesis, std::span<const ledger::ModuleRules> modules) {
  using namespace ledger;
  store::Delta delta;
  add(delta, params_key(), nobody(), {}, codec::encode(genesis.params));
  for (const auto& m : genesis.modules) {
    auto record = codec::encode(m.record);
    if (record.size() > kMaxDataBytes) return fail(Errc::limit, "the record of module " + m.record.name + " is too long");
    add(delta, module_record_key(m.number), nobody(), {}, std::move(record));
  }
  const auto purse = [&](const std::string& owner, Credits balance) {
    delta.insert_or_assign(purse_key(owner), purse_record(balance, kGenesisVersion));
  };
  purse(kFeePurse, Credits{0});
  purse(kFaucetPurse, genesis.faucet);
  purse(kSponsorPurse, genesis.sponsor);
  for (const auto& a : genesis.accounts) {
    auto account = codec::encode(a.account);
    if (account.size() > kMaxDataBytes) return fail(Errc::limit, "account " + a.name + " is too long");
    add(delta, account_key(a.name), account_lock(a.name, "owner"), {}, std::move(account));
    purse(a.name, a.credits);
  }
  for (const auto& m : modules) {
    if (m.genesis == nullptr) continue;
    for (auto& object : m.genesis(genesis)) {
      if (!well_formed_key(object.key) || key_module(object.key) != m.number || delta.contains(object.key))
        return fail(Errc::internal, "module " + m.name + " begins with an object that is not its own");
      add(delta, std::move(object.key), object.lock, std::move(object.meta), std::move(object.data));
    }
  }
  return delta;
}

}  // namespace dos::kernel
