#include "links/peer_transport.hpp"

#include <boost/asio/post.hpp>
#include <map>
#include <set>
#include <utility>

#include "crypto/sign.hpp"
#include "links/peer_dials.hpp"
#include "links/peer_gate.hpp"
#include "links/peer_link.hpp"
#include "os/event_loop_context.hpp"
#include "serve/crowd.hpp"
#include "serve/handshake_pace.hpp"
#include "serve/source.hpp"

namespace dos::links {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using Tcp = asio::ip::tcp;
using std::chrono::milliseconds;

constexpr std::size_t kHandshakesPerSecond = 100;
// Of two connections of one peer that come up closer together than this, the first stays: they crossed. Later, the newer one
// does: a peer dials only when it has no link, so it lost the older.
constexpr std::uint64_t kCrossingNs = 1'000'000'000;

class TcpTransport final : public PeerTransport, public PeerLinkOwner, private PeerDials::Owner {
 public:
  TcpTransport(os::EventLoop& loop, PeerConfig config, PeerTlsContext tls, Entropy& entropy, Log& log)
      : loop_(loop),
        io_(loop.context().io),
        config_(std::move(config)),
        self_(crypto::key_id(config_.own)),
        tls_(std::move(tls)),
        log_(log),
        acceptor_(io_),
        pause_(io_),
        ticks_(io_),
        gate_(config_.handshakes, config_.handshakes_per_source, kHandshakesPerSecond),
        pace_({kHandshakesPerSecond / 2, kHandshakesPerSecond}, {kHandshakesPerSecond, 2 * kHandshakesPerSecond}, 0),
        inside_(config_.handshakes),
        dials_(io_, Retry(config_.first_retry_ms, config_.last_retry_ms), entropy, log, *this) {
    accept_keys(config_.accepted);
  }
  ~TcpTransport() override {
    for (auto& [id, link] : links_) link->close();
  }

  Status listen() {
    if (config_.host.empty()) return {};
    error_code e;
    const auto address = asio::ip::make_address(config_.host == "localhost" ? "127.0.0.1" : config_.host, e);
    if (e) return fail(Errc::usage, "'" + config_.host + "' is no IP address to listen on for validators");
    const Tcp::endpoint at(address, config_.port);
    acceptor_.open(at.protocol(), e);
    if (!e) acceptor_.set_option(asio::socket_base::reuse_address(true), e);
    if (!e) acceptor_.bind(at, e);
    if (!e) acceptor_.listen(256, e);
    if (!e) port_ = acceptor_.local_endpoint(e).port();
    if (e)
      return fail(Errc::no_port,
                  "cannot listen for validators on " + config_.host + ":" + std::to_string(config_.port) + ": " + e.message());
    return {};
  }

  // ---- Transport
  void start(LinkEvents& events) override {
    events_ = &events;
    if (acceptor_.is_open()) accept();
    dials_.start();
  }

  void keep_linked(std::vector<PeerAddress> to) override {
    std::erase_if(to, [this](const PeerAddress& a) { return a.peer == self_; });
    dials_.replace(std::move(to));
  }

  void send(LinkId id, Bytes bytes) override {
    if (const auto at = links_.find(id); at != links_.end()) at->second->send(std::move(bytes));
  }
  std::uint64_t queued_bytes(LinkId id) const override {
    const auto at = links_.find(id);
    return at == links_.end() ? 0 : at->second->queued_bytes();
  }
  void close(LinkId id) override {
    if (const auto at = links_.find(id); at != links_.end()) {
      const auto link = at->second;
      link->close();
      gone(*link, "closed here", false);
    }
  }

  // ---- PeerTransport
  std::uint16_t port() const override { return port_; }
  void set_accepted(std::vector<crypto::PublicKey> keys) override {
    const auto before = accepted_;
    accept_keys(keys);
    end_refused("who may link here was changed");
    for (const auto& peer : accepted_)
      if (!before.contains(peer)) dials_.at_once(peer);
  }
  PeerCounters counters() const override {
    auto c = counters_;
    c.bytes_in = bytes_in;
    c.bytes_out = bytes_out;
    c.dials = dials_.count();
    c.handshakes_now = gate_.inside();
    return c;
  }

 private:
  struct Up {
    LinkId link = 0;
    std::uint64_t since_ns = 0;
  };

  void accept_keys(const std::vector<crypto::PublicKey>& keys) {
    accepted_.clear();
    for (const auto& k : keys) accepted_.insert(crypto::key_id(k));
    accepted_.erase(self_);
  }
  bool welcome(const Hash& peer) const { return accepted_.contains(peer); }
  void end_refused(const std::string& why) {
    for (auto& [id, link] : links_) {
      const auto& peer = link->config().expected ? link->config().expected : link->peer();
      if (peer && !welcome(*peer)) link->end_later(why);
    }
  }
  static std::string short_id(const Hash& peer) { return hex(peer.view().first(4)); }

  // ---- taking links
  void accept() {
    acceptor_.async_accept(life_.guard([this](error_code e, Tcp::socket socket) {
      if (e == asio::error::operation_aborted || !acceptor_.is_open()) return;
      if (e == asio::error::no_descriptors || e == asio::error::no_buffer_space || e == asio::error::no_memory) {
        log_.write(LogLevel::warn, "peers", "no room for a connection: " + e.message());
        pause_.expires_after(milliseconds(100));  // the waiting connection stays; asking at once would spin
        pause_.async_wait(life_.guard([this](error_code stopped) {
          if (!stopped) accept();
        }));
        return;
      }
      if (!e) take(std::move(socket));
      accept();
    }));
  }
  void take(Tcp::socket socket) {
    error_code e;
    const auto from = socket.remote_endpoint(e);
    if (e) return;  // gone again
    const auto source = serve::source_of(from.address());
    const auto now = loop_.now_ns();
    const std::string key(source.key.begin(), source.key.end());
    if (pace_.wait_ns(source, now) != 0) return refuse_flood();  // dropped: closed at once
    make_room(source);
    if (!gate_.enter(key, now)) return refuse_flood();
    const auto link = make_link(std::move(socket), std::nullopt, from.address().to_string());
    entered_[link->config().id] = key;
    inside_.enter(link->config().id, source);
    link->accepted();
  }
  // Who has been half done for longest goes for a newcomer: of its own source, when that has its share, else of the one with most.
  void make_room(const api::Source& source) {
    std::optional<LinkId> out;
    if (inside_.of(source) >= config_.handshakes_per_source) out = inside_.give_up(source);
    else if (inside_.size() >= config_.handshakes) out = inside_.give_up();
    const auto at = out ? links_.find(*out) : links_.end();
    if (at == links_.end()) return;
    const auto link = at->second;
    refuse_flood();
    link->close();
    gone(*link, "made room for another connection", false);
  }
  void refuse_flood() { ++counters_.refused_floods; }
  std::shared_ptr<PeerLink> make_link(Tcp::socket socket, std::optional<Hash> expected, std::string source) {
    const auto id = ++last_link_;
    const auto patience_ms = config_.ping_ms * (config_.silent_pings + 1);
    auto link =
        std::make_shared<PeerLink>(*this, tls_, std::move(socket),
                                   PeerLink::Config{id, self_, expected, std::move(source), config_.handshake_ms, unsigned(patience_ms)});
    links_[id] = link;
    return link;
  }

  // ---- PeerDials::Owner
  bool wants(const Hash& peer) override { return welcome(peer) && !up_.contains(peer); }
  LinkId connect(const Hash& peer, const std::string& host, std::vector<Tcp::endpoint> to) override {
    const auto link = make_link(Tcp::socket(io_), peer, host);
    link->dial(std::move(to));
    return link->config().id;
  }
  void drop(LinkId attempt) override {
    const auto at = links_.find(attempt);
    if (at == links_.end() || at->second->up()) return;
    at->second->close();
    links_.erase(at);
  }

  // ---- PeerLinkOwner
  bool may_link(const PeerLink& link, const Hash& peer) override {
    const auto& expected = link.config().expected;
    return welcome(peer) && (!expected || *expected == peer);
  }
  bool keeps(PeerLink& link) override {
    const auto& peer = *link.peer();
    if (!welcome(peer)) return false;
    const auto at = up_.find(peer);
    return at == up_.end() || loop_.now_ns() - at->second.since_ns >= kCrossingNs;
  }
  void link_is_up(PeerLink& link) override {
    const auto peer = *link.peer();
    const auto id = link.config().id;
    pass_gate(link);
    if (const auto at = up_.find(peer); at != up_.end()) {
      const auto older = links_.at(at->second.link);
      older->close();
      gone(*older, "replaced by a newer connection", true);
    }
    up_[peer] = {id, loop_.now_ns()};
    // Other connections with this peer that are half done are of no use now.
    std::vector<std::shared_ptr<PeerLink>> others;
    for (auto& [other, l] : links_)
      if (other != id && (l->config().expected == peer || (l->peer() == peer && !l->config().expected))) others.push_back(l);
    for (auto& l : others) {
      l->close();
      gone(*l, "another connection is kept", false);
    }
    ++counters_.links_up;
    log_.write(LogLevel::info, "peers",
               "linked with " + short_id(peer) + (link.config().expected ? ", dialled" : "") + ", " + link.config().source);
    if (!ticking_) tick();
    events_->link_up(id, peer);
  }
  void link_data(PeerLink& link, BytesView part) override { events_->link_bytes(link.config().id, part); }
  void link_ended(PeerLink& link, const std::string& why) override { gone(link, why, true); }

  void pass_gate(PeerLink& link) {
    const auto at = entered_.find(link.config().id);
    if (at == entered_.end()) return;
    gate_.leave(at->second);
    inside_.leave(at->first);
    entered_.erase(at);
  }

  // A link or an attempt is over; its socket is closed.
  void gone(PeerLink& link, const std::string& why, bool tell) {
    const auto id = link.config().id;
    const auto keep_alive = link.shared_from_this();
    if (links_.erase(id) == 0) return;
    pass_gate(link);
    if (link.key_refused()) {
      ++counters_.refused_keys;
      warn("a key was refused: " + link.config().source + ": " + why);
    }
    const auto peer = link.config().expected ? link.config().expected : link.peer();
    const auto at = peer ? up_.find(*peer) : up_.end();
    const bool was_up = at != up_.end() && at->second.link == id;
    bool held = false;  // one that fell at once must not be dialled without end
    if (was_up) {
      held = loop_.now_ns() - at->second.since_ns >= kCrossingNs;
      up_.erase(at);
      ++counters_.links_down;
      log_.write(LogLevel::info, "peers", "link with " + short_id(*peer) + " is down: " + why);
    } else {
      log_.write(LogLevel::debug, "peers", "no link with " + link.config().source + ": " + why);
    }
    // Of one that somebody else dialled and that was never up, not even who it is was proved.
    if (was_up || link.config().expected) dials_.over(*peer, id, held);
    if (was_up && tell) events_->link_down(id);
  }
  void warn(const std::string& what) {  // one line a second: strangers can cause it
    const auto now = loop_.now_ns();
    if (warned_ns_ != 0 && now - warned_ns_ < 1'000'000'000) return;
    warned_ns_ = now;
    log_.write(LogLevel::warn, "peers", what);
  }

  // ---- half-open links: one timer for all, none without a link
  void tick() {
    ticking_ = !up_.empty();
    if (!ticking_) return;
    ticks_.expires_after(milliseconds(config_.ping_ms));
    ticks_.async_wait(life_.guard([this](error_code e) {
      if (e) return;
      std::vector<std::shared_ptr<PeerLink>> all;
      for (const auto& [peer, up] : up_) all.push_back(links_.at(up.link));
      for (const auto& link : all)
        if (!link->tick(config_.silent_pings)) link->end_later("it stopped answering");
      tick();
    }));
  }

  os::EventLoop& loop_;
  asio::io_context& io_;
  PeerConfig config_;
  Hash self_;
  PeerTlsContext tls_;
  Log& log_;
  LinkEvents* events_ = nullptr;
  Tcp::acceptor acceptor_;
  asio::steady_timer pause_, ticks_;
  PeerGate gate_;
  serve::HandshakePace pace_;
  std::uint16_t port_ = 0;
  bool ticking_ = false;
  LinkId last_link_ = 0;
  std::uint64_t warned_ns_ = 0;
  PeerCounters counters_;
  std::set<Hash> accepted_;
  std::map<LinkId, std::shared_ptr<PeerLink>> links_;  // all, half-done ones too
  std::map<LinkId, std::string> entered_;              // of them, those that count at the gate, and there as whom
  serve::Crowd inside_;                                       // the same, by who has to go first
  std::map<Hash, Up> up_;
  PeerDials dials_;
  Life life_;
};

}  // namespace

Result<std::unique_ptr<PeerTransport>> PeerTransport::open(os::EventLoop& loop, PeerConfig config, Entropy& entropy, Log& log) {
  DOS_ASSIGN(auto tls, PeerTlsContext::make(config.tls, config.own.type));
  auto transport = std::make_unique<TcpTransport>(loop, std::move(config), std::move(tls), entropy, log);
  DOS_TRY(transport->listen());
  return transport;
}

}  // namespace dos::links
