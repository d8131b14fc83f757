// Sealed messages (docs/spec/sealing.md): sender, recipient, the recipient's key and the message id are bound in, the size
// is one of four classes.
#pragma once
#include "client/keys/keys.hpp"
#include "modules/msg/calls.hpp"

namespace dos::client {

inline constexpr std::uint32_t kMessageClasses[] = {256, 1024, 4096, 14 * 1024};  // padded plaintext bytes
inline constexpr std::uint32_t kMaxMessageText = kMessageClasses[3] - 5;  // format byte and length go before the text

// Text is UTF-8 of at most kMaxMessageText bytes (limit). `recipient` is the account as the chain has it.
Result<msg::Send> seal_message(std::string_view from, std::string_view to, const ledger::Account& recipient, std::string_view text,
                               Entropy& entropy);
// `me` is the recipient. sealed: it does not open for this identity, or not with this sender, id or class.
Result<std::string> open_message(const Identity& me, const msg::MessageMeta& meta, BytesView box);

}  // namespace dos::client
