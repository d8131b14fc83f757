// One TCP connection to a peer, from its first byte to its end: handshake, agreement that it is the one that is kept, frames.
// What is sent goes to the system in the same call as long as the system takes it; what it does not take waits here.
#pragma once
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <deque>

#include "base/edge.hpp"
#include "links/peer_frames.hpp"
#include "links/peer_tls.hpp"

namespace dos::links {

class PeerLink;

// The transport, as its links see it. None of these is called inside a call of PeerLink's.
struct PeerLinkOwner {
  virtual ~PeerLinkOwner() = default;
  virtual bool may_link(const PeerLink& link, const Hash& peer) = 0;  // the exception: inside the handshake
  virtual bool keeps(PeerLink& link) = 0;         // whether this side, if it is the one that decides, keeps this connection
  virtual void link_is_up(PeerLink& link) = 0;
  virtual void link_data(PeerLink& link, BytesView part) = 0;
  virtual void link_ended(PeerLink& link, const std::string& why) = 0;  // once, not after close()
  // Read buffers of the whole loop: one link reads at a time, and none keeps what it reads.
  Bytes ciphertext = Bytes(64 * 1024), plaintext = Bytes(64 * 1024);
  std::uint64_t bytes_in = 0, bytes_out = 0;
};

class PeerLink final : public std::enable_shared_from_this<PeerLink>, private FrameSink {
 public:
  using Tcp = boost::asio::ip::tcp;
  struct Config {
    LinkId id = 0;
    Hash self;
    std::optional<Hash> expected;  // whom this node dials; none: somebody dials this node
    std::string source;            // the other's address
    std::uint64_t handshake_ms = 0;
    unsigned user_timeout_ms = 0;  // data that the other's system does not take or acknowledge for that long ends the link
  };

  PeerLink(PeerLinkOwner& owner, const PeerTlsContext& tls, Tcp::socket socket, Config config);
  void dial(std::vector<Tcp::endpoint> to);  // tries them in turn
  void accepted();                           // the socket is connected

  const Config& config() const { return config_; }
  const std::optional<Hash>& peer() const { return tls_.peer(); }  // whom the certificate names; proved before keeps()
  bool up() const { return stage_ == Stage::up; }
  bool key_refused() const { return tls_.refused(); }

  void send(Bytes bytes);  // dropped unless up
  std::uint64_t queued_bytes() const { return ending_ ? 0 : queued_ + (tls_.out().size() - out_at_); }
  // At each tick of the owner's: false if the link answered none of `patience` pings. A link that was silent since the tick
  // before is pinged.
  bool tick(unsigned patience);
  void end_later(std::string why);  // ends, link_ended comes from the loop
  void close();                     // ends without events

 private:
  enum class Stage { connecting, handshake, agreeing, up, closed };
  bool decides() const { return config_.self < *tls_.peer(); }
  void limit_time();
  boost::system::error_code register_anew();
  void begin_handshake();
  void wait_read();
  void on_readable();
  void take(BytesView ciphertext);
  void advance_handshake();
  void agreed();
  bool frame_data(BytesView part) override;
  bool frame_control(FrameKind kind) override;
  void control(FrameKind kind);
  void pump();        // as much as the system takes, then waits for it to take more
  bool flush();       // false: something is left
  void fill();        // the next record
  void end(const std::string& why);

  PeerLinkOwner& owner_;
  Config config_;
  Stage stage_ = Stage::connecting;
  mutable PeerTls tls_;
  Tcp::socket socket_;
  boost::asio::steady_timer timer_;  // until it is up
  FrameReader frames_;
  bool reading_ = false, waiting_write_ = false, ending_ = false;
  bool asked_ready_ = false;         // `ready` came
  bool heard_ = false;               // since the last tick
  unsigned silent_ = 0;              // ticks in a row

  std::deque<Bytes> queue_;          // what send() was given; of the front, front_at_ bytes are in records
  std::vector<FrameKind> controls_;  // go before the next data frame
  std::size_t front_at_ = 0, frame_left_ = 0;
  std::uint64_t queued_ = 0;
  std::size_t out_at_ = 0;           // of tls_.out(), given to the system
  Bytes record_;
};

}  // namespace dos::links
