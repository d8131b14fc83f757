// What a node does natively for the module `fs`.
#pragma once
#include "ledger/module_rules.hpp"
#include "modules/fs/calls.hpp"
#include "modules/fs/genesis.hpp"
#include "modules/fs/paths.hpp"

namespace dos::fs {

inline std::optional<Hash> blob_of(BytesView revision) {
  const auto content = codec::decode<Content>(revision);
  const auto* ref = content ? std::get_if<ledger::BlobRef>(&content->where) : nullptr;
  return ref != nullptr ? std::optional(ref->root) : std::nullopt;
}

inline ledger::ModuleRules rules() {
  return {
      .open_to_bare_keys = {ledger::row_of(kCalls, kHome)},
      .content = ledger::ContentRule{ledger::module_key(ledger::kFsModule, as_bytes("r")), blob_of},
      .read_path = read_path,
      .genesis = genesis,
  };
}

}  // namespace dos::fs
