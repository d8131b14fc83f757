// The module `demo`: a board with one note a title.
//   demo,'n',title    note: lock account(who pinned it, "active"), data the text
#pragma once
#include <span>

#include "ledger/call_rows.hpp"
#include "ledger/object.hpp"

namespace dos::demo {

inline constexpr std::uint16_t kModule = 90;

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

// clang-format off
#define DOS_DEMO_CALLS(X)                                                                                                                                   \
  X(0xE0, kPin, Pin, pin, "pin", "title:str text:str", "", "anybody; a note that is there, who pinned it", "latest 'n' {title}; absent 'n' {title}",        \
    1'000'000, "note pinned", "Pins a note, or another text on one's own.")                                                                                 \
  X(0xE1, kUnpin, Unpin, unpin, "unpin", "title:str", "", "who pinned it", "exact 'n' {title}", 1'000'000, "note gone", "Takes a note off the board.")
// clang-format on

DOS_CALL_TABLE(DOS_DEMO_CALLS);
inline constexpr std::span<const ledger::RecordSpec> kRecords;  // none

}  // namespace dos::demo
