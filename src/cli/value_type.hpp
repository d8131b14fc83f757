// The types of a call table (ledger/call_table.hpp) as a tree: what `dos call` reads arguments by and prints results by.
#pragma once
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace dos::cli {

using Records = std::map<std::string, std::string, std::less<>>;  // name of a struct -> its fields, as in the module's kRecords

struct ValueField;
struct ValueType {
  enum class Kind { u8, u16, u32, u64, boolean, text, name, bytes, hash, id, credits, time, option, list, record, choice };
  Kind kind = Kind::u8;
  std::string shown;                // as the table writes it: "opt<struct Source>"
  std::vector<ValueField> fields;   // of a record or choice; of an option or list its one element
};
struct ValueField {
  std::string name;
  ValueType type;
};

// "dir:id name:str ring:opt<struct RingEpoch>". internal: the table itself is not well formed (a test reads every row).
Result<std::vector<ValueField>> parse_fields(std::string_view spec, const Records& records);
// The bytes of an integer of this kind, 0 for other kinds.
unsigned integer_bytes(ValueType::Kind kind);

}  // namespace dos::cli
