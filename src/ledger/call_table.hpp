// A module's call table: one table, compiled into the module, on chain in its ModuleRecord, read by the CLI, REST, docs,
// completion and fuzz grammar (docs/spec/calls.md). modules/<name>/calls.hpp has the rows. Shared by host and guests.
//
// Types of `args` and `returns`, in the order of their BCS encoding, as "name:type" separated by blanks:
//   u8 u16 u32 u64 bool  str (text)  bytes  hash (32 bytes)  id (16 bytes)  name (account)  credits (u64 millionths)
//   time (u64 ms)  opt<type>  list<type>  one<label:type|label:type> (a variant)  and `struct NAME`, whose fields stand in
//   the module's kRecords
// `access` is the access template: items separated by ';', each "kind pattern". A pattern is pieces separated by blanks:
//   'e'  the literal bytes    {arg}  the argument's key bytes (u32/u64 big-endian)    {sender}  the sender account's name
//   The module's own number goes in front unless the pattern starts with "id." or "credit." (that module's number).
#pragma once
#include "codec/bcs.hpp"

namespace dos::ledger {

// Beside its rows (kCalls) a module names the structs of their arguments, in the same order: CallArgs, a std::tuple.
struct CallSpec {  // a row as written in modules/<name>/calls.hpp
  std::uint16_t number;      // unique over the system modules; MS-DOS INT 21h numbers where it had the function
  const char* name;          // "create"
  const char* args;
  const char* returns;
  const char* permission;    // in words: who may
  const char* access;
  std::uint64_t gas;         // bound for arguments of ordinary size; min_call_gas applies beside it
  const char* effect;        // "new file revision"
  const char* sentence;      // one sentence for people
};

struct RecordSpec {  // what `struct NAME` stands for: its fields in the language of `args`
  const char* name;
  const char* fields;
};

struct CallRow {  // the same on chain
  std::uint16_t number = 0;
  std::string name, args, returns, permission, access;
  std::uint64_t gas = 0;
  std::string effect, sentence;
  DOS_FIELDS(number, name, args, returns, permission, access, gas, effect, sentence);
};

template <std::size_t N>
std::vector<CallRow> call_rows(const CallSpec (&specs)[N]) {
  std::vector<CallRow> rows;
  for (const auto& s : specs) rows.push_back({s.number, s.name, s.args, s.returns, s.permission, s.access, s.gas, s.effect, s.sentence});
  return rows;
}

}  // namespace dos::ledger
