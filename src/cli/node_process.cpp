// Processes of local nodes: ports, locks, starting, stopping.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <thread>

#include "cli/local_net.hpp"
#include "cli/output.hpp"
#include "client/anchor.hpp"
#include "client/private_file.hpp"
#include "ledger/wire.hpp"

namespace dos::cli {
namespace {

using namespace std::chrono_literals;

bool is_our_dosd(std::int64_t pid, const std::filesystem::path& data) {
  const auto proc = std::filesystem::path("/proc") / std::to_string(pid);
  const auto line = client::read_bounded(proc / "cmdline", 1 << 20);
  return line && as_text(*line).find(data.string()) != std::string_view::npos && as_text(*line).find("dosd") != std::string_view::npos;
}

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

bool port_is_free(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return false;
  const int on = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);  // a port in TIME_WAIT is free
  sockaddr_in a{};
  a.sin_family = AF_INET;
  a.sin_port = htons(port);
  a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool free = ::bind(fd, reinterpret_cast<sockaddr*>(&a), sizeof a) == 0 && ::listen(fd, 1) == 0;
  ::close(fd);
  return free;
}

Result<std::uint16_t> free_ports(std::uint16_t wanted) {
  const std::uint16_t first = wanted != 0 ? wanted : kFirstPort, last = wanted != 0 ? wanted : kLastPort;
  for (unsigned p = first; p <= last; p += 10)
    if (port_is_free(std::uint16_t(p)) && port_is_free(std::uint16_t(p + 1))) return std::uint16_t(p);
  return fail(Errc::no_port, wanted != 0 ? "port " + std::to_string(wanted) + " or the next is taken" : "");
}

bool says_port_taken(std::string_view out) {
  const auto line = "dosd: " + error_code(Errc::no_port) + ":";
  return out.starts_with(line) || out.find("\n" + line) != std::string_view::npos;
}

bool LocalNet::alive(const client::NodeRecord& node) const {
  const int fd = ::open((node_folder(node.name) / "lock").c_str(), O_RDWR | O_CLOEXEC);
  if (fd < 0) return false;
  const bool held = ::flock(fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
  ::close(fd);
  return held;
}

Result<std::string> LocalNet::last_lines(const std::string& node, std::size_t lines) const {
  std::string out;
  for (const auto* name : {"log", "out"}) {
    const auto text = client::read_bounded(node_folder(node) / name, 64u << 20);
    if (text) out += tail(as_text(*text), lines);
    else if (text.error().code != Errc::no_host_file) return std::unexpected(text.error());
  }
  return out;
}

Result<std::int64_t> LocalNet::spawn(const Binaries& binaries, const client::NodeRecord& node) {
  const auto data = node_folder(node.name);
  DOS_TRY(client::make_private_folder(data));
  const auto url = client::parse_url(node.url);
  if (!url) return std::unexpected(url.error());
  const std::string listen = url->host + ":" + std::to_string(url->port);
  const std::vector<std::string> words = {"dosd", "run", "--data", data, "--genesis", folder() / client::kGenesisFile, "--keys", data / "keys",
                                          "--listen", listen, "--modules", binaries.modules};
  std::vector<char*> argv;
  for (const auto& w : words) argv.push_back(const_cast<char*>(w.c_str()));
  argv.push_back(nullptr);
  const int out = ::open((data / "out").c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  const int in = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (out < 0 || in < 0) return fail(Errc::host_io, "cannot write in " + data.string() + ": " + std::strerror(errno));
  const pid_t pid = ::fork();
  if (pid == 0) {
    // Only calls that are safe between fork and exec.
    ::setsid();
    ::dup2(in, STDIN_FILENO);
    ::dup2(out, STDOUT_FILENO);
    ::dup2(out, STDERR_FILENO);
    for (int fd = 3; fd < 256; ++fd) ::close(fd);  // nothing of ours stays open in a node: pipes of callers above all
    ::signal(SIGPIPE, SIG_DFL);
    ::execv(binaries.dosd.c_str(), argv.data());
    ::_exit(127);
  }
  ::close(out);
  ::close(in);
  if (pid < 0) return fail(Errc::host_io, std::string("cannot start dosd: ") + std::strerror(errno));
  return std::int64_t(pid);
}

Result<bool> LocalNet::wait_final(const client::NodeRecord& node, std::int64_t pid) {
  DOS_ASSIGN(const auto network, client::load_network(places_, name_));
  const auto root = client::root_of(network.genesis, network.chain);
  DOS_ASSIGN(auto url, client::parse_url(node.url));
  std::optional<Error> last;
  const auto give_up = std::chrono::steady_clock::now() + 60s;
  while (std::chrono::steady_clock::now() < give_up) {
    int status = 0;
    if (pid == 0 && !alive(node)) return false;
    if (pid > 0 && ::waitpid(pid_t(pid), &status, WNOHANG) == pid_t(pid)) {
      // Between our look at the port and its bind, another program may have taken it: the caller chooses again.
      if (const auto out = client::read_bounded(node_folder(node.name) / "out", 1 << 20); out && says_port_taken(as_text(*out)))
        return fail(Errc::no_port, node.name + " found its port taken: " + node.url);
      DOS_ASSIGN(const auto lines, last_lines(node.name, 20));
      return fail(Errc::node_died, node.name + (lines.empty() ? " said nothing" : " said:\n" + lines));
    }
    client::HttpConnection connection(url);
    if (auto answer = connection.request("GET", "/v1/anchor", {}, 2s, 1 << 20); answer && answer->status == 200) {
      if (const auto anchor = codec::decode<ledger::Anchor>(answer->body, "an anchor"); anchor && anchor->header.height.value >= 1) {
        // What does not verify may be another network's node on this port: ours then says so and ends.
        if (const auto block = client::verify_anchor(root, *anchor); block) {
          height_ = anchor->header.height.value;
          return true;
        } else {
          last = block.error();
        }
      }
    }
    std::this_thread::sleep_for(3ms);
  }
  if (last) return std::unexpected(*last);
  DOS_ASSIGN(const auto lines, last_lines(node.name, 20));
  return fail(Errc::timed_out, node.name + " shows no final block after 60 s:\n" + lines);
}

Status LocalNet::stop_node(const client::NodeRecord& node) {
  if (!alive(node)) return {};
  const auto data = node_folder(node.name);
  if (node.pid <= 0 || !is_our_dosd(node.pid, data))
    return fail(Errc::data_locked, data.string() + " is held by a process that this network did not start");
  ::kill(pid_t(node.pid), SIGTERM);
  const auto gone = [&](std::chrono::milliseconds time) {
    const auto until = std::chrono::steady_clock::now() + time;
    while (alive(node)) {
      ::waitpid(pid_t(node.pid), nullptr, WNOHANG);
      if (std::chrono::steady_clock::now() > until) return false;
      std::this_thread::sleep_for(5ms);
    }
    return true;
  };
  if (gone(20s)) return {};
  ::kill(pid_t(node.pid), SIGKILL);  // what is final is safe: a kill is a crash, and a crash is a case the store has
  if (gone(5s)) return {};
  return fail(Errc::data_locked, node.name + " does not stop");
}

}  // namespace dos::cli
