// send, inbox: sealed messages.
#include <set>

#include "base/text.hpp"
#include "cli/carry_out.hpp"
#include "cli/run.hpp"
#include "client/calls/message.hpp"
#include "client/home/private_file.hpp"
#include "modules/msg/calls.hpp"

namespace dos::cli {
namespace {

Status send(Run& run) {
  DOS_ASSIGN(auto* session, run.session());
  const auto to = run.arg(0);
  std::string text = run.arg(1);
  for (std::size_t i = 2; i < run.args.size(); ++i) text += " " + run.args[i];
  if (text.empty()) return fail(Errc::usage, "an empty message");
  if (!codec::is_utf8(as_bytes(text))) return fail(Errc::usage, "the text is not UTF-8");
  DOS_ASSIGN(const auto* me, run.me());
  ByteArray<16> id{};
  DOS_ASSIGN(const auto done, carry_out(*session, *me, [&] { return client::send_message(*session, *me, to, text, id); }));
  run.out.line("sent to " + to + ", sealed   final in block " + std::to_string(done.block.header.height.value));
  run.out.data({{"id", hex(id)}, {"tx", client::tx_name(done.txid)}, {"to", to}, {"cost", run.cost(done.receipt)}});
  run.proved(done.block);
  return {};
}

std::filesystem::path marks_file(Run& run, const client::Session& session) {
  return run.places.state / "read" / (hex(session.chain().view()).substr(0, 32) + "-" + run.as());
}

Status inbox(Run& run) {
  DOS_ASSIGN(auto* session, run.session());
  DOS_ASSIGN(const auto* me, run.me());
  std::set<std::string> marks;
  const auto old = client::read_regular(marks_file(run, *session), 4 << 20);
  if (!old && old.error().code != Errc::no_host_file) run.out.warn("which messages were read is not known: " + old.error().detail);
  if (old) {
    const auto text = as_text(*old);
    for (std::size_t at = 0; at + 33 <= text.size(); at += 33) marks.emplace(text.substr(at, 32));
  }
  Json items = Json::array();
  std::vector<std::pair<Bytes, Version>> keys;
  std::string now_read;
  DOS_ASSIGN(const auto block,
             session->range(msg::inbox_prefix(run.as()), true, [&](const client::Answer&, const proof::View::Range& page) -> Status {
               for (const auto* record : page.items) {
                 DOS_ASSIGN(const auto meta, codec::decode<msg::MessageMeta>(record->leaf.meta, "a message"));
                 if (!record->data) return fail(Errc::proof_incomplete, "a message came without its data");
                 auto text = client::open_message(*me, meta, *record->data);
                 const auto id = hex(meta.id);
                 now_read += id + "\n";
                 items.push_back({{"id", id},
                                  {"from", meta.from},
                                  {"to", run.as()},
                                  {"text", text ? Json(*text) : Json(nullptr)},
                                  {"at", utc_text(meta.time)},
                                  {"height", std::to_string(record->leaf.version.height().value)},
                                  {"read", marks.contains(id)}});
                 run.out.row({marks.contains(id) ? " " : "*", utc_text(meta.time), meta.from,
                              text ? *text : "(does not open: " + text.error().detail + ")"});
                 keys.emplace_back(record->leaf.key, record->leaf.version);
               }
               return {};
             }));
  if (items.empty()) run.out.line("no messages");
  else DOS_TRY(client::write_private(marks_file(run, *session), as_bytes(now_read)));
  if (run.has("take") && !keys.empty()) {
    DOS_ASSIGN(const auto taken, carry_out(*session, *me, client::take_messages(keys)));
    (void)taken;
  }
  run.out.data({{"items", std::move(items)}, {"complete", true}});
  run.proved(block, *session);
  return {};
}

}  // namespace

// clang-format off
std::vector<Command> mail_commands() {
  return {
      {"send", "Mail", "Sends a sealed message. Sender, recipient, time and size class are visible to all.", {{"WHO"}, {"TEXT", true, true, true}}, {},
       {"dos send bob \"hello\""}, "msg.send 80", {"msg", "mail"}, send},
      {"inbox", "Mail", "Shows the messages for you, oldest first.", {}, {{"--take", "", "take them out: each is there once"}},
       {"dos inbox", "dos inbox --as bob"}, "msg.take 81", {}, inbox},
  };
}
// clang-format on

}  // namespace dos::cli
