#include "cli/run.hpp"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <iostream>

#include "cli/writes_view.hpp"
#include "client/calls/submit.hpp"
#include "client/home/private_file.hpp"
#include "client/trust/words.hpp"

namespace dos::cli {
namespace {

std::string variable(const char* name) {
  const char* v = std::getenv(name);
  return v == nullptr ? std::string() : std::string(v);
}

std::optional<std::string> project_net() {
  const auto file = client::read_regular("dos.toml", kMaxProjectBytes);
  if (file) return net_of_project(as_text(*file));
  return file.error().code == Errc::no_host_file ? std::nullopt
                                                 : std::optional(file.error().detail);  // no network has that name: it is told
}

}  // namespace

std::optional<std::string> net_of_project(std::string_view toml) {
  const auto trimmed = [](std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r')) text.remove_suffix(1);
    return text;
  };
  while (!toml.empty()) {
    const auto end = toml.find('\n');
    const auto line = trimmed(toml.substr(0, end));
    toml = end == std::string_view::npos ? std::string_view() : toml.substr(end + 1);
    if (line.starts_with('[')) return std::nullopt;  // the keys that follow are of a table
    const auto is = line.find('=');
    if (is == std::string_view::npos || trimmed(line.substr(0, is)) != "net") continue;
    const auto value = trimmed(line.substr(is + 1));
    const char quote = value.empty() ? '\0' : value.front();
    const auto close = quote == '"' || quote == '\'' ? value.find(quote, 1) : std::string_view::npos;
    const auto rest = close == std::string_view::npos ? value : trimmed(value.substr(close + 1));
    // What is no text in quotes is kept as it stands: no network has such a name, and that is what the error says.
    return std::string(close != std::string_view::npos && (rest.empty() || rest.front() == '#') ? value.substr(1, close - 1) : value);
  }
  return std::nullopt;
}

std::string Run::flag(const std::string& name, std::string otherwise) const {
  const auto it = flags.find(name);
  return it == flags.end() ? otherwise : it->second;
}

std::string Run::net_name() const {
  if (has("net")) return flag("net");
  if (auto v = variable("DOS_NET"); !v.empty()) return v;
  if (auto v = project_net()) return *v;
  return "local";
}

std::string Run::as() const {
  if (has("as")) return flag("as");
  const auto v = variable("DOS_AS");
  return v.empty() ? "me" : v;
}

client::PassphraseSource Run::passphrase() const {
  client::PassphraseSource source;
  if (has("passphrase-fd")) source.fd = std::atoi(flag("passphrase-fd").c_str());
  source.may_prompt = !has("no-input");
  return source;
}

std::optional<std::chrono::milliseconds> Run::timeout() const {
  if (!has("timeout")) return std::nullopt;
  // check_line let only such values through.
  return std::min(parse_duration(flag("timeout")).value_or(std::chrono::milliseconds(0)), kLongestWait);
}

std::chrono::milliseconds Run::at_most(std::chrono::milliseconds step) const {
  const auto time = timeout();
  if (!time) return step;
  const auto left = begun_ + *time - std::chrono::steady_clock::now();
  return std::clamp(std::chrono::duration_cast<std::chrono::milliseconds>(left), std::chrono::milliseconds(1), step);
}

Result<std::chrono::milliseconds> parse_duration(std::string_view text) {
  std::uint64_t n = 0;
  const auto [end, bad] = std::from_chars(text.data(), text.data() + text.size(), n);
  const std::string_view unit(end, std::size_t(text.data() + text.size() - end));
  const std::uint64_t ms = unit == "ms"                  ? 1
                           : unit == "s" || unit.empty() ? 1000
                           : unit == "m"                 ? 60'000
                           : unit == "h"                 ? 3'600'000
                           : unit == "d"                 ? 86'400'000
                           : unit == "y"                 ? 31'536'000'000
                                                         : 0;
  if (bad != std::errc() || end == text.data() || ms == 0 || n > 1'000'000'000'000'000ull / ms)
    return fail(Errc::usage, "'" + safe(text) + "' is no duration, like 5s, 200ms or 1y");
  return std::chrono::milliseconds(n * ms);
}

Result<client::Session*> Run::session() {
  if (session_) return &*session_;
  client::SessionOptions options;
  options.net = net_name();
  options.via = flag("via");
  options.stale_ok = has("stale-ok");
  options.last_words = [form = out.form(), screen = ::isatty(STDERR_FILENO) != 0](const client::Writes& writes) {
    return last_words(writes, form, screen);
  };
  if (const auto time = timeout()) {
    options.timeout = *time;
    options.bounds_all = true;
  }
  if (has("fresh")) {
    DOS_ASSIGN(const auto fresh, parse_duration(flag("fresh")));
    options.fresh = std::chrono::duration_cast<std::chrono::seconds>(std::min(fresh, kLongestWait));
  }
  if (has("at")) options.at = parse_height(flag("at"));
  if (has("min-height")) options.min_height = parse_height(flag("min-height")).value_or(Height{});
  DOS_ASSIGN(auto opened, client::Session::open(places, std::move(options)));
  // A slip in --as is told at once, also where nothing needs its key: what is read is not what was meant.
  if (has("as")) {
    const auto& net = opened.network();
    DOS_ASSIGN(const auto keys, client::list_identities(places, net.record.name, net.chain));
    if (std::ranges::none_of(keys, [&](const auto& key) { return key.account == as(); }))
      return fail(Errc::no_key, "no key of '" + safe(as()) + "' is kept here for the network " + net.record.name);
  }
  session_ = std::move(opened);
  return &*session_;
}

Result<const client::Identity*> Run::me() {
  if (me_) return &*me_;
  DOS_ASSIGN(auto* s, session());
  DOS_ASSIGN(me_, client::find_identity(places, s->network().record.name, s->chain(), s->network().genesis.kind, as(), passphrase()));
  return &*me_;
}

const client::Identity* Run::me_if_there() {
  if (me_) return &*me_;
  auto s = session();
  if (!s) return nullptr;
  auto source = passphrase();
  if (source.fd < 0) source.may_prompt = false;
  auto found = client::find_identity(places, (*s)->network().record.name, (*s)->chain(), (*s)->network().genesis.kind, as(), source);
  if (!found) {
    // Not there, or locked: nothing is amiss. A key file that cannot be read is: what it would have opened stays shut.
    const auto code = found.error().code;
    if (error_row(code).exit_code != error_row(Errc::no_key).exit_code && !warned_of_key_) {
      warned_of_key_ = true;
      out.warn("the key of " + as() +
               " could not be read: " + (found.error().detail.empty() ? error_row(code).title : found.error().detail));
    }
    return nullptr;
  }
  me_ = std::move(*found);
  return &*me_;
}

Result<client::DosPath> Run::path(const std::string& text) { return client::parse_path(text, as()); }
Result<client::PathSpec> Run::spec(const std::string& text) { return client::parse_path_spec(text, as()); }

Json Run::cost(const ledger::Receipt& receipt) const {
  const auto fee = receipt.fee.value, rent = receipt.rent.value;  // of a dry run they are a node's word
  return {{"credits", shown_credits(fee > UINT64_MAX - rent ? UINT64_MAX : fee + rent)},
          {"gas", std::to_string(receipt.gas.value)},
          {"bytes", receipt.bytes}};
}

Status Run::tell_session(bool good) {
  if (!session_) return {};
  out.figures(session_->checks(), session_->final_ms());
  out.error_data(writes_json(session_->writes()));
  if (const auto& final = session_->writes().final; !final.empty()) {
    out.done(final_text(final));
    if (!good) out.warn("not undone: " + final_text(final));
  }
  const auto kept = session_->keep_highest();
  if (!kept && kept.error().code == Errc::chain_changed) return kept;
  if (!kept)
    out.warn("the highest block seen could not be kept: " +
             (kept.error().detail.empty() ? error_row(kept.error().code).title : kept.error().detail));
  if (session_->network().record.nodes.size() < 2) return {};  // of one alone the error says it
  for (const auto& note : session_->notes()) out.warn(note);
  return {};
}

Status Run::confirm(const std::string& what) {
  if (has("yes")) return {};
  if (!has("no-input") && !out.json() && ::isatty(STDIN_FILENO) != 0 && ::isatty(STDERR_FILENO) != 0) {
    out.talk(what + ". Go on? [y/N]");
    std::string answer;
    std::getline(std::cin, answer);
    if (answer == "y" || answer == "yes") return {};
  }
  return fail(Errc::needs_confirmation, what);
}

client::Progress Run::progress(const std::string& what) {
  return [this, what](std::uint64_t done, std::uint64_t of) { out.progress(what + "  " + shown_size(done) + " of " + shown_size(of)); };
}

}  // namespace dos::cli
