// For tests: nodes with real keys and certificates, their transports on one loop, and what they were told.
#pragma once
#include <gtest/gtest.h>

#include "links/peer_transport.hpp"
#include "os/system.hpp"
#include "serve/test_identity.hpp"

namespace dos::links::testpeers {

using namespace serve::testpeers;

// Runs the loop until `done` or the time is over; says which.
template <class F>
bool run_until(os::EventLoop& loop, F done, std::uint64_t ms = 10'000) {
  const auto end = loop.now_ns() + ms * 1'000'000;
  bool good = false;
  loop.on_deadline([&] {
    good = done();
    if (good || loop.now_ns() >= end) loop.stop();
    else loop.set_deadline(loop.now_ns() + 500'000);
  });
  loop.set_deadline(loop.now_ns());
  loop.run();
  loop.set_deadline(std::nullopt);
  return good;
}
inline void run_for(os::EventLoop& loop, std::uint64_t ms) {
  run_until(loop, [] { return false; }, ms);
}

struct Peer final : LinkEvents {
  Peer(os::EventLoop& loop, const std::string& name, crypto::Suite suite = crypto::Suite::pq) : loop(loop), who(identity(name, suite)) {
    config.tls = who.tls;
    config.own = who.key;
    config.host = "127.0.0.1";
  }
  // Accepts these, listens, starts.
  void open(std::vector<crypto::PublicKey> accepted) {
    config.accepted = std::move(accepted);
    auto opened = PeerTransport::open(loop, config, entropy, log);
    if (!opened) throw std::runtime_error(opened.error().detail);
    transport = std::move(*opened);
    transport->start(*this);
  }
  PeerAddress address() const { return {who.id, "127.0.0.1", transport->port()}; }
  bool linked(const Peer& other) const { return links.contains(other.who.id); }
  LinkId link(const Peer& other) const { return links.at(other.who.id); }

  void link_up(LinkId link, const Hash& peer) override {
    EXPECT_FALSE(inside) << "events may not overlap";
    EXPECT_FALSE(links.contains(peer)) << "two links with one peer";
    EXPECT_TRUE(peers.emplace(link, peer).second) << "a link id came twice";
    links[peer] = link;
    ++ups;
  }
  void link_bytes(LinkId link, BytesView bytes) override {
    EXPECT_FALSE(inside) << "events may not overlap";
    EXPECT_EQ(links.at(peers.at(link)), link) << "bytes of a link that is not up";
    EXPECT_LE(bytes.size(), 64u * 1024);
    got += bytes.size();
    inside = true;
    if (on_bytes) on_bytes(link, bytes);
    inside = false;
  }
  void link_down(LinkId link) override {
    EXPECT_FALSE(inside) << "events may not overlap";
    links.erase(peers.at(link));
    ++downs;
  }

  os::EventLoop& loop;
  Identity who;
  PeerConfig config;
  os::SystemEntropy entropy;
  LogLines log;
  std::map<Hash, LinkId> links;
  std::map<LinkId, Hash> peers;
  std::function<void(LinkId, BytesView)> on_bytes;
  std::uint64_t got = 0;
  int ups = 0, downs = 0;
  bool inside = false;
  std::unique_ptr<PeerTransport> transport;
};

}  // namespace dos::links::testpeers
