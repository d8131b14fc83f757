#include "links/peer_dials.hpp"

#include <utility>

namespace dos::links {

namespace asio = boost::asio;
using boost::system::error_code;

void PeerDials::start() {
  started_ = true;
  for (auto& [peer, d] : dials_) plan(d, 0);
}

void PeerDials::replace(std::vector<PeerAddress> to) {
  std::map<Hash, PeerAddress> wanted;
  for (auto& a : to) wanted[a.peer] = std::move(a);
  for (auto at = dials_.begin(); at != dials_.end();) {
    if (wanted.contains(at->first)) {
      ++at;
      continue;
    }
    const auto attempt = at->second->attempt;
    at = dials_.erase(at);
    if (attempt != 0) owner_.drop(attempt);
  }
  for (auto& [peer, address] : wanted) {
    auto& d = dials_[peer];
    if (!d) d = std::make_shared<Dial>(io_, fresh_);
    else if (d->address.host == address.host && d->address.port == address.port) continue;
    d->address = std::move(address);
    at_once(peer);
  }
}

void PeerDials::at_once(const Hash& peer) {
  const auto at = dials_.find(peer);
  if (at == dials_.end()) return;
  at->second->retry = fresh_;
  plan(at->second, 0);
}

void PeerDials::over(const Hash& peer, LinkId link, bool held) {
  const auto at = dials_.find(peer);
  if (at == dials_.end()) return;
  auto& d = at->second;
  if (d->attempt == link) d->attempt = 0;
  if (held) d->retry = fresh_;
  if (d->attempt == 0 && owner_.wants(peer)) plan(d, d->retry.wait_ms(entropy_));
}

// When the time comes nothing is done if there is a link or an attempt by then.
void PeerDials::plan(const Shared& d, std::uint64_t wait_ms) {
  if (!started_) return;
  d->timer.expires_after(std::chrono::milliseconds(wait_ms));
  d->timer.async_wait(life_.guard([this, weak = std::weak_ptr(d), mine = ++d->plan](error_code e) {
    const auto dial = weak.lock();
    if (!e && dial && dial->plan == mine) resolve(dial);
  }));
}

void PeerDials::resolve(const Shared& d) {
  if (d->attempt != 0 || d->resolving || !owner_.wants(d->address.peer)) return;
  ++count_;
  error_code e;
  const auto address = asio::ip::make_address(d->address.host == "localhost" ? "127.0.0.1" : d->address.host, e);
  if (!e) return connect(d, {Tcp::endpoint(address, d->address.port)});
  d->resolving = true;  // a name: asked on the resolver's own thread
  resolver_.async_resolve(d->address.host, std::to_string(d->address.port),
                          life_.guard([this, weak = std::weak_ptr(d)](error_code failed, const Tcp::resolver::results_type& found) {
                            const auto dial = weak.lock();
                            if (!dial) return;
                            dial->resolving = false;
                            if (failed || found.empty()) {
                              log_.write(LogLevel::debug, "peers", dial->address.host + ": " + failed.message());
                              return plan(dial, dial->retry.wait_ms(entropy_));
                            }
                            std::vector<Tcp::endpoint> places;
                            for (const auto& f : found) places.push_back(f.endpoint());
                            if (owner_.wants(dial->address.peer)) connect(dial, std::move(places));
                          }));
}

void PeerDials::connect(const Shared& d, std::vector<Tcp::endpoint> to) {
  d->attempt = owner_.connect(d->address.peer, d->address.host, std::move(to));
}

}  // namespace dos::links
