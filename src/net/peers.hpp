// Links become peers: Hello both ways, one live link a validator, frames in and out by their class, limits, peer exchange.
// A peer is named by its index in the epoch's validator set. Calls the handler from within its own calls; the handler may
// send, but not call link_* or wake (they come from the driver).
#pragma once
#include <deque>
#include <map>
#include <memory>
#include <set>

#include "base/edge.hpp"
#include "net/addresses.hpp"
#include "net/framing.hpp"
#include "net/outbox.hpp"
#include "net/owed_answers.hpp"
#include "net/questions.hpp"
#include "net/rates.hpp"

namespace dos::net {

inline constexpr std::uint16_t kNetVersion = 1;
inline constexpr std::uint64_t kHelloWaitNs = 5'000'000'000;      // without Hello by then a link is closed
inline constexpr std::uint32_t kMaxLinksPerPeer = 4;              // up at one time, Hello or not; more are closed at once
inline constexpr std::uint64_t kLinksSaved = 32;                  // so many of one peer may come up one after the other, then
inline constexpr std::uint64_t kLinksPerSecond = 2;               // so many: with each it is told anew where this node is
inline constexpr std::uint64_t kBulkMarkBytes = 512 * 1024;       // bulk waits while a link has more than this to send
inline constexpr std::uint64_t kMaxHeldBytes = 16ull << 20;       // bulk held back on one link; more is dropped
inline constexpr std::uint64_t kMaxAnswerQueueBytes = 32ull << 20;// gossip and block answers are dropped above
inline constexpr std::uint32_t kSmallFrameBytes = 4096;           // a bulk frame up to this is never held back
inline constexpr std::uint64_t kHeldRetryNs = 1'000'000;
inline constexpr std::uint64_t kNewsWaitNs = 1'000'000'000;       // addresses are passed on together

// What links bring up, by sender: a validator's index in the epoch's set.
struct PeerHandler {
  virtual ~PeerHandler() = default;
  virtual void peer_up(std::uint16_t peer, Height height) = 0;   // height: of its last final block, a claim
  virtual void peer_down(std::uint16_t peer) = 0;                // also when a newer link takes the place of an old one
  // Decoded, within its limits and the sender's rates; an answer was asked for. What engines say is not decoded: that it is malformed or
  // over a limit is the engine's to say. Holds a message of DOS_NET_PEER_MESSAGES: Hello and
  // Addresses are Peers' own business and do not come here.
  virtual void received(std::uint16_t from, AnyMessage message) = 0;
};

struct PeersSetup {
  Hash chain;
  const ledger::ValidatorSet* set = nullptr;   // outlives Peers
  std::uint16_t self = 0;
  const crypto::SigningKey* node_key = nullptr;
  std::string software, listen;                // listen empty: nobody dials us
};
struct PeersEdges {
  Transport& transport;
  Clock& clock;
  Entropy& entropy;
  Log& log;
};
struct PeersCounters {
  std::uint64_t frames_in = 0, bytes_in = 0, frames_out = 0, bytes_out = 0;
  std::uint64_t dropped_in = 0;      // over a rate limit, or a question too many
  std::uint64_t unasked_in = 0;      // answers that nobody here had asked for
  std::uint64_t dropped_out = 0;     // no room, or larger than its row allows
  std::uint64_t refused_links = 0, broken_links = 0;  // wrong Hello, too many; malformed frames or floods
};

class Peers final : public LinkEvents, public Outbox {
 public:
  Peers(PeersSetup setup, PeersEdges edges, PeerHandler& handler);
  ~Peers() override;
  // Signs its address and dials. Transport::start is the caller's, who passes the events on.
  Status start(Height height);
  void final_height(Height height) { height_ = height; }  // for the next Hello

  void link_up(LinkId link, const Hash& peer) override;
  void link_bytes(LinkId link, BytesView bytes) override;
  void link_down(LinkId link) override;
  void wake();
  std::optional<std::uint64_t> deadline_ns() const;

  bool send(std::uint16_t to, const AnyMessage& message) override;
  void send_all(const AnyMessage& message) override;
  std::vector<std::uint16_t> linked() const override;
  bool room_for(std::uint16_t to, std::size_t bytes) const override;
  bool affords(std::uint16_t peer) override { return questions_.affords(peer, now()); }
  void charge(std::uint16_t peer, const Work& work) override { questions_.charge(peer, work, now()); }
  bool is_linked(std::uint16_t peer) const;
  void punish(std::uint16_t peer, std::string_view why);  // closes its link; the transport dials again later
  const PeersCounters& counters() const { return counters_; }
  const AddressBook& addresses() const { return book_; }
  // What is kept for peers, over all of them: entries and bytes.
  struct Held {
    std::uint64_t entries = 0, bytes = 0;
  };
  Held questions() const { return {questions_.held(), questions_.held_bytes()}; }
  Held unsent() const;     // taken by the transport and on its way to a link
  Held half_read() const;  // frames of which not all has come, on all links
  Held held_back() const;  // bulk that waits for a link to have less to send
  Held owed() const { return {owed_.count(), 0}; }

 private:
  struct Link {
    LinkId id = 0;
    std::uint16_t peer = 0;               // whose key was proved; it counts once Hello has been checked
    bool greeted = false;
    std::uint64_t up_ns = 0;
    std::uint64_t ours = 0, session = 0, theirs = 0;  // numbers of the two Hellos, session of theirs
    FrameReader reader;
    std::deque<Bytes> held;               // bulk that waits for the link to have less to send
    std::size_t held_bytes = 0;
  };

  Link* live(std::uint16_t peer) const;
  // On our side, and tells the handler if it was live.
  void close(LinkId id, std::string_view why, LogLevel level = LogLevel::info);
  void gone(LinkId id);                                // it is down
  void broken(LinkId id, std::string_view why);        // the peer is at fault: its budget falls, too
  void take(Link& link, const Frame& frame);           // the link may be gone afterwards
  void greet(Link& link, const Frame& frame);
  void too_many(std::uint16_t peer, const Frame& frame);  // a question that may not wait
  void unasked(Link& link, const Frame& frame);
  Status dispatch(std::uint16_t from, const Frame& frame);
  template <class T>
  void hand_over(std::uint16_t from, T message);
  void answer_held();
  Status learn(const Addresses& addresses);
  bool keeps(const Link& old, const Link& fresh) const;
  bool put(Link& link, Rate rate, Bytes frame);
  void flush(Link& link);
  Status claim();
  void dial() { edges_.transport.keep_linked(book_.dialable()); }
  void say(LogLevel level, std::uint16_t peer, std::string_view what, std::string_view why) const;
  std::uint64_t now() const { return edges_.clock.monotonic_ns(); }

  PeersSetup setup_;
  PeersEdges edges_;
  PeerHandler& handler_;
  AddressBook book_;
  std::map<Hash, std::uint16_t> validator_of_;         // by node key id
  std::map<LinkId, std::unique_ptr<Link>> links_;
  std::vector<std::optional<LinkId>> live_;            // by validator
  std::vector<PeerBudget> budgets_;                    // by validator: a new link gives no new budget
  std::vector<TokenBucket> links_left_;                // likewise
  Questions questions_;
  OwedAnswers owed_;
  std::optional<std::uint16_t> answering_;             // whose question is being answered: what it is sent is its work
  PeersCounters counters_;
  Height height_;
  std::uint64_t session_ = 0, links_made_ = 0;
  std::set<std::uint16_t> news_;                       // addresses to be passed on
  std::optional<std::uint64_t> news_due_ns_, flush_due_ns_;
};

}  // namespace dos::net
