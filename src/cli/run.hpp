// What a command works with: its parsed line, the session, the identity, the output.
#pragma once
#include <map>
#include <optional>

#include "cli/command.hpp"
#include "cli/output.hpp"
#include "client/files/file_write.hpp"
#include "client/keys/key_store.hpp"
#include "client/trust/session.hpp"

namespace dos::cli {

class Run {
 public:
  Run(Output& out, const client::Places& places) : out(out), places(places) {}
  Output& out;
  const client::Places& places;
  const Command* command = nullptr;
  std::vector<std::string> args;
  std::map<std::string, std::string> flags;  // by long name without dashes; a switch has "1"

  bool has(const std::string& flag) const { return flags.contains(flag); }
  std::string flag(const std::string& name, std::string otherwise = {}) const;
  std::string arg(std::size_t i) const { return i < args.size() ? args[i] : std::string(); }
  std::string net_name() const;  // --net, DOS_NET, ./dos.toml, "local"; a variable that is empty counts as not set
  std::string as() const;        // --as, DOS_AS, "me"
  client::PassphraseSource passphrase() const;
  std::optional<std::chrono::milliseconds> timeout() const;  // --timeout; at most kLongestWait
  // Of a step that asks the nodes beside the session: what is left of --timeout since this was made, if that is less. Above 0.
  std::chrono::milliseconds at_most(std::chrono::milliseconds step) const;

  Result<client::Session*> session();             // opened on first use
  Result<const client::Identity*> me();           // the identity of as(); no_key
  const client::Identity* me_if_there();          // for what needs no key to be read; null if there is none or it is locked
  Result<client::DosPath> path(const std::string& text);
  Result<client::PathSpec> spec(const std::string& text);
  // The envelope's `at`: the height that was read. A past one is certified by a later block, so it is not that block's.
  void proved(Height read) { out.at(read); }
  void proved(const client::Trusted& block) { proved(block.header.height); }
  void proved(const client::Place& place) { proved(place.height); }
  void proved(const client::Trusted& block, const client::Session& session) { proved(session.options().at.value_or(block.header.height)); }
  Json cost(const ledger::Receipt& receipt) const;
  client::Progress progress(const std::string& what);
  Status confirm(const std::string& what);  // --yes, or a yes from a terminal; needs_confirmation
  // Figures of the session, what became of its writes, one warning for each node that was passed over. chain_changed: what this
  // command saw as final contradicts what another one saw.
  Status tell_session(bool good = true);  // `good`: what it was to do is done

 private:
  std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
  std::optional<client::Session> session_;
  std::optional<client::Identity> me_;
  bool warned_of_key_ = false;
};

inline constexpr std::chrono::milliseconds kLongestWait{100 * 31'536'000'000};  // clocks count nanoseconds, and end after 292 years
Result<std::chrono::milliseconds> parse_duration(std::string_view text);  // 5s, 200ms, 2m, 1h, 1d, 1y

inline constexpr std::size_t kMaxProjectBytes = 64 * 1024;
// `net = "name"` of the project's dos.toml, the one key that is read there in this release; null: it has none. An empty one is a value,
// and no network has that name.
std::optional<std::string> net_of_project(std::string_view toml);

// The whole program: parses, runs, prints. The exit code.
int run_program(int argc, char** argv);

}  // namespace dos::cli
