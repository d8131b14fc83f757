#include "daemon/daemon.hpp"

#include <fcntl.h>
#include <malloc.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "api/problem.hpp"
#include "base/shown_text.hpp"
#include "base/version.hpp"
#include "daemon/config.hpp"
#include "daemon/daemon_line.hpp"
#include "daemon/json_log.hpp"
#include "daemon/keys.hpp"
#include "daemon/trials.hpp"
#include "node/edge_metrics.hpp"
#include "node/node.hpp"
#include "os/admin_socket.hpp"
#include "os/module_folder.hpp"
#include "os/own_folder.hpp"
#include "os/posix_disk.hpp"
#include "os/spare_descriptors.hpp"
#include "os/system.hpp"
#include "serve/http_server.hpp"
#include "serve/tls_identity.hpp"

namespace dos::daemon {
namespace {

int stop_pipe[2] = {-1, -1};  // a signal handler may only write to a descriptor

void ask_to_stop(char why) {
  [[maybe_unused]] const auto written = ::write(stop_pipe[1], &why, 1);  // full: somebody asked already
}
void on_signal(int) { ask_to_stop('s'); }

LogLevel level_of(const std::string& name) {
  return name == "debug" ? LogLevel::debug : name == "warn" ? LogLevel::warn : name == "error" ? LogLevel::error : LogLevel::info;
}

std::string run_folder(const DaemonConfig& config) {
  if (!config.run.empty()) return config.run;
  if (const char* xdg = std::getenv("XDG_RUNTIME_DIR"); xdg != nullptr && *xdg != '\0') return std::string(xdg) + "/dos";
  const char* tmp = std::getenv("TMPDIR");
  return std::string(tmp != nullptr && *tmp != '\0' ? tmp : "/tmp") + "/dos-" + std::to_string(::getuid());
}

// The folder belongs to one format and one chain; what is of another is never read.
Status claim_folder(const std::string& data, const Hash& chain) {
  DOS_ASSIGN(const auto disk, os::open_posix_disk(data));
  const auto want = std::string(ledger::kFormat) + "\n" + hex(chain.view()) + "\n";
  DOS_ASSIGN(const auto there, disk->exists("format"));
  if (there) {
    DOS_ASSIGN(const auto have, os::read_host_file(data + "/format", 4096));
    const auto line = as_text(have).substr(0, as_text(have).find('\n'));
    if (line != ledger::kFormat)
      return fail(Errc::other_format, data + " is of format '" + std::string(line) + "', this dosd reads " + ledger::kFormat);
    if (as_text(have) != want) return fail(Errc::chain_changed, data + " holds another chain than this genesis");
    return {};
  }
  DOS_ASSIGN(const auto file, disk->open("format.new", Disk::Mode::create));
  DOS_TRY(file->truncate(0));
  DOS_TRY(file->write_at(0, as_bytes(want)));
  DOS_TRY(file->sync());
  DOS_TRY(disk->rename("format.new", "format"));
  return disk->sync_folder("");
}

std::string status_line(const node::Node& node, const Trials& trials, const serve::HttpServer& server, const std::string& url) {
  const auto s = node.status();
  nlohmann::ordered_json j{{"ok", true},
                           {"name", s.validator},
                           {"url", url},
                           {"height", std::to_string(s.height.value)},
                           {"ready", s.ready},
                           {"connections", server.connections()},
                           {"version", s.version},
                           {"pid", ::getpid()},
                           {"p2p_port", node.p2p_port()},
                           {"view", std::to_string(s.view.value)},
                           {"votes", s.votes},
                           {"peers", s.peers},
                           {"linked", nlohmann::ordered_json::array()},
                           {"durable_height", std::to_string(s.durable_height)},
                           {"catching_up", s.catching_up},
                           {"blobs_missing", s.missing_blobs},
                           {"pool", s.pool_count},
                           {"paused", node.paused()},
                           {"tampering", trials.tampering()},
                           {"cut", trials.cut()}};
  for (const auto& v : s.validators)
    if (v.linked && v.name != s.validator) j["linked"].push_back(v.name);
  if (!s.ready) j["why_not"] = s.why_not;
  return j.dump();
}

// Whether the vote key was ever used stands beside the key, not in the data folder: that may be lost, and then the node must
// ask the others what it signed (consensus: quarantine).
class KeyUse {
 public:
  static Result<KeyUse> look(const std::string& keys) {
    KeyUse use;
    DOS_ASSIGN(use.disk_, os::open_posix_disk(keys));
    DOS_ASSIGN(const auto there, use.disk_->exists(kMark));
    use.unused_ = !there;
    return use;
  }
  bool unused() const { return unused_; }
  Status mark() {  // once the journal holds the gate record
    if (!unused_) return {};
    DOS_ASSIGN(const auto file, disk_->open(kMark, Disk::Mode::create));
    DOS_TRY(file->sync());
    return disk_->sync_folder("");
  }

 private:
  static constexpr const char* kMark = "vote.used";
  std::unique_ptr<Disk> disk_;
  bool unused_ = false;
};

// Links to the other validators: TLS with the node key, only to keys of the genesis.
Result<links::PeerConfig> links_of(const DaemonConfig& config, const ledger::Genesis& genesis, const NodeKeys& keys,
                                   const std::string& name) {
  links::PeerConfig links;
  if (genesis.validators.members.size() == 1) return links;
  std::string at = config.p2p_listen;
  for (const auto& v : genesis.validators.members) {
    links.accepted.push_back(v.node_key);
    if (at.empty() && v.name == name) at = v.address;
  }
  DOS_ASSIGN(links.tls, serve::make_tls_identity(config.keys + "/node.key", genesis.suite, name));
  links.own = keys.node.public_key();
  if (at.empty()) return links;  // nobody dials this one
  DOS_ASSIGN(const auto listen, parse_listen(at));
  links.host = listen.host;
  links.port = listen.port;
  return links;
}

Status run(const DaemonConfig& config) {
  DOS_TRY(check_config(config));
  DOS_ASSIGN(auto genesis_bytes, os::read_host_file(config.genesis, 16ull << 20));
  DOS_ASSIGN(const auto genesis, ledger::decode_genesis(genesis_bytes));
  DOS_ASSIGN(auto keys, load_keys(config.keys, genesis.suite));
  DOS_TRY(os::make_host_folder(config.data));
  DOS_ASSIGN(const auto lock, os::FolderLock::take(config.data, os::kHandedOver));
  const Hash chain = ledger::genesis_hash(genesis);
  DOS_TRY(claim_folder(config.data, chain));

  std::string name = "?";
  for (const auto& v : genesis.validators.members)
    if (v.vote_key == keys.vote.public_key()) name = v.name;
  DOS_ASSIGN(const auto log, open_json_log(config.data, name));
  log->level = level_of(config.log_level);
  log->write(LogLevel::info, "dosd", std::string("dosd ") + kVersion + " starts, pid " + std::to_string(::getpid()));

  os::SystemClock clock;
  os::SystemEntropy entropy;
  auto halted = std::make_shared<std::optional<Error>>();
  node::NodeConfig node_config;
  node_config.data = config.data;
  node_config.chain.genesis = std::move(genesis_bytes);
  node_config.chain.modules = os::modules_in(config.modules);
  node_config.chain.code_key = keys.code;
  node_config.chain.unclaimed_quota_bytes = config.upload_quota_mib << 20;
  node_config.on_halt = [halted](const Error& why) {
    *halted = why;
    ask_to_stop('h');
  };
  auto logged = [&](const Error& e) {
    log->write(LogLevel::error, "dosd", e.detail.empty() ? error_row(e.code).title : e.detail);
    return std::unexpected<Error>(e);
  };
  serve::HttpConfig http;
  {
    DOS_ASSIGN(const auto listen, parse_listen(config.listen));
    http.host = listen.host;
    http.port = listen.port;
    http.threads = config.threads;
    if (!serve::is_loopback(http.host)) {
      auto tls = serve::make_tls_identity(config.keys + "/node.key", genesis.suite, name);
      if (!tls) return logged(tls.error());
      http.tls = std::move(*tls);
    }
  }
  DOS_ASSIGN(node_config.peers, parse_peers(config.peers));
  auto links = links_of(config, genesis, keys, name);
  if (!links) return logged(links.error());
  rlimit files{};
  const bool told = ::getrlimit(RLIMIT_NOFILE, &files) == 0;
  const auto shares =
      os::share_descriptors(told ? std::size_t(std::min<rlim_t>(files.rlim_cur, 1u << 20)) : 1024, genesis.validators.members.size());
  http.max_connections = shares.clients;
  links->handshakes = shares.peer_handshakes;
  links->handshakes_per_source = std::max<std::size_t>(1, shares.peer_handshakes / 4);
  if (shares.clients < serve::HttpConfig().max_connections)
    log->write(LogLevel::warn, "dosd",
               "this process may have " + std::to_string(files.rlim_cur) +
                   " file descriptors (ulimit -n): " + std::to_string(shares.clients) + " connections of clients at a time");
  node_config.links = std::move(*links);
  auto use = KeyUse::look(config.keys);
  if (!use) return logged(use.error());
  node_config.key_unused = use->unused();
  // Alone it is ready at once or never; of several each must be up before the first can be.
  const std::uint64_t wait_ready_ms = genesis.validators.members.size() == 1 ? 30'000 : 0;
  auto opened = node::Node::open(std::move(node_config), std::move(keys.vote), std::move(keys.node), {clock, entropy, *log}, wait_ready_ms);
  if (!opened) return logged(opened.error());
  if (auto marked = use->mark(); !marked) return logged(marked.error());
  auto& node = **opened;
  Trials trials(node);
  http.charge = [&node](const api::Source& source, std::uint64_t work) { return node.charge(source, work); };
  auto server =
      serve::HttpServer::start(http, [&trials](const api::Request& r, api::Reply reply) { trials.serve(r, std::move(reply)); }, *log);
  if (!server) return logged(server.error());
  node.add_metrics([&server, &http] { return node::edge_metrics((*server)->counters(), http); });
  const std::string shown = http.host.find(':') == std::string::npos ? http.host : "[" + http.host + "]";
  const auto url = (serve::is_loopback(http.host) ? "http://" : "https://") + shown + ":" + std::to_string((*server)->port());

  const auto folder = run_folder(config);
  if (auto own = os::make_own_folder(folder); !own) return logged(own.error());
  const auto admin_path = folder + "/" + hex(chain.view()).substr(0, 12) + "-" + name + ".sock";
  auto admin = os::AdminSocket::start(admin_path, [&](std::string_view line) -> std::string {
    if (line == "status") return status_line(node, trials, **server, url);
    if (line == "stop") {
      ask_to_stop('a');
      return R"({"ok":true})";
    }
    if (line == "log debug" || line == "log info" || line == "log warn" || line == "log error") {
      log->level = level_of(std::string(line.substr(4)));
      return R"({"ok":true})";
    }
    if (auto answer = trials.command(line)) return *answer;
    return R"({"ok":false,"error":"the admin socket knows: status, stop, log debug|info|warn|error, and on local networks cut, heal, pause, resume, tamper"})";
  });
  if (!admin) return logged(admin.error());

  const auto s = node.status();
  nlohmann::ordered_json ready{
      {"ready", s.ready},           {"name", name},        {"url", url},        {"height", std::to_string(s.height.value)},
      {"chain", hex(chain.view())}, {"admin", admin_path}, {"pid", ::getpid()}, {"p2p_port", node.p2p_port()}};
  if (!s.ready) ready["why_not"] = s.why_not;
  std::printf("%s\n", ready.dump().c_str());
  std::fflush(stdout);
  log->write(LogLevel::info, "dosd", "listens on " + url);

  char why = 0;
  while (::read(stop_pipe[0], &why, 1) < 0 && errno == EINTR) {}
  log->write(LogLevel::info, "dosd", why == 'h' ? "stops: it had to halt" : "stops: it was asked to");
  admin->reset();
  auto stopped = node.stop();  // answers those who wait, while connections still stand
  (*server)->stop();
  node.add_metrics({});
  if (why == 'h' && *halted) return std::unexpected(**halted);
  if (!stopped) return logged(stopped.error());
  return {};
}

int report(const Status& status) {
  if (status) return 0;
  const auto& row = error_row(status.error().code);
  std::fprintf(stderr, "dosd: %s: %s\n  %s\n  %s\n", api::error_name(row.code).c_str(), row.title,
               shown_text(status.error().detail).c_str(), row.code == Errc::usage ? "`dosd run --help` lists the settings." : row.remedy);
  return row.exit_code;
}

Status check(const DaemonConfig& config) {
  DOS_TRY(check_config(config));
  DOS_ASSIGN(const auto bytes, os::read_host_file(config.genesis, 16ull << 20));
  DOS_ASSIGN(const auto genesis, ledger::decode_genesis(bytes));
  DOS_ASSIGN(const auto keys, load_keys(config.keys, genesis.suite));
  bool known = false;
  for (const auto& v : genesis.validators.members) known = known || v.vote_key == keys.vote.public_key();
  if (!known) return fail(Errc::no_key, "vote.key is not the key of a validator in this genesis");
  for (const auto& m : genesis.modules) {
    DOS_ASSIGN(const auto code, os::read_host_file(config.modules + "/" + m.record.name + ".wasm", 16ull << 20));
    DOS_ASSIGN(const auto manifest, chain::manifest_of(code));
    DOS_ASSIGN(const auto root, ledger::blob_root(manifest));
    if (root != m.record.code)
      return fail(Errc::content_mismatch, config.modules + "/" + m.record.name + ".wasm is not what the genesis names");
  }
  std::printf("The configuration is good: chain %s, %zu validators, %zu modules.\n", hex(ledger::genesis_hash(genesis).view()).c_str(),
              genesis.validators.members.size(), genesis.modules.size());
  return {};
}

}  // namespace

int dosd_main(int argc, char** argv) {
  ::prctl(PR_SET_NAME, "dosd");
  // Blocks come and go in buffers of megabytes: they are taken from the heap again, not mapped and zeroed by the kernel each time.
  ::mallopt(M_MMAP_THRESHOLD, 32 << 20);
  ::mallopt(M_TRIM_THRESHOLD, 64 << 20);
  const std::vector<std::string> words(argv + std::min(argc, 1), argv + argc);
  const auto line = read_daemon_line(words);
  if (!line) return report(std::unexpected(line.error()));
  if (line->verb == DaemonLine::Verb::say) {
    std::fputs(line->text.c_str(), stdout);
    return 0;
  }
  const auto& config = line->config;
  if (line->verb == DaemonLine::Verb::check) return report(check(config));

  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < files.rlim_max) {
    files.rlim_cur = std::min<rlim_t>(files.rlim_max, 65'536);
    ::setrlimit(RLIMIT_NOFILE, &files);
  }
  if (::pipe2(stop_pipe, O_CLOEXEC) != 0) return report(fail(Errc::host_io, "cannot make a pipe"));
  struct sigaction action{};
  action.sa_handler = on_signal;
  ::sigaction(SIGTERM, &action, nullptr);
  ::sigaction(SIGINT, &action, nullptr);
  return report(run(config));
}

}  // namespace dos::daemon
