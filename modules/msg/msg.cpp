// The module `msg` (modules/msg/msg.md): sealed messages, each an object that its recipient takes once.
#include "modules/msg/calls.hpp"
#include "sdk/cpp/module.hpp"

namespace dos::msg {

namespace {

using namespace guest;

void send(const Send& a) {
  require(ledger::valid_account_name(a.to), Errc::bad_name, {"no account can be named ", a.to});
  const auto& from = sender_account();
  require(!a.box.empty() && a.box.size() <= kMaxMessageBytes, Errc::limit,
          {"a sealed message has 1 to ", kMaxMessageBytes, " bytes, this one ", a.box.size()});
  require(a.size_class <= a.box.size(), Errc::malformed, "the size class is above the sealed message");
  const auto found = get(ledger::account_key(a.to));
  require(found.has_value(), Errc::not_found, {"there is no account ", a.to});
  const auto account = decode_or_refuse<ledger::Account>(found->data, "an account");
  bool known = false;
  for (const auto& e : account.encryption) known = known || e.epoch == a.key_epoch;
  require(known, Errc::conflict, {a.to, " has no encryption key ", a.key_epoch});
  const MessageMeta meta{from, a.id, now(), a.key_epoch, a.size_class};
  give(append_object(inbox_prefix(a.to), {.lock = account_lock(a.to),
                                          .paid_until = TimeMs{now().value + params().default_rent_ms},
                                          .meta = codec::encode(meta),
                                          .data = a.box}));
}

void take(const Take& a) {
  auto inboxes = ledger::module_key(ledger::kMsgModule);
  inboxes.push_back('m');
  require(starts_with(a.key, inboxes), Errc::usage, "that key is no message");
  const auto found = get(a.key);
  require(found.has_value(), Errc::not_found, "there is no such message, or it was taken already");
  require(authorized(found->lock), Errc::denied, "only its recipient may take a message");
  del(a.key);
}

}  // namespace

}  // namespace dos::msg

#define DOS_MODULE msg
DOS_DISPATCH(DOS_MSG_CALLS)
