#include <algorithm>
#include <iterator>

#include "base/edit_distance.hpp"
#include "cli/command.hpp"

namespace dos::cli {

const std::vector<Flag>& common_flags() {
  static const std::vector<Flag> flags = {
      {"--json", "", "one JSON envelope on stdout"},
      {"--plain", "", "tables as tab-separated lines"},
      {"--net", "NAME", "the network (else DOS_NET, ./dos.toml, local)", &kNetworkForm},
      {"--as", "NAME", "the identity (else DOS_AS, me)", &kAccountForm},
      {"--via", "NODE", "ask this node or URL and no other", &kNodeForm},
      {"--timeout", "TIME",
       "end the command after this long, a last look at what was handed in aside; without it each step is given up after 30s",
       &kDurationForm},
      {"--fresh", "SECONDS", "how current an answer must be shown to be (10)", &kDurationForm},
      {"--stale-ok", "", "accept an answer that is not shown to be current"},
      {"--at", "HEIGHT", "read as it stood at that block", &kHeightForm},
      {"--min-height", "HEIGHT", "wait for a node that has this block", &kHeightForm},
      {"--passphrase-fd", "FD", "read the passphrase from this descriptor", &kDescriptorForm},
      {"--no-input", "", "never ask"},
      {"--yes,-y", "", "do not ask whether to go on"},
      {"--help,-h", "", "what the command does"},
  };
  return flags;
}

const std::vector<Command>& commands() {
  static const std::vector<Command> all = [] {
    std::vector<Command> out;
    for (auto group : {file_commands(), change_commands(), history_commands(), mail_commands(), identity_commands(), credit_commands(),
                       ledger_commands(), call_commands(), proof_commands(), net_commands(), tool_commands(), tour_commands()})
      std::ranges::move(group, std::back_inserter(out));
    return out;
  }();
  return all;
}

const Command* find_command(std::string_view name) {
  for (const auto& c : commands()) {
    if (name == c.name) return &c;
    for (const auto* alias : c.aliases)
      if (name == alias) return &c;
  }
  return nullptr;
}

std::string nearest_command(std::string_view wrong) {
  std::string best;
  if (wrong.size() > 40) return best;
  std::size_t least = std::clamp<std::size_t>(wrong.size() / 3, 1, 2) + 1;  // "foo" is not two thirds of "log"
  for (const auto& c : commands())
    if (const auto d = edit_distance(wrong, c.name); d < least && d < std::string_view(c.name).size()) least = d, best = c.name;
  return best;
}

}  // namespace dos::cli
