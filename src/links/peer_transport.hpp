// Links between validators over TCP: TLS 1.3 with X25519MLKEM768 only, ALPN "dos-peer/1". Both sides show the self-signed
// certificate of their node key and accept exactly the keys they were given (docs/spec/links.md). At most one link for each
// peer is up, and both sides keep the same one. Everything happens on the loop's thread; no exception leaves.
#pragma once
#include "base/edge.hpp"
#include "crypto/keys.hpp"
#include "os/event_loop.hpp"
#include "serve/tls_identity.hpp"

namespace dos::links {

struct PeerConfig {
  serve::TlsIdentity tls;                           // made of `own` (serve/tls_identity.hpp)
  crypto::PublicKey own;                     // this node's key
  std::vector<crypto::PublicKey> accepted;   // node keys of the validators; one's own may be among them
  std::string host;                          // address to listen on; empty: this node only dials
  std::uint16_t port = 0;                    // 0: any free one
  // Times and limits; a test sets them shorter.
  std::uint64_t first_retry_ms = 20, last_retry_ms = 5'000;
  std::uint64_t handshake_ms = 5'000;        // from connecting to a link that is up
  std::uint64_t ping_ms = 5'000;             // a link without a byte for that long is pinged; it goes down after
  unsigned silent_pings = 3;                 // that many pings in a row without a byte
  std::size_t handshakes = 128, handshakes_per_source = 32;  // half done, taken from others; more are closed at once
};

struct PeerCounters {  // since open()
  std::uint64_t links_up = 0, links_down = 0, dials = 0, refused_keys = 0, refused_floods = 0, bytes_in = 0, bytes_out = 0;
  std::size_t handshakes_now = 0;  // half done, taken from others
};

class PeerTransport : public Transport {
 public:
  // Listens; nothing is accepted before start(). no_port: the address is taken or is none of this machine. bad_key.
  static Result<std::unique_ptr<PeerTransport>> open(os::EventLoop& loop, PeerConfig config, Entropy& entropy, Log& log);
  ~PeerTransport() override = default;  // closes all links without events; before its loop, and not while that runs elsewhere

  virtual std::uint16_t port() const = 0;  // listened on; 0: none
  // Keys that may link from now on (the next epoch's validators); links of others go down, and who is new here is dialled at once.
  virtual void set_accepted(std::vector<crypto::PublicKey> keys) = 0;
  virtual PeerCounters counters() const = 0;
};

}  // namespace dos::links
