#include "daemon/services.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "base/version.hpp"
#include "daemon/data_folder.hpp"
#include "node/edge_metrics.hpp"
#include "os/module_folder.hpp"
#include "os/own_folder.hpp"
#include "os/posix_disk.hpp"
#include "os/spare_descriptors.hpp"
#include "serve/tls_identity.hpp"
#include "syscalls/rules.hpp"

namespace dos::daemon {
namespace {

const std::string kDone = R"({"ok":true})";

LogLevel level_of(const std::string& name) {
  return name == "debug" ? LogLevel::debug : name == "warn" ? LogLevel::warn : name == "error" ? LogLevel::error : LogLevel::info;
}

std::string run_folder(const DaemonConfig& config) {
  if (!config.run.empty()) return config.run;
  if (const char* xdg = std::getenv("XDG_RUNTIME_DIR"); xdg != nullptr && *xdg != '\0') return std::string(xdg) + "/dos";
  const char* tmp = std::getenv("TMPDIR");
  return std::string(tmp != nullptr && *tmp != '\0' ? tmp : "/tmp") + "/dos-" + std::to_string(::getuid());
}

}  // namespace

Result<std::unique_ptr<Services>> Services::open(const DaemonConfig& config) {
  DOS_TRY(check_config(config));
  std::unique_ptr<Services> s(new Services(config));
  DOS_TRY(s->open_folder());
  DOS_TRY(s->open_log());
  if (auto opened = s->open_parts(); !opened) {  // from here on the log can say why
    const auto& e = opened.error();
    s->log_->write(LogLevel::error, "dosd", e.detail.empty() ? error_row(e.code).title : e.detail);
    return std::unexpected(e);
  }
  s->log_->write(LogLevel::info, "dosd", "listens on " + s->url_);
  return s;
}

Status Services::open_folder() {
  DOS_ASSIGN(genesis_bytes_, os::read_host_file(config_.genesis, 16ull << 20));
  DOS_ASSIGN(genesis_, ledger::decode_genesis(genesis_bytes_));
  DOS_ASSIGN(keys_, load_keys(config_.keys, genesis_.suite));
  DOS_TRY(os::make_host_folder(config_.data));
  DOS_ASSIGN(auto lock, os::FolderLock::take(config_.data, os::kHandedOver));
  lock_.emplace(std::move(lock));
  chain_ = ledger::genesis_hash(genesis_);
  for (const auto& v : genesis_.validators.members)
    if (v.vote_key == keys_->vote.public_key()) name_ = v.name;
  return claim_folder(config_.data, chain_);
}

Status Services::open_log() {
  DOS_ASSIGN(log_, open_json_log(config_.data, name_));
  log_->level = level_of(config_.log_level);
  log_->write(LogLevel::info, "dosd", std::string("dosd ") + kVersion + " starts, pid " + std::to_string(::getpid()));
  return {};
}

Status Services::open_parts() {
  DOS_TRY(listen_address());
  DOS_ASSIGN(auto to_peers, links());
  share_descriptors(to_peers);
  DOS_TRY(open_node(std::move(to_peers)));
  if (genesis_.kind == ledger::NetworkKind::local) trials_ = std::make_unique<Trials>(*node_, genesis_);
  DOS_TRY(open_server());
  return open_admin();
}

Status Services::listen_address() {
  DOS_ASSIGN(const auto listen, parse_listen(config_.listen));
  http_.host = listen.host;
  http_.port = listen.port;
  http_.threads = config_.threads;
  if (!serve::is_loopback(http_.host)) {
    DOS_ASSIGN(http_.tls, serve::make_tls_identity(config_.keys + "/node.key", genesis_.suite, name_));
  }
  return {};
}

Result<links::PeerConfig> Services::links() const {
  links::PeerConfig links;
  if (genesis_.validators.members.size() == 1) return links;
  std::string at = config_.p2p_listen;
  for (const auto& v : genesis_.validators.members) {
    links.accepted.push_back(v.node_key);
    if (at.empty() && v.name == name_) at = v.address;
  }
  DOS_ASSIGN(links.tls, serve::make_tls_identity(config_.keys + "/node.key", genesis_.suite, name_));
  links.own = keys_->node.public_key();
  if (at.empty()) return links;  // nobody dials this one
  DOS_ASSIGN(const auto listen, parse_listen(at));
  links.host = listen.host;
  links.port = listen.port;
  return links;
}

void Services::share_descriptors(links::PeerConfig& links) {
  rlimit files{};
  const bool told = ::getrlimit(RLIMIT_NOFILE, &files) == 0;
  const auto shares =
      os::share_descriptors(told ? std::size_t(std::min<rlim_t>(files.rlim_cur, 1u << 20)) : 1024, genesis_.validators.members.size());
  http_.max_connections = shares.clients;
  links.handshakes = shares.peer_handshakes;
  links.handshakes_per_source = std::max<std::size_t>(1, shares.peer_handshakes / 4);
  if (shares.clients < serve::HttpConfig().max_connections)
    log_->write(LogLevel::warn, "dosd",
                "this process may have " + std::to_string(files.rlim_cur) +
                    " file descriptors (ulimit -n): " + std::to_string(shares.clients) + " connections of clients at a time");
}

Status Services::open_node(links::PeerConfig links) {
  node::NodeConfig config;
  config.data = config_.data;
  config.chain.genesis = std::move(genesis_bytes_);
  config.chain.modules = os::modules_in(config_.modules);
  config.chain.rules = syscalls::system_rules();
  config.chain.code_key = keys_->code;
  config.chain.unclaimed_quota_bytes = config_.upload_quota_mib << 20;
  config.on_halt = [this](const Error& why) {
    halted_ = why;
    ask_to_stop(StopReason::halted);
  };
  DOS_ASSIGN(config.peers, parse_peers(config_.peers));
  config.links = std::move(links);
  DOS_ASSIGN(auto use, KeyUse::look(config_.keys));
  config.key_unused = use.unused();
  // Alone it is ready at once or never; of several each must be up before the first can be.
  const std::uint64_t wait_ready_ms = genesis_.validators.members.size() == 1 ? 30'000 : 0;
  DOS_ASSIGN(node_,
             node::Node::open(std::move(config), std::move(keys_->vote), std::move(keys_->node), {clock_, entropy_, *log_}, wait_ready_ms));
  return use.mark();
}

Status Services::open_server() {
  http_.charge = [this](const api::Source& source, std::uint64_t work) { return node_->charge(source, work); };
  const auto serve = [this](const api::Request& r, api::Reply reply) {
    if (trials_) return trials_->serve(r, std::move(reply));
    api::handle(r, *node_, std::move(reply));
  };
  DOS_ASSIGN(server_, serve::HttpServer::start(http_, serve, *log_));
  node_->add_metrics([this] { return node::edge_metrics(server_->counters(), http_); });
  const std::string shown = http_.host.find(':') == std::string::npos ? http_.host : "[" + http_.host + "]";
  url_ = (serve::is_loopback(http_.host) ? "http://" : "https://") + shown + ":" + std::to_string(server_->port());
  return {};
}

Status Services::open_admin() {
  const auto folder = run_folder(config_);
  DOS_TRY(os::make_own_folder(folder));
  admin_path_ = folder + "/" + hex(chain_.view()).substr(0, 12) + "-" + name_ + ".sock";
  DOS_ASSIGN(admin_, os::AdminSocket::start(admin_path_, [this](std::string_view line) { return admin_answer(line); }));
  return {};
}

std::string Services::admin_answer(std::string_view line) {
  if (line == "status") return status_line();
  if (line == "stop") {
    ask_to_stop(StopReason::asked);
    return kDone;
  }
  if (line == "log debug" || line == "log info" || line == "log warn" || line == "log error") {
    log_->level = level_of(std::string(line.substr(4)));
    return kDone;
  }
  if (trials_) {
    if (auto answer = trials_->command(line)) return *answer;
  } else if (Trials::knows(line)) {
    return R"({"ok":false,"error":"trials are for local networks"})";
  }
  return R"({"ok":false,"error":"the admin socket knows: status, stop, log debug|info|warn|error, and on local networks cut, heal, pause, resume, tamper"})";
}

std::string Services::status_line() const {
  auto s = node_->status();
  const bool paused = trials_ && trials_->paused();
  if (paused) {
    s.ready = false;
    s.why_not = "the node is paused";
  }
  nlohmann::ordered_json j{{"ok", true},
                           {"name", s.validator},
                           {"url", url_},
                           {"height", std::to_string(s.height.value)},
                           {"ready", s.ready},
                           {"connections", server_->connections()},
                           {"version", s.version},
                           {"pid", ::getpid()},
                           {"p2p_port", node_->p2p_port()},
                           {"view", std::to_string(s.view.value)},
                           {"votes", s.votes},
                           {"peers", s.peers},
                           {"linked", nlohmann::ordered_json::array()},
                           {"durable_height", std::to_string(s.durable_height)},
                           {"catching_up", s.catching_up},
                           {"blobs_missing", s.missing_blobs},
                           {"pool", s.pool_count},
                           {"paused", paused},
                           {"tampering", trials_ && trials_->tampering()},
                           {"cut", trials_ ? trials_->cut() : std::vector<std::string>()}};
  for (const auto& v : s.validators)
    if (v.linked && v.name != s.validator) j["linked"].push_back(v.name);
  if (!s.ready) j["why_not"] = s.why_not;
  return j.dump();
}

std::string Services::ready_line() const {
  const auto s = node_->status();
  nlohmann::ordered_json ready{{"ready", s.ready},
                               {"name", name_},
                               {"url", url_},
                               {"height", std::to_string(s.height.value)},
                               {"chain", hex(chain_.view())},
                               {"admin", admin_path_},
                               {"pid", ::getpid()},
                               {"p2p_port", node_->p2p_port()}};
  if (!s.ready) ready["why_not"] = s.why_not;
  return ready.dump();
}

Status Services::close(StopReason why) {
  log_->write(LogLevel::info, "dosd", why == StopReason::halted ? "stops: it had to halt" : "stops: it was asked to");
  admin_.reset();
  if (trials_) trials_->end();
  auto stopped = node_->stop();  // answers those who wait, while connections still stand
  server_->stop();
  node_->add_metrics({});
  if (why == StopReason::halted && halted_) return std::unexpected(*halted_);
  if (!stopped)
    log_->write(LogLevel::error, "dosd", stopped.error().detail.empty() ? error_row(stopped.error().code).title : stopped.error().detail);
  return stopped;
}

}  // namespace dos::daemon
