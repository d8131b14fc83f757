// dos call: any row of the call tables, by name or number, with its arguments as text.
#include <charconv>

#include "cli/call_args.hpp"
#include "cli/carry_out.hpp"
#include "cli/receipt_view.hpp"
#include "cli/run.hpp"
#include "client/files/tree.hpp"
#include "client/trust/words.hpp"

namespace dos::cli {
namespace {

// What a struct is made of, and the structs in it, each once.
void print_records(Run& run, const FoundCall& c, const std::string& text, std::vector<std::string>& shown) {
  for (std::size_t at = 0; (at = text.find("struct ", at)) != std::string::npos;) {
    at += 7;
    const auto name = text.substr(at, text.find_first_of(" >|", at) - at);
    const auto it = c.records.find(name);
    if (it == c.records.end() || std::ranges::find(shown, name) != shown.end()) continue;
    shown.push_back(name);
    run.out.row({"  " + name, it->second});
    print_records(run, c, it->second, shown);
  }
}

Status list(Run& run) {
  const auto wanted = run.arg(0);
  Json items = Json::array();
  for (const auto& c : all_calls()) {
    const bool one = c.full_name() == wanted || c.number_text() == wanted;
    if (!wanted.empty() && !one && c.module != wanted) continue;
    items.push_back(call_json(c));
    if (!one) {
      run.out.row({c.number_text(), c.full_name(), c.row.args, c.row.sentence});
      continue;
    }
    run.out.line(c.number_text() + "   " + c.full_name() + "   " + c.row.sentence);
    run.out.row({"arguments", c.row.args});
    if (!c.row.returns.empty()) run.out.row({"returns", c.row.returns});
    run.out.row({"who may", c.row.permission});
    run.out.row({"accesses", c.row.access});
    std::vector<std::string> shown;
    print_records(run, c, c.row.args, shown);
  }
  if (items.empty()) return fail(Errc::no_such_call, "'" + safe(wanted) + "' is neither a module nor a call");
  run.out.data({{"items", items}, {"complete", true}});
  return {};
}

Result<CallSetting> setting_of(Run& run, client::Session& session, const client::Identity& me) {
  CallSetting s;
  s.sender = me.account();
  s.accesses = run.flag("access");
  s.source.now = session.now();
  s.source.at_path = [&run, &session](const std::string& text) -> Result<ByteArray<16>> {
    DOS_ASSIGN(const auto path, run.path(text));
    DOS_ASSIGN(const auto place, client::look(session, path, ledger::PathItem::kDirectories));
    DOS_TRY(client::must_exist(place));
    return place.is_folder() ? place.folder().id : place.entry->meta.id;
  };
  s.find = [&session](BytesView key) { return client::find_object(session, key); };
  return s;
}

Result<client::Draft> draft_of(Run& run, const FoundCall& found, const CallSetting& setting) {
  DOS_ASSIGN(auto draft, draft_call(found, std::vector<std::string>(run.args.begin() + 1, run.args.end()), setting));
  draft.permission = run.flag("permission", draft.permission);
  if (found.row.gas > ledger::Params{}.min_call_gas) draft.gas_per_call = found.row.gas;
  if (run.has("gas")) {
    const auto text = run.flag("gas");
    const auto [end, bad] = std::from_chars(text.data(), text.data() + text.size(), draft.gas_per_call);
    if (bad != std::errc() || end != text.data() + text.size()) return fail(Errc::usage, "--gas takes a number, not '" + safe(text) + "'");
  }
  if (run.has("rent")) {
    DOS_ASSIGN(const auto rent, parse_credits(run.flag("rent")));
    draft.tx.limits.rent = Credits{rent};
  }
  return draft;
}

// The result of each call by the names of its row; as hex where it cannot be read so.
void print_returns(Run& run, const Json& returns) {
  for (const auto& [name, value] : returns.items())
    run.out.line("  " + name + "   " + (value.is_string() ? value.get<std::string>() : compact(value)));
}

Status dry_run(Run& run, const FoundCall& found, client::Session& session, const client::Identity& me, client::Draft draft) {
  DOS_ASSIGN(const auto said, client::dry_run(session, me, std::move(draft)));
  const auto& receipt = said.receipt;
  if (auto would = client::receipt_status(receipt); !would)  // what was asked for is this word; it is told as one
    return fail(would.error().code, "a dry run, of which " + said.node + " says: " + client::in_quotes(would.error()));
  run.out.line(found.full_name() + "   would succeed now; nothing was changed");
  run.out.row({"  gas", std::to_string(receipt.gas.value)});
  run.out.row({"  credits", run.cost(receipt)["credits"].get<std::string>()});
  for (const auto& w : receipt.writes) run.out.row({w.version.value == 0 ? "  deletes" : "  writes", hex(w.key)});
  Json returns = Json::object();
  if (!receipt.returns.empty()) {
    DOS_ASSIGN(returns, show_returns(found, receipt.returns[0]));
    print_returns(run, returns);
  }
  run.out.warn("a dry run is what one node says (" + said.node + "), not a proof");
  run.out.data({{"call", found.full_name()},
                {"dry_run", true},
                {"claim", true},
                {"result", returns},
                {"receipt", receipt_json(receipt)},
                {"cost", run.cost(receipt)}});
  return {};
}

Status call(Run& run) {
  if (run.has("list")) return list(run);
  if (run.args.empty())
    return fail(Errc::usage, "dos call needs CALL. Example: dos call credit.pay me bob 5; all of them: dos call --list");
  DOS_ASSIGN(const auto found, find_call(run.arg(0)));
  DOS_ASSIGN(auto* session, run.session());
  DOS_ASSIGN(const auto* me, run.me());
  DOS_ASSIGN(const auto setting, setting_of(run, *session, *me));
  if (run.has("dry-run")) {
    DOS_ASSIGN(auto draft, draft_of(run, found, setting));
    return dry_run(run, found, *session, *me, std::move(draft));
  }
  // Versions are looked up for the draft, so it is made anew while somebody else is faster.
  DOS_ASSIGN(const auto done, carry_out(*session, *me, [&] { return draft_of(run, found, setting); }));
  Json raw = Json::array(), returns = Json::object();
  for (const auto& r : done.receipt.returns) raw.push_back(hex(r));
  run.out.line(found.full_name() + "   final in block " + std::to_string(done.block.header.height.value));
  if (!done.receipt.returns.empty()) {
    DOS_ASSIGN(returns, show_returns(found, done.receipt.returns[0]));
    print_returns(run, returns);
  }
  run.out.data({{"call", found.full_name()},
                {"returns", raw},
                {"result", returns},
                {"tx", client::tx_name(done.txid)},
                {"cost", run.cost(done.receipt)}});
  run.proved(done.block);
  return {};
}

}  // namespace

// clang-format off
std::vector<Command> call_commands() {
  return {
      {"call", "Ledger", "Makes one system call, by MODULE.NAME or number, with its arguments as the call table says.",
       {{"CALL", false}, {"ARG", false, true, true}},
       {{"--list", "", "list the calls: all, of one module, or one with its records"}, {"--dry-run", "", "what it would do now, by what one node says; nothing is changed"},
        {"--gas", "N", "at most this much gas (1000000)", &kGasForm}, {"--rent", "CREDITS", "for storage, beside what an ordinary call is given", &kCreditsForm},
        {"--permission", "NAME", "of the account: active (default) or owner", &kPermissionForm}, {"--access", "ITEMS", "declare these beside the row's, in its notation"}},
       {"dos call credit.pay me bob 5", "dos call C1 me 10", "dos call --list fs", "dos call fs.delete ~/photos plan.txt --dry-run"}, "", {"int21"}, call},
  };
}
// clang-format on

}  // namespace dos::cli
