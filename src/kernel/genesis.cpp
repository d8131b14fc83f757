// The state at height 0 (docs/spec/genesis.md): a function of the genesis file alone.
#include "kernel/kernel.hpp"
#include "kernel/purses.hpp"
#include "modules/fs/formats.hpp"

namespace dos::kernel {
namespace {

constexpr Version kGenesisVersion{Height{0}, Version::kBlockIndex};  // never 0, which says "absent" in access[]

void add(store::Delta& delta, Bytes key, const ledger::Lock& lock, Bytes meta, Bytes data) {
  delta.insert_or_assign(std::move(key), store::Record{kGenesisVersion, codec::encode(lock), kPermanent, std::move(meta), std::move(data)});
}

struct IdSource {  // as the module `fs` draws ids, with a salt of zero
  std::string account;
  Hash salt;
  DOS_FIELDS(account, salt);
};
fs::Id directory_id(const std::string& account) {
  const auto h = crypto::hash_of(crypto::domain::kFsId, IdSource{account, {}});
  fs::Id id;
  std::copy_n(h.bytes.begin(), id.size(), id.begin());
  return id;
}

void add_directory(store::Delta& delta, const fs::Id& parent, const fs::Id& id, const std::string& name, const std::string& owner,
                   TimeMs time) {
  const auto lock = owner.empty() ? ledger::nobody() : ledger::account_lock(owner);
  add(delta, fs::directory_key(id), lock, codec::encode(fs::DirectoryMeta{parent, name, owner, {}}), {});
  fs::EntryMeta entry;
  entry.type = fs::EntryType::directory;
  entry.id = id;
  entry.owner = owner;
  entry.modified = time;
  add(delta, fs::entry_key(parent, name), lock, codec::encode(entry), {});
}

}  // namespace

Result<store::Delta> Kernel::genesis(const ledger::Genesis& genesis) {
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
  add(delta, fs::directory_key(fs::kRoot), nobody(), codec::encode(fs::DirectoryMeta{}), {});
  const auto home = directory_id("home.");  // no account name, so no account draws it
  add_directory(delta, fs::kRoot, home, "home", "", genesis.time);
  for (const auto& a : genesis.accounts) {
    auto account = codec::encode(a.account);
    if (account.size() > kMaxDataBytes) return fail(Errc::limit, "account " + a.name + " is too long");
    add(delta, account_key(a.name), account_lock(a.name, "owner"), {}, std::move(account));
    purse(a.name, a.credits);
    add_directory(delta, home, directory_id(a.name), a.name, a.name, genesis.time);
  }
  return delta;
}

}  // namespace dos::kernel
