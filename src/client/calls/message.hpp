// Sealed messages (docs/spec/sealing.md): sender, recipient, the recipient's key and the message id are bound in, the size
// is one of four classes.
#pragma once
#include "client/calls/draft.hpp"
#include "client/keys/keys.hpp"
#include "client/trust/session.hpp"
#include "modules/msg/calls.hpp"

namespace dos::client {

inline constexpr std::uint32_t kMessageClasses[] = {256, 1024, 4096, 14 * 1024};  // padded plaintext bytes
inline constexpr std::uint32_t kMaxMessageText = kMessageClasses[3] - 5;  // format byte and length go before the text

// Text is UTF-8 of at most kMaxMessageText bytes (limit). `recipient` is the account as the chain has it.
Result<msg::Send> seal_message(std::string_view from, std::string_view to, const ledger::Account& recipient, std::string_view text,
                               Entropy& entropy);
// To the account of that name, not_found if nobody has it. `id` becomes the message's.
Result<Draft> send_message(Session& session, const Identity& me, const std::string& to, std::string_view text, ByteArray<16>& id);
// Takes messages, as they stand there, out of the inbox.
std::vector<Draft> take_messages(const std::vector<std::pair<Bytes, Version>>& messages);
// `me` is the recipient. sealed: it does not open for this identity, or not with this sender, id or class.
Result<std::string> open_message(const Identity& me, const msg::MessageMeta& meta, BytesView box);

}  // namespace dos::client
