#include "cli/local_net.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <utility>

#include "cli/local_genesis.hpp"
#include "client/home/private_file.hpp"
#include "client/trust/known_networks.hpp"

namespace dos::cli {
namespace stdfs = std::filesystem;

constexpr std::chrono::milliseconds kStartTime{60'000};

Result<Binaries> find_binaries() {
  std::error_code e;
  const auto self = stdfs::read_symlink("/proc/self/exe", e);
  if (e) return fail(Errc::host_io, "cannot tell where this program lies: " + e.message());
  Binaries b;
  b.dosd = self.parent_path() / "dosd";
  b.modules = self.parent_path().parent_path() / "modules";
  struct stat st{};
  if (::stat(b.dosd.c_str(), &st) != 0)
    return fail(Errc::no_host_file, "dosd is not beside this program, in " + self.parent_path().string());
  if (!stdfs::exists(b.modules / "fs.wasm", e)) return fail(Errc::no_host_file, "the modules are not in " + b.modules.string());
  b.stamp = std::to_string(st.st_size) + "-" + std::to_string(st.st_mtim.tv_sec) + "." + std::to_string(st.st_mtim.tv_nsec) + "-" +
            std::to_string(st.st_ino);
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

Status LocalNet::make(const NetPlan& plan) {
  DOS_ASSIGN(const auto binaries, find_binaries());
  DOS_ASSIGN(auto ports, PortRun::take(places_, plan.port, 2 * plan.validators));
  const auto first = ports.first();
  held_.push_back(std::move(ports));
  // What an interrupted `net up` left: without net.json it is no network. Where somebody removed net.json, its nodes may run.
  DOS_TRY(stop_nodes(nodes_that_lie_there()));
  std::error_code e;
  stdfs::remove_all(folder(), e);
  DOS_TRY(client::make_private_folder(folder()));
  client::NetworkRecord r;
  std::vector<PlannedValidator> validators;
  for (unsigned i = 0; i < plan.validators; ++i) {  // first all API ports, then those between the nodes
    const auto name = "v" + std::to_string(i + 1), p2p = "127.0.0.1:" + std::to_string(first + plan.validators + i);
    r.nodes.push_back({name, "http://127.0.0.1:" + std::to_string(first + i), p2p, 0, {}, {}});
    validators.push_back({name, p2p});
  }
  DOS_ASSIGN(const auto genesis, make_local_genesis(places_, name_, folder(), binaries.modules, plan.suite, validators));
  const auto bytes = codec::encode(genesis);
  DOS_TRY(client::write_private(folder() / client::kGenesisFile, bytes));
  DOS_TRY(client::pin_network(places_, name_, bytes, true));
  r.name = name_;
  r.chain = genesis.name;
  r.genesis = ledger::genesis_hash(genesis);
  r.format = ledger::kFormat;
  return client::save_record(folder(), r);  // last: with it the network exists
}

Status LocalNet::keep_aside_if_other_format() {
  if (!there()) return {};
  const auto r = client::load_record(folder());
  if (r && r->format == ledger::kFormat) {
    const auto network = client::load_network(places_, name_);
    if (network || network.error().code != Errc::other_format) return {};
  }
  // What cannot be read now is not known to be of another format, and its nodes run.
  if (!r && r.error().code == Errc::host_io) return std::unexpected(r.error());
  DOS_TRY(stop_nodes(r ? r->nodes : nodes_that_lie_there()));
  std::error_code e;
  int n = 1;
  while (stdfs::exists(places_.net(name_ + ".old-" + std::to_string(n)), e)) ++n;
  const auto aside = places_.net(name_ + ".old-" + std::to_string(n));
  stdfs::rename(folder(), aside, e);
  if (e) return fail(Errc::host_io, "cannot move " + folder().string() + ": " + e.message());
  talk_("network '" + name_ + "' is of another format: kept in " + aside.string() + ", a new one starts");
  return {};
}

std::vector<client::NodeRecord> LocalNet::nodes_that_lie_there() const {
  std::vector<client::NodeRecord> nodes;
  std::error_code e;
  for (stdfs::directory_iterator it(folder(), e); !e && it != stdfs::directory_iterator(); it.increment(e))
    if (std::error_code quiet; stdfs::exists(it->path() / "lock", quiet))
      nodes.push_back({it->path().filename().string(), {}, {}, 0, {}, {}});
  return nodes;
}

stdfs::path LocalNet::turn_file() const { return places_.state / ("net-" + name_ + ".lock"); }

Status LocalNet::take_turn() {
  if (turn_) return {};
  DOS_ASSIGN(auto turn, take_net_turn(turn_file(), name_, time_for(kTurnTime), talk_));
  turn_.emplace(std::move(turn));
  return {};
}

Status LocalNet::start(const NetPlan& plan) {
  DOS_ASSIGN(const auto binaries, find_binaries());
  DOS_TRY(take_turn());
  DOS_TRY(keep_aside_if_other_format());
  if (!there()) DOS_TRY(make(plan));
  DOS_ASSIGN(auto r, record());
  // What is down first: a network that has its quorum again keeps it while nodes of another build are replaced.
  std::vector<std::size_t> all, old;
  for (std::size_t i = 0; i < r.nodes.size(); ++i) {
    all.push_back(i);
    if (alive(r.nodes[i]) && r.nodes[i].binary != binaries.stamp) old.push_back(i);
  }
  if (old.size() < all.size()) DOS_TRY(bring_up(binaries, r, all, plan.port, time_for(kStartTime)));
  for (const auto i : old) {
    talk_(r.nodes[i].name + " runs another build: it is restarted");
    DOS_TRY(stop_nodes({r.nodes[i]}));
    DOS_TRY(bring_up(binaries, r, {i}, plan.port, time_for(kStartTime)));
  }
  return {};
}

Result<bool> LocalNet::start_node(const std::string& name) {
  DOS_ASSIGN(const auto binaries, find_binaries());
  DOS_TRY(take_turn());
  DOS_ASSIGN(auto r, record());
  DOS_ASSIGN(const auto i, node_index(r, name));
  const bool ran = alive(r.nodes[i]);
  DOS_TRY(bring_up(binaries, r, {i}, 0, time_for(kStartTime)));
  return !ran;
}

Status LocalNet::spawn_ended(const Binaries& binaries, client::NetworkRecord& record, std::vector<Watched>& watched) const {
  std::vector<Watched*> started;
  for (auto& w : watched) {
    if (!w.ended) continue;
    auto& node = record.nodes[w.index];
    w = {w.index, 0, 0, false, false};
    if (alive(node)) continue;
    node.admin = (places_.run / (hex(record.genesis.view()).substr(0, 12) + "-" + node.name + ".sock")).string();
    node.binary = record.binary = binaries.stamp;
    started.push_back(&w);
  }
  // Before there are processes: where they listen and from which build is known whatever becomes of this command.
  DOS_TRY(client::save_record(folder(), record));
  if (started.empty()) return {};
  for (auto* w : started) {
    DOS_ASSIGN(w->pid, spawn(binaries, record, record.nodes[w->index]));
    if (w->pid != 0) record.nodes[w->index].pid = w->pid;
  }
  return client::save_record(folder(), record);
}

Status LocalNet::bring_up(const Binaries& binaries, client::NetworkRecord& record, const std::vector<std::size_t>& which,
                          std::uint16_t port, std::chrono::milliseconds timeout) {
  const auto give_up = std::chrono::steady_clock::now() + timeout;
  std::vector<Watched> watched;
  for (const auto i : which) watched.push_back({i, 0, 0, false, true});
  for (int attempt = 0; attempt < kStartTries; ++attempt) {
    std::vector<std::size_t> ended;
    for (const auto& w : watched)
      if (w.ended) ended.push_back(w.index);
    DOS_TRY(settle_ports(record, ended, port));
    DOS_TRY(spawn_ended(binaries, record, watched));
    DOS_ASSIGN(
        const bool all,
        wait_ready(record, watched, std::chrono::duration_cast<std::chrono::milliseconds>(give_up - std::chrono::steady_clock::now())));
    held_.clear();
    if (!all) continue;
    height_ = UINT64_MAX;
    for (const auto& w : watched) height_ = std::min(height_, w.height);
    for (const auto i : which) DOS_TRY(wait_content(record.nodes[i], give_up));
    return {};
  }
  std::string names;
  for (const auto& w : watched)
    if (w.ended) names += record.nodes[w.index].name + " ";
  return fail(Errc::node_died, names + "ended again and again while waited for");
}

std::chrono::milliseconds LocalNet::time_for(std::chrono::milliseconds step) const {
  using Ms = std::chrono::milliseconds;
  return end_ ? std::max(Ms(1), std::chrono::duration_cast<Ms>(*end_ - std::chrono::steady_clock::now())) : step;
}

Status LocalNet::stop() {
  std::error_code e;  // a name that nobody ever gave a network leaves no file; one that is being made has its turn already
  if (there() || stdfs::exists(turn_file(), e)) DOS_TRY(take_turn());
  const auto r = record();
  if (r) return stop_nodes(r->nodes);
  if (r.error().code != Errc::net_absent && r.error().code != Errc::malformed) return std::unexpected(r.error());
  const auto nodes = nodes_that_lie_there();
  if (std::ranges::none_of(nodes, [&](const auto& node) { return alive(node); })) return std::unexpected(r.error());
  return stop_nodes(nodes);
}

Status LocalNet::remove() {
  DOS_TRY(stop());
  DOS_TRY(client::remove_file(folder() / "net.json"));  // first: without it the network does not exist, whatever else is still there
  std::error_code e;
  stdfs::remove_all(folder(), e);
  if (e) return fail(Errc::host_io, "cannot remove " + folder().string() + ": " + e.message());
  return {};
}

}  // namespace dos::cli
