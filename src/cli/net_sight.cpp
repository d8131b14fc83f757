// dos net status|ls|logs|wait: what this machine sees of its networks.
#include <algorithm>
#include <map>
#include <thread>

#include "cli/admin_line.hpp"
#include "cli/net_commands.hpp"
#include "cli/node_claims.hpp"
#include "client/home/private_file.hpp"
#include "client/trust/survey.hpp"

namespace dos::cli {
namespace {

using namespace std::chrono_literals;

// What the node tells its owner, beyond what everybody may ask.
void add_admin(Run& run, Json& node, const client::NodeRecord& record) {
  const auto said = admin_line(record, "status", run.at_most(kAdminTime));
  if (!said) {
    run.out.warn(record.name + ": its admin socket does not tell its state: " +
                 (said.error().detail.empty() ? error_row(said.error().code).title : said.error().detail));
    return;
  }
  for (const auto* key : {"view", "linked", "ready", "why_not", "paused", "cut", "tampering", "blobs_missing"})
    if (const auto it = said->find(key); it != said->end()) node[key] = *it;
}

std::string remarks(const Json& node) {
  std::string out;
  const auto add = [&](const std::string& text) { out += (out.empty() ? "" : ", ") + text; };
  if (const auto it = node.find("linked"); it != node.end() && it->is_array()) {
    std::string names;
    for (const auto& n : *it)
      if (n.is_string()) names += (names.empty() ? "" : " ") + n.get<std::string>();
    add(names.empty() ? "no links" : "links to " + names);
  }
  for (const auto* key : {"paused", "tampering"})
    if (const auto it = node.find(key); it != node.end() && *it == true) add(key);
  if (const auto it = node.find("blobs_missing"); it != node.end() && it->is_number() && *it != 0) add(compact(*it) + " blobs missing");
  return out;
}

Status status(Run& run) {
  DOS_ASSIGN(const auto name, wanted_net(run));
  DOS_ASSIGN(const auto network, client::load_network(run.places, name));
  const auto net = net_of(run, name);
  const auto claims = ask_nodes(network.record.nodes, run.at_most(2 * kClaimTime) / 2);  // half of what is left is the next question's
  const auto survey = client::survey(network, run.at_most(2 * client::kSurveyTime) / 2);
  Json nodes = Json::array();
  for (std::size_t i = 0; i < network.record.nodes.size(); ++i) {
    const auto& n = network.record.nodes[i];
    const auto& seen = survey.nodes[i];
    const bool runs = net.alive(n), alive = runs && claims[i].answers;
    Json j = {{"name", n.name},
              {"url", n.url},
              {"p2p", n.p2p},
              {"alive", alive},
              {"height", proved_height(seen)},
              {"verified", seen.verified},
              {"version", claims[i].version}};
    if (runs) add_admin(run, j, n);
    run.out.row({n.name,
                 j.value("paused", false) ? "paused"
                 : alive && seen.verified ? "alive"
                 : alive                  ? seen.why
                 : runs                   ? "does not answer"
                                          : "down",
                 seen.verified ? "#" + j["height"].get<std::string>() : "-", n.url, claims[i].version, remarks(j)});
    if (!runs) {
      DOS_ASSIGN(const auto lines, net.last_lines(n.name, 20));
      run.out.warn(n.name + " is down; its last lines:\n" + lines);
    }
    nodes.push_back(std::move(j));
  }
  run.out.line("quorum: " + std::to_string(survey.have) + " of " + std::to_string(survey.of) + " validators sign, " +
               std::to_string(survey.need) + " are needed");
  run.out.data({{"net", name},
                {"chain", network.record.chain},
                {"genesis", hex(network.chain.view())},
                {"format", network.record.format},
                {"nodes", nodes},
                {"quorum", {{"have", survey.have}, {"need", survey.need}, {"of", survey.of}}}});
  return {};
}

Status ls(Run& run) {
  Json items = Json::array();
  std::error_code e;
  std::vector<std::string> names;
  const std::filesystem::directory_iterator nets(run.places.nets(), e);
  if (e && e != std::errc::no_such_file_or_directory) return fail(Errc::host_io, run.places.nets().string() + ": " + e.message());
  for (const auto& entry : nets)
    if (std::filesystem::exists(entry.path() / "net.json", e)) names.push_back(entry.path().filename().string());
  std::ranges::sort(names);
  for (const auto& name : names) {
    const auto net = net_of(run, name);
    const auto r = net.record();
    std::size_t alive = 0;
    Json nodes = Json::array();
    if (r)
      for (const auto& n : r->nodes) {
        const bool runs = net.alive(n);
        alive += runs;
        nodes.push_back({{"name", n.name}, {"url", n.url}, {"alive", runs}});
      }
    else run.out.warn("network " + name + ": its record could not be read: " + r.error().detail);
    const auto of = r ? r->nodes.size() : 0;
    items.push_back({{"name", name},
                     {"chain", r ? r->chain : ""},
                     {"format", r ? r->format : ""},
                     {"alive", alive},
                     {"nodes", of},
                     {"url", of != 0 ? r->nodes[0].url : ""},
                     {"validators", nodes}});
    run.out.row({name, r ? r->chain : "?", std::to_string(alive) + "/" + std::to_string(of) + " alive", of != 0 ? r->nodes[0].url : "",
                 net.folder().string()});
  }
  if (items.empty()) run.out.line("no networks; start one: dos net up");
  run.out.data({{"items", items}, {"complete", true}});
  return {};
}

std::vector<std::string> split_lines(std::string_view text) {
  std::vector<std::string> out;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find('\n', at), text.size());
    out.emplace_back(text.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

// Log lines begin with their time; what does not is of no known time and stays last.
std::string time_of(const std::string& line) {
  constexpr std::string_view kHead = R"({"time":")";
  return line.starts_with(kHead) ? line.substr(kHead.size(), 24) : std::string("~");
}

Status follow(Run& run, const LocalNet& net, const std::vector<std::string>& nodes, std::vector<std::uintmax_t> seen) {
  std::vector<std::string> rest(nodes.size());  // a line that is not whole yet
  for (;;) {
    std::this_thread::sleep_for(200ms);
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      const auto file = net.node_folder(nodes[i]) / "log";
      std::error_code e;
      const auto size = std::filesystem::file_size(file, e);
      if (e || size == seen[i]) continue;
      if (size < seen[i]) seen[i] = 0, rest[i].clear();  // a new file after 10 MiB
      DOS_ASSIGN(const auto text, client::read_regular(file, 64u << 20));
      rest[i] += as_text(BytesView(text).subspan(std::min<std::size_t>(seen[i], text.size())));
      seen[i] = text.size();
      for (auto end = rest[i].find('\n'); end != std::string::npos; end = rest[i].find('\n')) {
        const auto line = rest[i].substr(0, end);
        rest[i].erase(0, end + 1);
        if (!run.out.stream({{"node", nodes[i]}, {"line", line}}, line)) return {};
      }
    }
  }
}

Status logs(Run& run) {
  const auto net = net_of(run, run.net_name());
  DOS_ASSIGN(const auto r, net.record());
  std::vector<std::string> nodes;
  for (const auto& n : r.nodes)
    if (run.args.empty() || n.name == run.arg(0)) nodes.push_back(n.name);
  if (nodes.empty()) return fail(Errc::not_found, "network '" + r.name + "' has no node '" + safe(run.arg(0)) + "'");
  // A line and whose, by time where there are several nodes; lines of one time stay in their order.
  std::multimap<std::string, std::pair<std::string, std::string>> lines;
  std::vector<std::uintmax_t> seen;
  for (const auto& node : nodes) {
    std::error_code e;
    const auto size = std::filesystem::file_size(net.node_folder(node) / "log", e);
    seen.push_back(e ? 0 : size);
    DOS_ASSIGN(const auto text, net.last_lines(node, nodes.size() == 1 ? 200 : 50));
    for (auto& line : split_lines(text)) {
      auto time = nodes.size() > 1 ? time_of(line) : std::string();
      lines.emplace(std::move(time), std::pair(std::move(line), node));
    }
  }
  if (run.has("follow")) {
    for (const auto& [time, of] : lines)
      if (!run.out.stream({{"node", of.second}, {"line", of.first}}, of.first)) return {};
    return follow(run, net, nodes, std::move(seen));
  }
  Json items = Json::array();
  for (const auto& [time, of] : lines) {
    run.out.line(of.first);
    items.push_back(of.first);
  }
  run.out.data({{"node", nodes.size() == 1 ? Json(nodes[0]) : Json(nullptr)}, {"nodes", nodes}, {"items", items}});
  return {};
}

// Until a final block of that height is shown to be current, by the node that --via names or by any.
Status wait(Run& run) {
  const std::uint64_t height = run.has("height") ? parse_height(run.flag("height")).value_or(Height(1)).value : 1;
  DOS_ASSIGN(auto* session, run.session());
  const auto begun = std::chrono::steady_clock::now(), give_up = begun + session->options().timeout;
  std::optional<Error> last;
  std::uint64_t seen = 0;
  do {
    if (const auto block = session->newest(); block) {
      seen = block->header.height.value;
      last.reset();
      if (seen >= height) {
        const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
        run.out.line("block " + std::to_string(seen) + " is final and current");
        run.out.data({{"net", session->network().record.name}, {"height", std::to_string(seen)}, {"seconds", seconds}});
        run.proved(*block);
        return {};
      }
    } else {
      last = block.error();
      if (error_row(last->code).exit_code != error_row(Errc::timed_out).exit_code) return std::unexpected(*last);
    }
    std::this_thread::sleep_for(20ms);
  } while (std::chrono::steady_clock::now() < give_up);
  auto why = "no block " + std::to_string(height) + " within " + std::to_string(session->options().timeout.count()) + " ms";
  if (seen != 0)
    why += "; the newest is block " + std::to_string(seen) +
           (height > seen ? ", and blocks are made when there is something to put into them" : "");
  if (last) why += "; " + last->detail;
  return fail(Errc::timed_out, why);
}

}  // namespace

// clang-format off
std::vector<Command> net_sight_commands() {
  const std::vector<Argument> name = {{"NAME", false}};
  return {
      {"net status", "Networks", "Shows the nodes of the network, as this machine sees them.", name, {}, {"dos net status"}, "", {}, status},
      {"net ls", "Networks", "Lists the networks of this machine.", {}, {}, {"dos net ls"}, "", {}, ls},
      {"net logs", "Networks", "Shows the last log lines, of one node or of all.", {{"NODE", false}}, {{"--follow,-f", "", "go on as lines come"}},
       {"dos net logs", "dos net logs v1 --follow"}, "", {}, logs},
      {"net wait", "Networks", "Waits until a block is final and current.", {}, {{"--height", "H", "that block (1)", &kHeightForm}}, {"dos net wait --height 5 --timeout 30s"}, "", {}, wait},
  };
}
// clang-format on

}  // namespace dos::cli
