// Whom this node dials: the addresses it was given, each tried again, ever more rarely, for as long as there is no link.
#pragma once
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <map>

#include "base/edge.hpp"
#include "links/peer_life.hpp"
#include "links/peer_retry.hpp"

namespace dos::links {

class PeerDials {
 public:
  using Tcp = boost::asio::ip::tcp;
  struct Owner {
    virtual ~Owner() = default;
    virtual bool wants(const Hash& peer) = 0;  // it is not linked, and may be
    virtual LinkId connect(const Hash& peer, const std::string& host, std::vector<Tcp::endpoint> to) = 0;
    virtual void drop(LinkId attempt) = 0;     // nobody wants it any more; gone or up already: nothing
  };
  PeerDials(boost::asio::io_context& io, const Retry& retry, Entropy& entropy, Log& log, Owner& owner)
      : io_(io), fresh_(retry), entropy_(entropy), log_(log), owner_(owner), resolver_(io) {}

  void start();                                     // before: nothing is dialled
  void replace(std::vector<PeerAddress> to);        // one address a peer; new and changed ones are dialled at once
  void at_once(const Hash& peer);                   // as if nothing had been tried yet
  void over(const Hash& peer, LinkId link, bool held);  // a link or attempt with it ended; held: it was a good one
  std::uint64_t count() const { return count_; }    // attempts

 private:
  struct Dial {
    Dial(boost::asio::io_context& io, const Retry& r) : retry(r), timer(io) {}
    PeerAddress address;
    Retry retry;
    boost::asio::steady_timer timer;
    std::uint64_t plan = 0;  // the timer's newest wait; an older one that is on its way does nothing
    LinkId attempt = 0;      // under way
    bool resolving = false;
  };
  using Shared = std::shared_ptr<Dial>;
  void plan(const Shared& d, std::uint64_t wait_ms);
  void resolve(const Shared& d);
  void connect(const Shared& d, std::vector<Tcp::endpoint> to);

  boost::asio::io_context& io_;
  Retry fresh_;
  Entropy& entropy_;
  Log& log_;
  Owner& owner_;
  Tcp::resolver resolver_;
  bool started_ = false;
  std::uint64_t count_ = 0;
  std::map<Hash, Shared> dials_;
  Life life_;
};

}  // namespace dos::links
