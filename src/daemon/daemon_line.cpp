#include "daemon/daemon_line.hpp"

#include "base/command_line.hpp"
#include "base/shown_text.hpp"
#include "base/version.hpp"
#include "ledger/genesis.hpp"

namespace dos::daemon {
namespace {

constexpr unsigned kMaxThreads = 64;
constexpr std::uint64_t kMaxUploadQuotaMib = 1 << 30;

struct Flags {
  std::string file;
  std::vector<std::string> peers;
  bool help = false;
};

std::vector<Setting> settings_of(DaemonConfig& config, Flags& flags) {
  return {
      text_setting("--config", "FILE", flags.file, "TOML file with the names below, '_' for '-'; a flag wins over it"),
      text_setting("--data", "DIR", config.data, "data folder"),
      text_setting("--genesis", "FILE", config.genesis, "genesis file"),
      text_setting("--keys", "DIR", config.keys, "folder with vote.key and node.key"),
      text_setting("--modules", "DIR", config.modules, "folder with the system modules' NAME.wasm"),
      text_setting("--listen", "ADDRESS:PORT", config.listen, "where to answer requests (127.0.0.1:7400); port 0 is any free one"),
      text_setting("--p2p-listen", "HOST:PORT", config.p2p_listen, "for other validators; otherwise as the genesis says"),
      {{"--peer", true},
       "NAME=HOST:PORT",
       "where to dial a validator, in place of the genesis' word; may be repeated",
       [&flags](const std::string& peer) -> Status {
         flags.peers.push_back(peer);
         return {};
       }},
      text_setting("--run", "DIR", config.run, "folder of the admin socket, yours alone"),
      text_setting("--log-level", "LEVEL", config.log_level, "debug, info (as it is), warn, error"),
      number_setting("--threads", config.threads, 1, kMaxThreads, "threads that answer requests (2)"),
      number_setting("--upload-quota-mib", config.upload_quota_mib, 0, kMaxUploadQuotaMib,
                     "uploads that no file names yet; 0: half of the disk"),
      switch_setting("--help,-h", flags.help, "this"),
  };
}

std::string version_text() { return std::string("dosd ") + kVersion + ", format " + ledger::kFormat + "\n"; }

std::string help_text() {
  DaemonConfig config;
  Flags flags;
  return "dosd: a node of a DOS network\n\n"
         "  dosd run [SETTINGS]    runs the node until SIGTERM or `stop` on the admin socket\n"
         "  dosd check [SETTINGS]  checks configuration, keys, genesis and modules, and ends\n"
         "  dosd version           prints the version\n\nSettings:\n" +
         settings_help(settings_of(config, flags));
}

Status read_into(DaemonConfig& config, Flags& flags, std::span<const std::string> words, const std::string& verb) {
  flags = {};
  const auto arguments = read_settings(words, settings_of(config, flags));
  if (!arguments) return fail(arguments.error().code, "dosd " + verb + " " + arguments.error().detail);
  if (!arguments->empty()) return fail(Errc::usage, "dosd " + verb + " takes no '" + shown_text(arguments->front(), kMaxShownWord) + "'");
  if (!flags.peers.empty()) config.peers = flags.peers;
  return {};
}

}  // namespace

Result<DaemonLine> read_daemon_line(std::span<const std::string> words) {
  DaemonLine line;
  if (words.empty()) return fail(Errc::usage, "dosd needs a command: run, check or version");
  const auto& verb = words.front();
  if (verb == "--version" || verb == "version") line.text = version_text();
  if (verb == "--help" || verb == "-h" || verb == "help") line.text = help_text();
  if (!line.text.empty()) return line;
  if (verb != "run" && verb != "check")
    return fail(Errc::usage, "dosd has no command '" + shown_text(verb, kMaxShownWord) + "': run, check or version");
  line.verb = verb == "run" ? DaemonLine::Verb::run : DaemonLine::Verb::check;
  Flags flags;
  DOS_TRY(read_into(line.config, flags, words.subspan(1), verb));
  if (flags.help) return DaemonLine{DaemonLine::Verb::say, help_text(), {}};
  if (flags.file.empty()) return line;
  DaemonConfig from_file;
  DOS_TRY(read_config_file(flags.file, from_file));
  line.config = std::move(from_file);
  DOS_TRY(read_into(line.config, flags, words.subspan(1), verb));  // flags win over the file
  return line;
}

}  // namespace dos::daemon
