// dos net up|down|status|logs|reset|genesis|ls|rm
#include <unistd.h>

#include <thread>

#include "cli/local_net.hpp"
#include "cli/node_claims.hpp"
#include "cli/run.hpp"
#include "client/private_file.hpp"

namespace dos::cli {
namespace {

LocalNet net_of(Run& run, std::string name) {
  return LocalNet(run.places, std::move(name), [&run](const std::string& text) { run.out.warn(text); });
}

Result<std::string> wanted(Run& run) {
  auto name = run.arg(0).empty() ? run.net_name() : run.arg(0);
  if (!client::valid_network_name(name)) return fail(Errc::usage, "'" + safe(name) + "' is no name of a network");
  return name;
}

Result<std::uint16_t> wanted_port(Run& run) {
  if (!run.has("port")) return std::uint16_t(0);
  const auto port = std::atoi(run.flag("port").c_str());
  if (port < 1024 || port > 65533) return fail(Errc::usage, "--port takes a number from 1024 to 65533");
  return std::uint16_t(port);
}

Result<crypto::Suite> wanted_suite(Run& run) {
  const auto text = run.flag("suite", "pq");
  if (text == "pq") return crypto::Suite::pq;
  if (text == "classic") return crypto::Suite::classic;
  return fail(Errc::usage, "--suite takes pq or classic, not '" + safe(text) + "'");
}

Status up_named(Run& run, const std::string& name) {
  const auto begun = std::chrono::steady_clock::now();
  DOS_ASSIGN(const auto port, wanted_port(run));
  DOS_ASSIGN(const auto suite, wanted_suite(run));
  auto net = net_of(run, name);
  bool ran = false;
  if (net.there()) {
    if (run.has("suite")) {
      DOS_ASSIGN(const auto old, client::load_network(run.places, name));
      if (old.genesis.suite != suite) return fail(Errc::conflict, "network '" + name + "' exists with the other suite; a chain keeps its suite");
    }
    if (const auto r = net.record()) {
      ran = !r->nodes.empty();
      for (const auto& node : r->nodes) ran = ran && net.alive(node);
    }
  }
  DOS_TRY(net.start(port, suite));
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
  DOS_ASSIGN(const auto network, client::load_network(run.places, name));
  const auto& r = network.record;
  char time[32];
  std::snprintf(time, sizeof time, "%.2f s", seconds);
  std::string nodes;
  for (const auto& n : r.nodes) nodes += " " + n.name;
  run.out.line("DOS local network \"" + name + "\"  (chain " + r.chain + ")   " + (ran ? "runs already" : std::string("ready in ") + time));
  run.out.line("  validators    " + nodes.substr(1) + "   block " + std::to_string(net.height()) + " final on " + std::to_string(r.nodes.size()) + "/" + std::to_string(r.nodes.size()));
  run.out.line("  web + API     " + r.nodes[0].url + "   (REST /v1, status page /)");
  run.out.line("  identities    me alice bob carol   " + std::to_string(kFirstCredits) + " credits each at first; keys for this network only");
  run.out.line("  data          " + net.folder().string());
  run.out.line("Try:  dos put README.md      dos send bob \"hello\"      dos tour      stop: dos net down");
  Json list = Json::array();
  for (const auto& n : r.nodes) list.push_back({{"name", n.name}, {"url", n.url}});
  run.out.data({{"net", name}, {"chain", r.chain}, {"genesis", hex(network.chain.view())}, {"url", r.nodes[0].url}, {"nodes", list}, {"ran", ran},
                {"seconds", seconds}, {"data", net.folder().string()}});
  return {};
}

Status up(Run& run) {
  DOS_ASSIGN(const auto name, wanted(run));
  return up_named(run, name);
}

Status down(Run& run) {
  DOS_ASSIGN(const auto name, wanted(run));
  auto net = net_of(run, name);
  DOS_TRY(net.stop());
  run.out.line("network \"" + name + "\" is stopped; its data stays. Start it: dos net up");
  run.out.data({{"net", name}, {"stopped", true}});
  return {};
}

Status status(Run& run) {
  DOS_ASSIGN(const auto name, wanted(run));
  DOS_ASSIGN(const auto network, client::load_network(run.places, name));
  auto net = net_of(run, name);
  Json nodes = Json::array();
  for (const auto& n : network.record.nodes) {
    const bool alive = net.alive(n);
    const auto claim = alive ? ask_node(n.url) : NodeClaim{};
    nodes.push_back({{"name", n.name}, {"url", n.url}, {"p2p", n.p2p}, {"alive", alive && claim.answers}, {"height", claim.height}, {"version", claim.version}});
    run.out.row({n.name, alive ? claim.answers ? "alive" : "does not answer" : "down", "#" + claim.height, n.url, claim.version});
    if (!alive) {
      DOS_ASSIGN(const auto lines, net.last_lines(n.name, 20));
      run.out.warn(n.name + " is down; its last lines:\n" + safe(lines));
    }
  }
  run.out.data({{"net", name}, {"chain", network.record.chain}, {"genesis", hex(network.chain.view())}, {"format", network.record.format}, {"nodes", nodes}});
  return {};
}

Status logs(Run& run) {
  auto net = net_of(run, run.net_name());
  DOS_ASSIGN(const auto r, net.record());
  std::string node = run.arg(0).empty() ? r.nodes.at(0).name : run.arg(0);
  bool known = false;
  for (const auto& n : r.nodes) known = known || n.name == node;
  if (!known) return fail(Errc::not_found, "network '" + r.name + "' has no node '" + safe(node) + "'");
  DOS_ASSIGN(const auto lines, net.last_lines(node, 200));
  run.out.line(lines);
  Json items = Json::array();
  for (std::size_t at = 0; at < lines.size();) {
    const auto end = std::min(lines.find('\n', at), lines.size());
    items.push_back(lines.substr(at, end - at));
    at = end + 1;
  }
  run.out.data({{"node", node}, {"items", items}});
  if (!run.has("follow") || run.out.json()) return {};
  const auto file = net.node_folder(node) / "log";
  std::error_code e;
  auto seen = std::filesystem::file_size(file, e);
  for (;;) {
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    const auto size = std::filesystem::file_size(file, e);
    if (e || size == seen) continue;
    if (size < seen) seen = 0;  // a new file after 10 MiB
    DOS_ASSIGN(const auto text, client::read_bounded(file, 64u << 20));
    if (!run.out.bytes(BytesView(text).subspan(std::min<std::size_t>(seen, text.size())))) return {};
    seen = text.size();
  }
}

Status reset(Run& run) {
  DOS_ASSIGN(const auto name, wanted(run));
  auto net = net_of(run, name);
  if (!run.has("yes")) return fail(Errc::needs_confirmation, "reset removes network '" + name + "' with all its files and starts a new chain");
  if (net.there()) DOS_TRY(net.remove());
  return up_named(run, name);
}

Status rm(Run& run) {
  DOS_ASSIGN(const auto name, wanted(run));
  auto net = net_of(run, name);
  if (!net.there()) return fail(Errc::net_absent, "'" + name + "'");
  if (!run.has("yes")) return fail(Errc::needs_confirmation, "rm removes network '" + name + "' with all its files");
  DOS_TRY(net.remove());
  run.out.line("network \"" + name + "\" is gone; its genesis stays known, so that proofs verify");
  run.out.data({{"net", name}, {"removed", true}});
  return {};
}

Status genesis(Run& run) {
  if (!run.has("output")) return fail(Errc::usage, "say where to: dos net genesis -o FILE");
  DOS_ASSIGN(const auto name, wanted(run));
  DOS_ASSIGN(const auto network, client::load_network(run.places, name));
  const auto bytes = codec::encode(network.genesis);
  DOS_TRY(client::write_private(run.flag("output"), bytes));
  run.out.line(run.flag("output") + "   genesis of chain " + network.record.chain + "   " + hex(network.chain.view()));
  run.out.data({{"file", run.flag("output")}, {"bytes", bytes.size()}, {"chain", network.record.chain}, {"genesis", hex(network.chain.view())}});
  return {};
}

Status ls(Run& run) {
  Json items = Json::array();
  std::error_code e;
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(run.places.nets(), e))
    if (std::filesystem::exists(entry.path() / "net.json", e)) names.push_back(entry.path().filename().string());
  std::ranges::sort(names);
  for (const auto& name : names) {
    auto net = net_of(run, name);
    const auto r = net.record();
    std::size_t alive = 0;
    if (r)
      for (const auto& n : r->nodes) alive += net.alive(n);
    const auto of = r ? r->nodes.size() : 0;
    items.push_back({{"name", name}, {"chain", r ? r->chain : ""}, {"format", r ? r->format : ""}, {"alive", alive}, {"nodes", of}, {"url", of != 0 ? r->nodes[0].url : ""}});
    run.out.row({name, r ? r->chain : "?", std::to_string(alive) + "/" + std::to_string(of) + " alive", of != 0 ? r->nodes[0].url : "", net.folder().string()});
  }
  if (items.empty()) run.out.line("no networks; start one: dos net up");
  run.out.data({{"items", items}, {"complete", true}});
  return {};
}

}  // namespace

std::vector<Command> net_commands() {
  const std::vector<Argument> name = {{"NAME", false}};
  return {
      {"net up", "Networks", "Starts the local network; makes it the first time. Again: starts what is missing.", name,
       {{"--port", "N", "listen from this port on"}, {"--suite", "NAME", "of a new network: pq (default) or classic"}}, {"dos net up"}, "", {}, up},
      {"net down", "Networks", "Stops the network; its data stays.", name, {}, {"dos net down"}, "", {}, down},
      {"net status", "Networks", "Shows the nodes of the network, as this machine sees them.", name, {}, {"dos net status"}, "", {}, status},
      {"net logs", "Networks", "Shows a node's last log lines.", {{"NODE", false}}, {{"--follow,-f", "", "go on as lines come"}}, {"dos net logs", "dos net logs v1 --follow"}, "", {}, logs},
      {"net reset", "Networks", "Removes the network and starts a new chain.", name, {{"--port", "N", "listen from this port on"}, {"--suite", "NAME", "of the new chain: pq (default) or classic"}}, {"dos net reset --yes"}, "", {}, reset},
      {"net genesis", "Networks", "Writes the genesis: what proofs are verified against.", name, {{"--output,-o", "FILE", "where to"}}, {"dos net genesis -o genesis.dos"}, "", {}, genesis},
      {"net ls", "Networks", "Lists the networks of this machine.", {}, {}, {"dos net ls"}, "", {}, ls},
      {"net rm", "Networks", "Removes a network with all its files.", name, {}, {"dos net rm old --yes"}, "", {}, rm},
  };
}

}  // namespace dos::cli
