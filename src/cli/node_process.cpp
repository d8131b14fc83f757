// Processes of local nodes: locks, starting, stopping.
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <thread>

#include "cli/local_net.hpp"
#include "client/home/private_file.hpp"

namespace dos::cli {
namespace {

using namespace std::chrono_literals;

constexpr auto kProcessEnds = 3s;
constexpr auto kStopTime = 20s;  // of a node, before it is killed

std::string tail(std::string_view text, std::size_t lines) {
  auto at = text.size();
  while (at > 0 && lines > 0) {
    const auto line = text.rfind('\n', at >= 2 ? at - 2 : std::string_view::npos);
    if (at < 2 || line == std::string_view::npos) return std::string(text);
    at = line + 1;
    --lines;
  }
  return std::string(text.substr(at));
}

}  // namespace

Status LocalNet::settle_ports(client::NetworkRecord& record, const std::vector<std::size_t>& which, std::uint16_t port) {
  std::vector<std::size_t> moved;
  for (const auto i : which) {
    const auto& node = record.nodes[i];
    if (alive(node)) continue;
    DOS_ASSIGN(const auto url, client::parse_url(node.url));
    DOS_ASSIGN(const auto p2p, client::parse_url("http://" + node.p2p));
    if (!port_is_free(url.port) || !port_is_free(p2p.port)) moved.push_back(i);
  }
  if (moved.empty()) return {};
  DOS_ASSIGN(auto run, PortRun::take(places_, port, unsigned(2 * moved.size())));
  const auto first = run.first();
  held_.push_back(std::move(run));
  for (std::size_t k = 0; k < moved.size(); ++k) {
    auto& node = record.nodes[moved[k]];
    const auto api = std::to_string(first + k), between = std::to_string(first + moved.size() + k);
    talk_("a port of " + node.name + " is taken: it listens on " + api + " and " + between);
    node.url = "http://127.0.0.1:" + api;
    node.p2p = "127.0.0.1:" + between;
  }
  return {};
}

Result<std::string> LocalNet::last_lines(const std::string& node, std::size_t lines) const {
  std::string out;
  for (const auto* name : {"log", "out"}) {
    const auto text = client::read_regular(node_folder(node) / name, 64u << 20);
    if (text) out += tail(as_text(*text), lines);
    else if (text.error().code != Errc::no_host_file) return std::unexpected(text.error());
  }
  return out;
}

Result<std::int64_t> LocalNet::spawn(const Binaries& binaries, const client::NetworkRecord& record, const client::NodeRecord& node) const {
  const auto data = node_folder(node.name);
  DOS_TRY(client::make_private_folder(data));
  DOS_TRY(client::make_run_folder(places_));
  DOS_ASSIGN(const auto url, client::parse_url(node.url));
  std::vector<std::string> words = {"dosd",      "run",
                                    "--data",    data,
                                    "--genesis", folder() / client::kGenesisFile,
                                    "--keys",    data / "keys",
                                    "--listen",  url.host + ":" + std::to_string(url.port),
                                    "--modules", binaries.modules,
                                    "--run",     places_.run};
  if (record.nodes.size() > 1) {
    // Where the others are now: genesis says where they were when the network was made.
    words.insert(words.end(), {"--p2p-listen", node.p2p});
    for (const auto& other : record.nodes)
      if (other.name != node.name) words.insert(words.end(), {"--peer", other.name + "=" + other.p2p});
  }
  std::vector<char*> argv;
  for (const auto& w : words) argv.push_back(const_cast<char*>(w.c_str()));
  argv.push_back(nullptr);
  DOS_ASSIGN(const auto lock, HandedLock::take(data));
  if (!lock) return std::int64_t(0);
  const int out = ::open((data / "out").c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
  const int in = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (out < 0 || in < 0) return fail(Errc::host_io, "cannot write in " + data.string() + ": " + std::strerror(errno));
  const pid_t pid = ::fork();
  if (pid == 0) {
    // Only calls that are safe between fork and exec.
    ::setsid();
    ::dup2(in, STDIN_FILENO);
    ::dup2(out, STDOUT_FILENO);
    ::dup2(out, STDERR_FILENO);
    lock->hand_over();  // and nothing else of ours stays open in a node: pipes of callers above all
    ::signal(SIGPIPE, SIG_DFL);
    ::execv(binaries.dosd.c_str(), argv.data());
    ::_exit(127);
  }
  ::close(out);
  ::close(in);
  if (pid < 0) return fail(Errc::host_io, std::string("cannot start dosd: ") + std::strerror(errno));
  return std::int64_t(pid);
}

bool LocalNet::gone(const client::NodeRecord& node, const NodeProcess& process, std::chrono::milliseconds time) const {
  const auto until = std::chrono::steady_clock::now() + time;
  while (look_held(node_folder(node.name)).value_or(true)) {
    ::waitpid(pid_t(process.pid()), nullptr, WNOHANG);  // if it is our child, it is reaped
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::sleep_for(5ms);
  }
  // The lock decides. The process ends a moment later, and whoever looks for it after this command should not find it.
  const auto ended = std::chrono::steady_clock::now() + kProcessEnds;
  while (is_node(process.pid(), node_folder(node.name)) && std::chrono::steady_clock::now() < ended) {
    ::waitpid(pid_t(process.pid()), nullptr, WNOHANG);
    std::this_thread::sleep_for(2ms);
  }
  return true;
}

Status LocalNet::stop_nodes(const std::vector<client::NodeRecord>& nodes) const {
  std::vector<std::pair<const client::NodeRecord*, NodeProcess>> asked;
  Status all;
  for (const auto& node : nodes) {
    auto process = holder_of(node_folder(node.name), node.pid, at_most(kSaysWhoItIs));
    if (!process) all = std::unexpected(process.error());  // the others are stopped all the same
    if (!process || !*process) continue;
    (*process)->signal(SIGTERM);
    asked.emplace_back(&node, std::move(**process));
  }
  for (const auto& [node, process] : asked) {
    if (gone(*node, process, time_for(kStopTime))) continue;
    process.signal(SIGKILL);  // what is final is safe: a kill is a crash, and a crash is a case the store has
    if (!gone(*node, process, 5s)) return fail(Errc::data_locked, node->name + " does not stop");
  }
  return all;
}

Result<bool> LocalNet::kill_node(const std::string& name) {
  DOS_TRY(take_turn());
  DOS_ASSIGN(const auto r, record());
  DOS_ASSIGN(const auto i, node_index(r, name));
  DOS_ASSIGN(const auto process, holder_of(node_folder(name), r.nodes[i].pid, at_most(kSaysWhoItIs)));
  if (!process) return false;
  process->signal(SIGKILL);
  if (!gone(r.nodes[i], *process, 5s)) return fail(Errc::data_locked, name + " does not end");
  return true;
}

Result<std::size_t> node_index(const client::NetworkRecord& record, const std::string& node) {
  for (std::size_t i = 0; i < record.nodes.size(); ++i)
    if (record.nodes[i].name == node) return i;
  return fail(Errc::not_found, "network '" + record.name + "' has no node '" + node.substr(0, 64) + "'");
}

}  // namespace dos::cli
