// The module `msg`: sealed messages, each an object taken once.
//   msg,'m',recipient,0,u64 version,u16 n    message: lock account(recipient, "active"), meta MessageMeta, data sealed box
// The zero byte ends the recipient's name, so that one inbox is one range.
#pragma once
#include <span>

#include "ledger/call_rows.hpp"
#include "ledger/object.hpp"

namespace dos::msg {

struct MessageMeta {
  std::string from;
  ByteArray<16> id{};      // drawn by the sender, bound into the sealed box
  TimeMs time;
  std::uint32_t key_epoch = 0;  // of the recipient's encryption key
  std::uint32_t size_class = 0; // padded plaintext bytes
  DOS_FIELDS(from, id, time, key_epoch, size_class);
};
struct Send {
  std::string to;
  ByteArray<16> id{};
  std::uint32_t key_epoch = 0;
  std::uint32_t size_class = 0;
  Bytes box;               // encoded crypto::SealedBox, at most kMaxMessageBytes
  DOS_FIELDS(to, id, key_epoch, size_class, box);
};
struct Take {
  Bytes key;               // of the message object
  DOS_FIELDS(key);
};

inline Bytes inbox_prefix(std::string_view name) {
  Bytes k = ledger::module_key(ledger::kMsgModule);
  k.push_back('m');
  append(k, as_bytes(name));
  k.push_back(0);
  return k;
}

// clang-format off
#define DOS_MSG_CALLS(X)                                                                                                                                    \
  X(0x80, kSend, Send, send, "send", "to:name id:id key_epoch:u32 size_class:u32 box:bytes", "key:bytes", "anybody",                                        \
    "append 'm' {to} 0; read id. 'a' {to}", 1'000'000, "message", "Sends a sealed message.")                                                                \
  X(0x81, kTake, Take, take, "take", "key:bytes", "", "the recipient", "exact {key}", 1'000'000, "message taken",                                           \
    "Takes a message out of the inbox: it is there once.")
// clang-format on

DOS_CALL_TABLE(DOS_MSG_CALLS);

inline constexpr std::span<const ledger::RecordSpec> kRecords;  // none

}  // namespace dos::msg
