// What a call touches, from its row's access template (ledger/call_table.hpp): literals and arguments as they stand, and what only
// the present state tells ({id}, {version}, {revision} of an entry, versions, folders above) by proved look-ups.
#pragma once
#include <map>

#include "client/calls/draft.hpp"
#include "client/trust/session.hpp"
#include "ledger/call_table.hpp"

namespace dos::client {

struct CallArgument {
  Bytes bcs;                 // as the call's arguments have it
  Bytes key;  // as a pattern in a key has it: integers big-endian, texts and bytes as they are, fields one after the other
  std::uint64_t number = 0;  // of an integer
  bool absent = false;  // an option that was not given
};
struct StoredObject {
  Version version;
  Bytes meta;
};
struct CallFacts {
  std::string sender;
  std::uint16_t module = 0;  // of the call: its number goes in front of keys
  std::map<std::string, CallArgument> arguments;  // by name
  std::function<Result<std::optional<StoredObject>>(BytesView key)> find;  // none: proved absent
};

// The call of that row with the accesses of its template and of `more`, in the same notation ("exact 'e' {dir} {name}; read id. 'a' {who}"),
// where a pattern may also be 0xHEX, a whole key. `arguments`: encoded one after the other.
// usage: the items cannot be read; not_found: an entry that the key is made from is not there.
Result<Draft> make_call(const ledger::CallRow& row, const CallFacts& facts, const std::string& more, Bytes arguments);
// What the proved state has under that key, for CallFacts.
Result<std::optional<StoredObject>> find_object(Session& session, BytesView key);

}  // namespace dos::client
