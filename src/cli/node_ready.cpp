// Waiting for nodes that were started: a final block that verifies, shown to be current; then the content of live records.
#include <sys/wait.h>

#include <algorithm>
#include <thread>

#include "cli/admin_line.hpp"
#include "cli/local_net.hpp"
#include "client/home/private_file.hpp"
#include "client/trust/session.hpp"

namespace dos::cli {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

// The line that dosd prints once it listens.
bool listens(const std::filesystem::path& out) {
  const auto text = client::read_regular(out, 1 << 20);
  return text && (as_text(*text).starts_with("{\"ready\":") || as_text(*text).find("\n{\"ready\":") != std::string_view::npos);
}

// Of the time until `end`, and no more than is left.
std::chrono::milliseconds of_the_rest(Clock::time_point end, std::chrono::milliseconds time) {
  return std::clamp(std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now()), std::chrono::milliseconds(1), time);
}

struct Asked {
  client::HttpConnection connection;
  std::optional<Error> last;
};
// A final block that verifies, at least as high as that. What does not may be another network's node on this port: ours then says so
// and ends.
std::optional<std::uint64_t> shown_height(Asked& asked, const client::Root& root, std::uint64_t least, std::chrono::milliseconds time) {
  auto answer = asked.connection.request("GET", "/v1/anchor", {}, time, 1 << 20);
  if (!answer || answer->status != 200) return std::nullopt;
  const auto anchor = codec::decode<ledger::Anchor>(answer->body, "an anchor");
  if (!anchor || anchor->header.height.value < least) return std::nullopt;
  if (const auto block = client::verify_anchor(root, *anchor); !block) {
    asked.last = block.error();
    return std::nullopt;
  }
  return anchor->header.height.value;
}

}  // namespace

Result<LocalNet::Others> LocalNet::ask_others(const client::NetworkRecord& record, const std::vector<Watched>& watched,
                                              Clock::time_point give_up) const {
  Others others;
  for (std::size_t i = 0; i < record.nodes.size(); ++i) {
    const bool waited = std::ranges::any_of(watched, [&](const Watched& w) { return w.index == i; });
    if (waited || !alive(record.nodes[i])) continue;
    ++others.running;
    client::SessionOptions options;
    options.net = name_, options.via = record.nodes[i].name, options.timeout = of_the_rest(give_up, 1s), options.stale_ok = true;
    DOS_ASSIGN(auto session, client::Session::open(places_, options));
    // One that is silent bars nobody.
    if (const auto block = session.newest()) others.height = std::max(others.height, block->header.height.value);
  }
  return others;
}

Status LocalNet::look_for_end(const client::NodeRecord& node, Watched& w) const {
  int status = 0;
  if (w.pid == 0 && !alive(node)) w.ended = true;
  if (w.pid > 0 && ::waitpid(pid_t(w.pid), &status, WNOHANG) == pid_t(w.pid)) {
    if (const auto out = client::read_regular(node_folder(node.name) / "out", 1 << 20); !out || !says_port_taken(as_text(*out))) {
      DOS_ASSIGN(const auto lines, last_lines(node.name, 20));
      return fail(Errc::node_died, node.name + (lines.empty() ? " said nothing" : " said:\n" + lines));
    }
    w.ended = true;  // somebody took the port after it was chosen
  }
  return {};
}

Status LocalNet::show_current(const client::NetworkRecord& record, std::vector<Watched>& watched, Clock::time_point give_up) const {
  for (auto& w : watched) {
    client::SessionOptions options;
    options.net = name_, options.via = record.nodes[w.index].name, options.timeout = of_the_rest(give_up, 5s);
    DOS_ASSIGN(auto session, client::Session::open(places_, options));
    for (;;) {
      const auto block = session.newest();
      if (block) {
        w.height = block->header.height.value;
        break;
      }
      if (Clock::now() > give_up) return fail(block.error().code, record.nodes[w.index].name + ": " + block.error().detail);
      std::this_thread::sleep_for(10ms);
    }
  }
  return {};
}

Result<bool> LocalNet::wait_ready(const client::NetworkRecord& record, std::vector<Watched>& watched, std::chrono::milliseconds timeout) {
  const auto give_up = Clock::now() + timeout;
  DOS_ASSIGN(const auto network, client::load_network(places_, name_));
  const auto root = client::root_of(network.genesis, network.chain);
  std::vector<Asked> asked;
  for (const auto& w : watched) {
    DOS_ASSIGN(auto url, client::parse_url(record.nodes[w.index].url));
    asked.push_back({client::HttpConnection(std::move(url)), {}});
  }
  DOS_ASSIGN(const auto others, ask_others(record, watched, give_up));
  for (std::size_t open = watched.size(); open > 0 && Clock::now() < give_up;) {
    for (std::size_t i = 0; i < watched.size(); ++i) {
      auto& w = watched[i];
      const auto& node = record.nodes[w.index];
      if (w.ready) continue;
      DOS_TRY(look_for_end(node, w));
      if (w.ended) return false;
      // Before it says so it does not listen, and whatever answers on its port is somebody else.
      if (w.pid > 0 && !listens(node_folder(node.name) / "out")) continue;
      const auto height = shown_height(asked[i], root, std::max<std::uint64_t>(1, others.height), of_the_rest(give_up, 2s));
      if (!height) continue;
      w.height = *height;
      w.ready = true;
      --open;
    }
    if (open > 0) std::this_thread::sleep_for(4ms);
  }
  for (std::size_t i = 0; i < watched.size(); ++i) {
    if (watched[i].ready) continue;
    if (asked[i].last) return std::unexpected(*asked[i].last);
    DOS_ASSIGN(const auto lines, last_lines(record.nodes[watched[i].index].name, 20));
    return fail(Errc::timed_out, record.nodes[watched[i].index].name + " shows no final block" +
                                     (others.height > 1 ? " as high as the others' " + std::to_string(others.height) : "") + " after " +
                                     std::to_string(timeout.count()) + " ms:\n" + lines);
  }
  // With fewer nodes than a quorum nothing new becomes final, and nothing can be shown to be current.
  if (ledger::strong(watched.size() + others.running, record.nodes.size())) DOS_TRY(show_current(record, watched, give_up));
  return true;
}

Status LocalNet::wait_content(const client::NodeRecord& node, Clock::time_point give_up) const {
  for (;;) {
    const auto said = admin_line(node, "status", at_most(kAdminTime));
    if (!said) return std::unexpected(said.error());
    const auto missing = said->find("blobs_missing");
    if (missing == said->end() || !missing->is_number() || *missing == 0) return {};
    if (Clock::now() > give_up) return fail(Errc::timed_out, node.name + " still fetches the content of " + compact(*missing) + " blobs");
    std::this_thread::sleep_for(20ms);
  }
}

}  // namespace dos::cli
