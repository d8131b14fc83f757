#include "cli/local_net.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "cli/local_genesis.hpp"
#include "client/known_networks.hpp"
#include "client/private_file.hpp"

namespace dos::cli {
namespace stdfs = std::filesystem;

Result<Binaries> find_binaries() {
  std::error_code e;
  const auto self = stdfs::read_symlink("/proc/self/exe", e);
  if (e) return fail(Errc::host_io, "cannot tell where this program lies: " + e.message());
  Binaries b;
  b.dosd = self.parent_path() / "dosd";
  b.modules = self.parent_path().parent_path() / "modules";
  struct stat st{};
  if (::stat(b.dosd.c_str(), &st) != 0) return fail(Errc::no_host_file, "dosd is not beside this program, in " + self.parent_path().string());
  if (!stdfs::exists(b.modules / "fs.wasm", e)) return fail(Errc::no_host_file, "the modules are not in " + b.modules.string());
  b.stamp = std::to_string(st.st_size) + "-" + std::to_string(st.st_mtim.tv_sec) + "." + std::to_string(st.st_mtim.tv_nsec) + "-" + std::to_string(st.st_ino);
  return b;
}

bool LocalNet::there() const {
  std::error_code e;
  return stdfs::exists(folder() / "net.json", e);
}

Result<client::NetworkRecord> LocalNet::record() const {
  auto r = client::load_record(folder());
  if (!r && r.error().code == Errc::no_host_file) return fail(Errc::net_absent, "'" + name_ + "'");
  return r;
}

Status LocalNet::make(std::uint16_t port, crypto::Suite suite) {
  DOS_ASSIGN(const auto binaries, find_binaries());
  DOS_ASSIGN(const auto first, free_ports(port));
  std::error_code e;
  stdfs::remove_all(folder(), e);  // what an interrupted `net up` left: without net.json it is no network
  DOS_TRY(client::make_private_folder(folder()));
  DOS_ASSIGN(const auto genesis, make_local_genesis(places_, name_, folder(), binaries.modules, suite));
  const auto bytes = codec::encode(genesis);
  DOS_TRY(client::write_private(folder() / client::kGenesisFile, bytes));
  DOS_TRY(client::pin_network(places_, name_, bytes, true));
  client::NetworkRecord r;
  r.name = name_;
  r.chain = genesis.name;
  r.genesis = ledger::genesis_hash(genesis);
  r.format = ledger::kFormat;
  r.nodes.push_back({"v1", "http://127.0.0.1:" + std::to_string(first), "127.0.0.1:" + std::to_string(first + 1), 0});
  return client::save_record(folder(), r);  // last: with it the network exists
}

Status LocalNet::keep_aside_if_other_format() {
  if (!there()) return {};
  const auto r = client::load_record(folder());
  if (r && r->format == ledger::kFormat) {
    const auto network = client::load_network(places_, name_);
    if (network || network.error().code != Errc::other_format) return {};
  }
  if (r) {
    for (const auto& node : r->nodes) DOS_TRY(stop_node(node));
  }
  std::error_code e;
  int n = 1;
  while (stdfs::exists(places_.net(name_ + ".old-" + std::to_string(n)), e)) ++n;
  const auto aside = places_.net(name_ + ".old-" + std::to_string(n));
  stdfs::rename(folder(), aside, e);
  if (e) return fail(Errc::host_io, "cannot move " + folder().string() + ": " + e.message());
  talk_("network '" + name_ + "' is of another format: kept in " + aside.string() + ", a new one starts");
  return {};
}

namespace {

// One `net up` of a network at a time: the second waits, then finds the nodes running.
class StartTurn {
 public:
  static Result<StartTurn> take(const stdfs::path& file) {
    DOS_TRY(client::make_private_folder(file.parent_path()));
    const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    int locked = -1;
    while (fd >= 0 && (locked = ::flock(fd, LOCK_EX)) != 0 && errno == EINTR) {
    }
    const int error = errno;
    StartTurn turn(fd);
    if (locked != 0) return fail(Errc::host_io, "cannot lock " + file.string() + ": " + std::strerror(error));
    return turn;
  }
  StartTurn(StartTurn&& o) noexcept : fd_(std::exchange(o.fd_, -1)) {}
  StartTurn(const StartTurn&) = delete;
  ~StartTurn() {
    if (fd_ >= 0) ::close(fd_);
  }

 private:
  explicit StartTurn(int fd) : fd_(fd) {}
  int fd_;
};

}  // namespace

Status LocalNet::start(std::uint16_t port, crypto::Suite suite) {
  DOS_ASSIGN(const auto binaries, find_binaries());
  DOS_ASSIGN(const auto turn, StartTurn::take(places_.state / ("net-" + name_ + ".lock")));
  DOS_TRY(keep_aside_if_other_format());
  if (!there()) DOS_TRY(make(port, suite));
  DOS_ASSIGN(auto r, record());
  const bool other_build = r.binary != binaries.stamp;
  for (auto& node : r.nodes) {
    if (alive(node) && other_build) {
      talk_(node.name + " runs another build: it is restarted");
      DOS_TRY(stop_node(node));
    }
    DOS_TRY(bring_up(binaries, r, node, port));
  }
  return {};
}

Status LocalNet::bring_up(const Binaries& binaries, client::NetworkRecord& record, client::NodeRecord& node, std::uint16_t port) {
  for (int attempt = 0; attempt < kStartTries; ++attempt) {
    std::int64_t pid = 0;
    if (!alive(node)) {
      DOS_ASSIGN(const auto url, client::parse_url(node.url));
      if (!port_is_free(url.port) || !port_is_free(std::uint16_t(url.port + 1))) {
        DOS_ASSIGN(const auto first, free_ports(port));
        talk_("port " + std::to_string(url.port) + " is taken: " + node.name + " listens on " + std::to_string(first));
        node.url = "http://127.0.0.1:" + std::to_string(first);
        node.p2p = "127.0.0.1:" + std::to_string(first + 1);
      }
      DOS_ASSIGN(pid, spawn(binaries, node));
      node.pid = pid;
      record.binary = binaries.stamp;
      DOS_TRY(client::save_record(folder(), record));
    }
    const auto shown = wait_final(node, pid);
    if (!shown && shown.error().code == Errc::no_port) continue;  // lost the race for it: looks again
    if (!shown) return std::unexpected(shown.error());
    if (*shown) return {};
  }
  return fail(Errc::node_died, node.name + " ends again and again while it is waited for");
}

Status LocalNet::stop() {
  DOS_ASSIGN(const auto r, record());
  for (const auto& node : r.nodes) DOS_TRY(stop_node(node));
  return {};
}

Status LocalNet::remove() {
  DOS_TRY(stop());
  std::error_code e;
  stdfs::remove_all(folder(), e);
  if (e) return fail(Errc::host_io, "cannot remove " + folder().string() + ": " + e.message());
  return {};
}

}  // namespace dos::cli
