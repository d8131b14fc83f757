// The module `demo`: a board with one note a title.
//   demo,'n',title    note: lock account(who pinned it, "active"), data the text
#pragma once
#include <span>

#include "ledger/call_table.hpp"
#include "ledger/object.hpp"

namespace dos::demo {

inline constexpr std::uint16_t kModule = 90;
enum CallNumber : std::uint16_t { kPin = 0xE0, kUnpin = 0xE1 };

struct Pin {
  std::string title, text;
  DOS_FIELDS(title, text);
};
struct Unpin {
  std::string title;
  DOS_FIELDS(title);
};

inline Bytes note_key(std::string_view title) {
  Bytes k = ledger::module_key(kModule);
  k.push_back('n');
  append(k, as_bytes(title));
  return k;
}

using CallArgs = std::tuple<Pin, Unpin>;  // of kCalls, in their order
inline constexpr ledger::CallSpec kCalls[] = {
    {kPin, "pin", "title:str text:str", "", "anybody; a note that is there, who pinned it", "latest 'n' {title}; absent 'n' {title}",
     1'000'000, "note pinned", "Pins a note, or another text on one's own."},
    {kUnpin, "unpin", "title:str", "", "who pinned it", "exact 'n' {title}", 1'000'000, "note gone", "Takes a note off the board."},
};
inline constexpr std::span<const ledger::RecordSpec> kRecords;  // none

}  // namespace dos::demo
