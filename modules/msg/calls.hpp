// The module `msg`: sealed messages, each an object taken once.
//   msg,'m',recipient,0,u64 version,u16 n    message: lock account(recipient, "active"), meta MessageMeta, data sealed box
// The zero byte ends the recipient's name, so that one inbox is one range.
#pragma once
#include <span>

#include "ledger/call_table.hpp"
#include "ledger/object.hpp"

namespace dos::msg {

enum CallNumber : std::uint16_t { kSend = 0x80, kTake = 0x81 };

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

using CallArgs = std::tuple<Send, Take>;  // of kCalls, in their order
inline constexpr ledger::CallSpec kCalls[] = {
    {kSend, "send", "to:name id:id key_epoch:u32 size_class:u32 box:bytes", "key:bytes", "anybody", "append 'm' {to} 0; read id. 'a' {to}",
     1'000'000, "message", "Sends a sealed message."},
    {kTake, "take", "key:bytes", "", "the recipient", "exact {key}", 1'000'000, "message taken",
     "Takes a message out of the inbox: it is there once."},
};

inline constexpr std::span<const ledger::RecordSpec> kRecords;  // none

}  // namespace dos::msg
