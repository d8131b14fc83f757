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

}  // namespace

Result<bool> LocalNet::wait_ready(const client::NetworkRecord& record, std::vector<Watched>& watched, std::chrono::milliseconds timeout) {
  const auto give_up = Clock::now() + timeout;
  const auto at_most = [&](std::chrono::milliseconds time) {  // and no more than is left
    return std::clamp(std::chrono::duration_cast<std::chrono::milliseconds>(give_up - Clock::now()), std::chrono::milliseconds(1), time);
  };
  DOS_ASSIGN(const auto network, client::load_network(places_, name_));
  const auto root = client::root_of(network.genesis, network.chain);
  struct Asked {
    client::HttpConnection connection;
    std::optional<Error> last;
  };
  std::vector<Asked> asked;
  for (const auto& w : watched) {
    DOS_ASSIGN(auto url, client::parse_url(record.nodes[w.index].url));
    asked.push_back({client::HttpConnection(std::move(url)), {}});
  }
  // With fewer nodes than a quorum nothing new becomes final, and nothing can be shown to be current.
  std::size_t running = watched.size();
  std::uint64_t others = 0;  // what the nodes that ran before have
  for (std::size_t i = 0; i < record.nodes.size(); ++i) {
    bool waited = false;
    for (const auto& w : watched) waited |= w.index == i;
    if (waited || !alive(record.nodes[i])) continue;
    ++running;
    client::SessionOptions options;
    options.net = name_, options.via = record.nodes[i].name, options.timeout = at_most(1s), options.stale_ok = true;
    DOS_ASSIGN(auto session, client::Session::open(places_, options));
    if (const auto block = session.newest()) others = std::max(others, block->header.height.value);  // one that is silent bars nobody
  }
  const bool quorum = ledger::strong(running, record.nodes.size());
  for (std::size_t open = watched.size(); open > 0 && Clock::now() < give_up;) {
    for (std::size_t i = 0; i < watched.size(); ++i) {
      auto& w = watched[i];
      const auto& node = record.nodes[w.index];
      if (w.ready) continue;
      int status = 0;
      if (w.pid == 0 && !alive(node)) w.ended = true;
      if (w.pid > 0 && ::waitpid(pid_t(w.pid), &status, WNOHANG) == pid_t(w.pid)) {
        if (const auto out = client::read_regular(node_folder(node.name) / "out", 1 << 20); !out || !says_port_taken(as_text(*out))) {
          DOS_ASSIGN(const auto lines, last_lines(node.name, 20));
          return fail(Errc::node_died, node.name + (lines.empty() ? " said nothing" : " said:\n" + lines));
        }
        w.ended = true;  // somebody took the port after it was chosen
      }
      if (w.ended) return false;
      // Before it says so it does not listen, and whatever answers on its port is somebody else.
      if (w.pid > 0 && !listens(node_folder(node.name) / "out")) continue;
      auto answer = asked[i].connection.request("GET", "/v1/anchor", {}, at_most(2s), 1 << 20);
      if (!answer || answer->status != 200) continue;
      const auto anchor = codec::decode<ledger::Anchor>(answer->body, "an anchor");
      if (!anchor || anchor->header.height.value < std::max<std::uint64_t>(1, others)) continue;
      // What does not verify may be another network's node on this port: ours then says so and ends.
      if (const auto block = client::verify_anchor(root, *anchor); !block) {
        asked[i].last = block.error();
        continue;
      }
      w.height = anchor->header.height.value;
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
                                     (others > 1 ? " as high as the others' " + std::to_string(others) : "") + " after " +
                                     std::to_string(timeout.count()) + " ms:\n" + lines);
  }
  // Links to a quorum stand, and what the node shows is what the others know.
  for (auto& w : watched) {
    if (!quorum) break;
    client::SessionOptions options;
    options.net = name_, options.via = record.nodes[w.index].name, options.timeout = at_most(5s);
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
