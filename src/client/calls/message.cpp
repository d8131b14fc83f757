#include "client/calls/message.hpp"

#include "client/calls/account_facts.hpp"
#include "client/entropy.hpp"

namespace dos::client {
namespace {

constexpr std::uint8_t kMessageFormat = 1;
constexpr std::size_t kTakenPerDraft = 32;

struct MessageBinding {
  std::string purpose, from, to;
  Hash key;  // key_id of the recipient's encryption key
  std::uint32_t key_epoch = 0;
  ByteArray<16> id{};
  std::uint32_t size_class = 0;
  DOS_FIELDS(purpose, from, to, key, key_epoch, id, size_class);
};

}  // namespace

Result<msg::Send> seal_message(std::string_view from, std::string_view to, const ledger::Account& recipient, std::string_view text,
                               Entropy& entropy) {
  if (!codec::is_utf8(as_bytes(text))) return fail(Errc::usage, "a message is UTF-8 text");
  if (text.size() > kMaxMessageText)
    return fail(Errc::limit, "a message has at most " + std::to_string(kMaxMessageText) + " bytes, this one " +
                                 std::to_string(text.size()) + ": send a file");
  DOS_ASSIGN(const auto key, encryption_key(recipient));
  msg::Send send{.to = std::string(to), .id = draw<16>(entropy), .key_epoch = key.epoch};
  for (const auto size : kMessageClasses) {
    send.size_class = size;
    if (text.size() + 5 <= size) break;
  }
  crypto::Secret plain(send.size_class);
  plain.data()[0] = kMessageFormat;
  for (int i = 0; i < 4; ++i) plain.data()[1 + i] = std::uint8_t(text.size() >> (8 * i));
  std::copy(text.begin(), text.end(), plain.data() + 5);
  const auto bound =
      codec::encode(MessageBinding{"message", std::string(from), send.to, crypto::key_id(key.key), key.epoch, send.id, send.size_class});
  DOS_ASSIGN(send.box, seal_box(key.key, bound, plain.view(), entropy));
  return send;
}

Result<std::string> open_message(const Identity& me, const msg::MessageMeta& meta, BytesView box) {
  if (box.size() > kMaxMessageBytes) return fail(Errc::sealed, "the message is larger than a message may be");
  if (meta.key_epoch == 0 || meta.key_epoch > me.key_epoch())
    return fail(Errc::no_key,
                "sealed for encryption key " + std::to_string(meta.key_epoch) + " of " + me.account() + ", which is not here");
  const auto bound = codec::encode(MessageBinding{"message", meta.from, me.account(), crypto::key_id(me.box_key(meta.key_epoch)),
                                                  meta.key_epoch, meta.id, meta.size_class});
  DOS_ASSIGN(const auto plain, me.open_box(meta.key_epoch, box, bound));
  const auto bytes = plain.view();
  auto wrong = [] { return fail(Errc::sealed, "the message opened, but is not of a form that DOS writes"); };
  if (bytes.size() != meta.size_class || bytes.size() < 5 || bytes[0] != kMessageFormat) return wrong();
  std::uint32_t size = 0;
  for (int i = 0; i < 4; ++i) size |= std::uint32_t(bytes[1 + i]) << (8 * i);
  if (size > bytes.size() - 5) return wrong();
  for (auto b : bytes.subspan(5 + size))
    if (b != 0) return wrong();
  const auto text = bytes.subspan(5, size);
  if (!codec::is_utf8(text)) return wrong();
  return std::string(as_text(text));
}

Result<Draft> send_message(Session& session, const Identity& me, const std::string& to, std::string_view text, ByteArray<16>& id) {
  SystemEntropy entropy;
  DOS_ASSIGN(const auto facts, accounts(session, {to}));
  DOS_ASSIGN(const auto call, seal_message(me.account(), to, facts[0].account, text, entropy));
  id = call.id;
  Draft draft;
  draft.told = "sends a message to " + to;
  draft.append(msg::inbox_prefix(to));
  draft.read(ledger::account_key(to), facts[0].version);
  draft.call(ledger::kMsgModule, msg::kSend, call);
  return draft;
}

std::vector<Draft> take_messages(const std::vector<std::pair<Bytes, Version>>& messages) {
  std::vector<Draft> drafts;
  for (const auto& [key, version] : messages) {
    if (drafts.empty() || drafts.back().calls() >= kTakenPerDraft) {
      drafts.emplace_back();
      drafts.back().told = "takes messages out of the inbox";
    }
    drafts.back().exact(key, version);
    drafts.back().call(ledger::kMsgModule, msg::kTake, msg::Take{key});
  }
  return drafts;
}

}  // namespace dos::client
