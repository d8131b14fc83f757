// dos net up|down|reset|genesis|rm
#include <algorithm>
#include <iterator>

#include "base/command_line.hpp"
#include "cli/host_target.hpp"
#include "cli/net_commands.hpp"

namespace dos::cli {

LocalNet net_of(Run& run, std::string name) {
  LocalNet net(run.places, std::move(name), [&run](const std::string& text) { run.out.warn(text); });
  if (const auto time = run.timeout()) net.give_up_at(std::chrono::steady_clock::now() + *time);
  return net;
}

Result<std::string> wanted_net(Run& run) {
  auto name = run.args.empty() ? run.net_name() : run.arg(0);
  if (!client::valid_network_name(name)) return fail(Errc::usage, "'" + safe(name) + "' is no name of a network");
  return name;
}

namespace {

// check_line let only such values through.
std::uint16_t wanted_port(const Run& run) {
  return std::uint16_t(run.has("port") ? whole_number(run.flag("port"), 0, UINT16_MAX).value_or(0) : 0);
}
crypto::Suite wanted_suite(const Run& run) { return run.flag("suite", "pq") == "classic" ? crypto::Suite::classic : crypto::Suite::pq; }
unsigned wanted_validators(const Run& run) {
  if (!run.has("validators")) return kDefaultValidators;
  return unsigned(whole_number(run.flag("validators"), 1, kMaxLocalValidators).value_or(kDefaultValidators));
}

std::string many(std::size_t n) { return std::to_string(n) + (n == 1 ? " validator" : " validators"); }

// `kept`: the number of validators that the network had before a reset; 0: none.
Status up_named(Run& run, LocalNet& net, const std::string& name, unsigned kept = 0) {
  const auto begun = std::chrono::steady_clock::now();
  NetPlan plan;
  plan.port = wanted_port(run);
  plan.suite = wanted_suite(run);
  plan.validators = wanted_validators(run);
  if (kept != 0 && !run.has("validators")) plan.validators = kept;
  DOS_TRY(net.take_turn());
  bool ran = false;
  if (net.there()) {
    if (run.has("suite")) {
      DOS_ASSIGN(const auto old, client::load_network(run.places, name));
      if (old.genesis.suite != plan.suite)
        return fail(Errc::conflict, "network '" + name + "' exists with the other suite; a chain keeps its suite");
    }
    if (const auto r = net.record()) {
      if (run.has("validators") && r->format == ledger::kFormat && r->nodes.size() != plan.validators)
        return fail(Errc::conflict, "network '" + name + "' has " + many(r->nodes.size()) + ", and keeps them; a new chain with " +
                                        std::to_string(plan.validators) + ": dos net reset --yes --validators " +
                                        std::to_string(plan.validators));
      ran = !r->nodes.empty();
      for (const auto& node : r->nodes) ran = ran && net.alive(node);
    }
  }
  DOS_TRY(net.start(plan));
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
  DOS_ASSIGN(const auto network, client::load_network(run.places, name));
  const auto& r = network.record;
  char time[32];
  std::snprintf(time, sizeof time, "%.2f s", seconds);
  std::string nodes;
  for (const auto& n : r.nodes) nodes += " " + n.name;
  run.out.line("DOS local network \"" + name + "\"  (chain " + r.chain + ")   " + (ran ? "runs already" : std::string("ready in ") + time));
  run.out.line("  " + many(r.nodes.size()) + "  " + nodes.substr(1) + "   block " + std::to_string(net.height()) + " final on " +
               std::to_string(r.nodes.size()) + "/" + std::to_string(r.nodes.size()));
  run.out.line("  web + API     " + r.nodes[0].url + "   (REST /v1, status page /)");
  run.out.line("  identities    me alice bob carol   " + std::to_string(kFirstCredits) +
               " credits each at first; keys for this network only");
  run.out.line("  data          " + net.folder().string());
  run.out.line("Try:  dos put README.md      dos send bob \"hello\"      dos tour      stop: dos net down");
  Json list = Json::array();
  for (const auto& n : r.nodes) list.push_back({{"name", n.name}, {"url", n.url}, {"p2p", n.p2p}});
  run.out.data({{"net", name},
                {"chain", r.chain},
                {"genesis", hex(network.chain.view())},
                {"url", r.nodes[0].url},
                {"nodes", list},
                {"ran", ran},
                {"height", std::to_string(net.height())},
                {"seconds", seconds},
                {"data", net.folder().string()}});
  return {};
}

Status up(Run& run) {
  DOS_ASSIGN(const auto name, wanted_net(run));
  auto net = net_of(run, name);
  return up_named(run, net, name);
}

Status down(Run& run) {
  DOS_ASSIGN(const auto name, wanted_net(run));
  auto net = net_of(run, name);
  DOS_TRY(net.stop());
  run.out.line("network \"" + name + "\" is stopped; its data stays. Start it: dos net up");
  run.out.data({{"net", name}, {"stopped", true}});
  return {};
}

Status reset(Run& run) {
  DOS_ASSIGN(const auto name, wanted_net(run));
  DOS_TRY(run.confirm("reset removes network '" + name + "' with all its files and starts a new chain"));
  auto net = net_of(run, name);  // its time begins when the question is answered
  DOS_TRY(net.take_turn());  // for all of it: nobody starts in between what is being removed
  unsigned kept = 0;
  if (net.there()) {
    if (const auto r = net.record()) kept = unsigned(r->nodes.size());
    DOS_TRY(net.remove());
  }
  return up_named(run, net, name, kept);
}

Status rm(Run& run) {
  DOS_ASSIGN(const auto name, wanted_net(run));
  if (!net_of(run, name).there()) return fail(Errc::net_absent, "'" + name + "'");
  DOS_TRY(run.confirm("rm removes network '" + name + "' with all its files"));
  auto net = net_of(run, name);
  DOS_TRY(net.remove());
  run.out.line("network \"" + name + "\" is gone; its genesis stays known, so that proofs verify");
  run.out.data({{"net", name}, {"removed", true}});
  return {};
}

Status genesis(Run& run) {
  if (!run.has("output")) return fail(Errc::usage, "say where to: dos net genesis -o FILE");
  DOS_ASSIGN(const auto name, wanted_net(run));
  DOS_ASSIGN(const auto network, client::load_network(run.places, name));
  const auto bytes = codec::encode(network.genesis);
  DOS_ASSIGN(auto target, HostTarget::open(run.flag("output"), run.out));
  DOS_TRY(target.write(bytes));
  DOS_TRY(target.keep());
  if (!target.is_stdout())
    run.out.line(run.flag("output") + "   genesis of chain " + network.record.chain + "   " + hex(network.chain.view()));
  run.out.data(
      {{"file", run.flag("output")}, {"bytes", bytes.size()}, {"chain", network.record.chain}, {"genesis", hex(network.chain.view())}});
  return {};
}

}  // namespace

// clang-format off
std::vector<Command> net_life_commands() {
  const std::vector<Argument> name = {{"NAME", false}};
  const Flag port{"--port", "N", "listen from this port on", &kPortForm}, validators{"--validators", "N", "of a new network", &kValidatorsForm};
  return {
      {"net up", "Networks", "Starts the local network; makes it the first time. Again: starts what is missing.", name,
       {port, validators, {"--suite", "NAME", "of a new network: pq (default) or classic", &kSuiteForm}}, {"dos net up", "dos net up --validators 7"}, "", {}, up},
      {"net down", "Networks", "Stops the network; its data stays.", name, {}, {"dos net down"}, "", {}, down},
      {"net reset", "Networks", "Removes the network and starts a new chain.", name,
       {port, {"--validators", "N", "of the new chain (as many as before)", &kValidatorsForm}, {"--suite", "NAME", "of the new chain: pq (default) or classic", &kSuiteForm}}, {"dos net reset --yes"}, "", {}, reset},
      {"net genesis", "Networks", "Writes the genesis: what proofs are verified against.", name, {{"--output,-o", "FILE", "where to"}}, {"dos net genesis -o genesis.dos"}, "", {}, genesis},
      {"net rm", "Networks", "Removes a network with all its files.", name, {}, {"dos net rm old --yes"}, "", {}, rm},
  };
}
// clang-format on

// clang-format off
std::vector<Command> net_commands() {
  std::vector<Command> out;
  for (auto group : {net_life_commands(), net_sight_commands(), net_fault_commands()}) std::ranges::move(group, std::back_inserter(out));
  return out;
}
// clang-format on

}  // namespace dos::cli
