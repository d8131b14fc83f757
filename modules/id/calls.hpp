// The module `id`: accounts, their keys and permissions. Objects: ledger/state_formats.hpp (Account).
#pragma once
#include "ledger/call_rows.hpp"
#include "ledger/state_formats.hpp"

namespace dos::id {

struct New {
  std::string name;
  ledger::Account account;  // permissions "owner" and "active" at least; development must be false
  DOS_FIELDS(name, account);
};
struct Rotate {
  std::string name;
  ledger::Account account;  // afterwards; encryption keys only grow
  DOS_FIELDS(name, account);
};

// clang-format off
#define DOS_ID_CALLS(X)                                                                                                                                     \
  X(0x88, kNew, New, make, "new", "name:name account:struct Account", "", "anybody, once a name; the first key signs", "absent 'a' {name}", 1'000'000,      \
    "new account", "Makes an account.")                                                                                                                     \
  X(0x89, kRotate, Rotate, rotate, "rotate", "name:name account:struct Account", "", "permission owner of the account", "exact 'a' {name}", 1'000'000,      \
    "keys changed", "Replaces keys and permissions; the name stays.")
// clang-format on

DOS_CALL_TABLE(DOS_ID_CALLS);

inline constexpr ledger::RecordSpec kRecords[] = {
    {"Account", "permissions:list<struct Permission> encryption:list<struct EncryptionKey> development:bool"},
    {"Permission", "name:str threshold:u32 keys:list<struct WeightedKey> accounts:list<struct WeightedAccount>"},
    {"WeightedKey", "key:struct PublicKey weight:u16"},
    {"WeightedAccount", "account:name permission:str weight:u16"},
    {"PublicKey", "type:u8 bytes:bytes"},
    {"EncryptionKey", "epoch:u32 key:struct BoxKey"},
    {"BoxKey", "type:u8 bytes:bytes"},
};

}  // namespace dos::id
