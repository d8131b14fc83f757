// What a call touches, from its row's access template (ledger/call_table.hpp): literals and arguments as they stand, and what only
// the present state tells ({id}, {version}, {revision} of an entry, versions, folders above) by proved look-ups.
#pragma once
#include <map>

#include "cli/call_value.hpp"
#include "client/calls/submit.hpp"

namespace dos::cli {

struct StoredObject {
  Version version;
  Bytes meta;
};
struct CallFacts {
  std::string sender;
  std::uint16_t module = 0;                    // of the call: its number goes in front of keys
  std::map<std::string, CallValue> arguments;  // by name
  std::function<Result<std::optional<StoredObject>>(BytesView key)> find;  // none: proved absent
};

// Adds the accesses of `items` ("exact 'e' {dir} {name}; read id. 'a' {who}") to the draft. A pattern may also be 0xHEX, a whole key.
// usage: the items cannot be read; not_found: an entry that the key is made from is not there.
Status declare_accesses(const std::string& items, const CallFacts& facts, client::Draft& draft);

}  // namespace dos::cli
