// What a chain begins with: the root, /home, and a home for each account of the genesis (docs/spec/genesis.md).
#pragma once
#include "ledger/genesis.hpp"
#include "ledger/module_rules.hpp"
#include "modules/fs/new_id.hpp"

namespace dos::fs {

inline std::vector<ledger::GenesisObject> genesis(const ledger::Genesis& genesis) {
  std::vector<ledger::GenesisObject> objects;
  const auto folder = [&](const Id& parent, const Id& id, const std::string& name, const std::string& owner) {
    const auto lock = owner.empty() ? ledger::nobody() : ledger::account_lock(owner);
    objects.push_back({directory_key(id), lock, codec::encode(DirectoryMeta{parent, name, owner, {}}), {}});
    EntryMeta entry;
    entry.type = EntryType::directory;
    entry.id = id;
    entry.owner = owner;
    entry.modified = genesis.time;
    objects.push_back({entry_key(parent, name), lock, codec::encode(entry), {}});
  };
  objects.push_back({directory_key(kRoot), ledger::nobody(), codec::encode(DirectoryMeta{}), {}});
  const auto home = new_id("home.", {});  // no account name, so no account draws it
  folder(kRoot, home, "home", "");
  for (const auto& a : genesis.accounts) folder(home, new_id(a.name, {}), a.name, a.name);
  return objects;
}

}  // namespace dos::fs
