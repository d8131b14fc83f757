// dos net start|kill|pause|resume|cut|heal|tamper: faults on purpose, on local networks only.
#include <algorithm>
#include <sstream>

#include "cli/admin_line.hpp"
#include "cli/local_net.hpp"
#include "cli/net_commands.hpp"
#include "cli/run.hpp"

namespace dos::cli {
namespace {

struct Local {
  LocalNet net;
  client::NetworkRecord record;
};

Result<Local> local_net(Run& run) {
  const auto name = run.net_name();
  DOS_ASSIGN(const auto network, client::load_network(run.places, name));
  if (network.genesis.kind != ledger::NetworkKind::local)
    return fail(Errc::usage, "network '" + name + "' is not local; faults are made on local networks only");
  return Local{net_of(run, name), network.record};
}

Result<const client::NodeRecord*> named(const Local& local, const std::string& node) {
  DOS_ASSIGN(const auto i, node_index(local.record, node));
  return &local.record.nodes[i];
}

// "v1,v2": names of nodes, each once.
Result<std::vector<std::string>> group(const Local& local, const std::string& text) {
  std::vector<std::string> out;
  std::stringstream words(text);
  for (std::string word; std::getline(words, word, ',');) {
    DOS_TRY(node_index(local.record, word));
    if (std::ranges::find(out, word) == out.end()) out.push_back(word);
  }
  if (out.empty()) return fail(Errc::usage, "'" + safe(text) + "' names no node; groups look like v1,v2");
  return out;
}

std::string joined(const std::vector<std::string>& names) {
  std::string out;
  for (const auto& n : names) out += (out.empty() ? "" : ",") + n;
  return out;
}

Status start(Run& run) {
  DOS_ASSIGN(auto local, local_net(run));
  DOS_ASSIGN(const auto* node, named(local, run.arg(0)));
  const auto begun = std::chrono::steady_clock::now();
  DOS_ASSIGN(const bool started, local.net.start_node(node->name));
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
  const auto height = std::to_string(local.net.height());
  char time[32];
  std::snprintf(time, sizeof time, "%.2f s", seconds);
  run.out.line(node->name + (started ? " is back and has caught up: block " + height + ", the content of all live files   in " + time
                                     : " runs already, at block " + height));
  run.out.data({{"node", node->name}, {"started", started}, {"height", height}, {"seconds", seconds}});
  return {};
}

Status kill(Run& run) {
  DOS_ASSIGN(auto local, local_net(run));
  DOS_ASSIGN(const auto* node, named(local, run.arg(0)));
  DOS_ASSIGN(const bool killed, local.net.kill_node(node->name));
  run.out.line(node->name +
               (killed ? " is killed (SIGKILL); nothing restarts it. Start it: dos net start " + node->name : " was down already"));
  run.out.data({{"node", node->name}, {"killed", killed}});
  return {};
}

// A line for one node's admin socket.
Status tell(Run& run, const char* line, const std::string& done) {
  DOS_ASSIGN(const auto local, local_net(run));
  DOS_ASSIGN(const auto* node, named(local, run.arg(0)));
  DOS_ASSIGN(const auto said, admin_line(*node, line, run.at_most(kAdminTime)));
  run.out.line(node->name + " " + done);
  run.out.data({{"node", node->name}, {"did", line}});
  return {};
}

Status pause(Run& run) { return tell(run, "pause", "is paused: it neither votes nor answers. Go on: dos net resume " + run.arg(0)); }
Status resume(Run& run) { return tell(run, "resume", "goes on"); }
Status tamper(Run& run) {
  return tell(run, "tamper", "now changes a byte of every content and proof that it serves; readers end with 8. End it: dos net heal");
}

Status cut(Run& run) {
  DOS_ASSIGN(const auto local, local_net(run));
  DOS_ASSIGN(const auto a, group(local, run.arg(0)));
  DOS_ASSIGN(const auto b, group(local, run.arg(1)));
  for (const auto& name : a)
    if (std::ranges::find(b, name) != b.end()) return fail(Errc::usage, name + " cannot be cut from itself");
  // Both sides drop the links, so that neither dials the other again. A node that is down is told by nobody: it has no links.
  std::size_t told = 0;
  for (const auto& [side, other] : {std::pair(&a, &b), std::pair(&b, &a)})
    for (const auto& name : *side) {
      DOS_ASSIGN(const auto* node, named(local, name));
      if (!local.net.alive(*node)) {
        run.out.warn(name + " is down");
        continue;
      }
      for (const auto& away : *other) DOS_TRY(admin_line(*node, "cut " + away, run.at_most(kAdminTime)));
      ++told;
    }
  if (told == 0) return fail(Errc::unreachable, "none of these nodes runs");
  run.out.line("no links between " + joined(a) + " and " + joined(b) + ". End it: dos net heal");
  run.out.data({{"a", a}, {"b", b}});
  return {};
}

Status heal(Run& run) {
  DOS_ASSIGN(const auto local, local_net(run));
  Json healed = Json::array();
  std::optional<Error> failed;
  for (const auto& node : local.record.nodes) {
    if (!local.net.alive(node)) continue;
    if (const auto said = admin_line(node, "heal", run.at_most(kAdminTime)); said) healed.push_back(node.name);
    else if (!failed) failed = said.error();
  }
  if (failed) return std::unexpected(*failed);
  run.out.line("cuts, pauses and tampering are ended on " + std::to_string(healed.size()) + " of " +
               std::to_string(local.record.nodes.size()) + " nodes");
  run.out.data({{"nodes", healed}});
  return {};
}

}  // namespace

// clang-format off
std::vector<Command> net_fault_commands() {
  const std::vector<Argument> node = {{"NODE"}};
  return {
      {"net start", "Networks", "Starts one node; returns once it has caught up and holds the content of live files.", node, {}, {"dos net start v3"}, "", {}, start},
      {"net kill", "Networks", "Kills a node (SIGKILL). Nothing restarts it.", node, {}, {"dos net kill v3"}, "", {}, kill},
      {"net pause", "Networks", "Makes a node stand still: no votes, no answers.", node, {}, {"dos net pause v2"}, "", {}, pause},
      {"net resume", "Networks", "Lets a paused node go on.", node, {}, {"dos net resume v2"}, "", {}, resume},
      {"net cut", "Networks", "Cuts the links between two groups of nodes.", {{"GROUP"}, {"GROUP"}}, {}, {"dos net cut v1 v2", "dos net cut v1,v2 v3,v4"}, "", {}, cut},
      {"net heal", "Networks", "Ends cuts, pauses and tampering.", {}, {}, {"dos net heal"}, "", {}, heal},
      {"net tamper", "Networks", "Makes a node's API change a byte of every content and proof.", node, {}, {"dos net tamper v2"}, "", {}, tamper},
  };
}
// clang-format on

}  // namespace dos::cli
