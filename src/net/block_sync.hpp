// Catching up with final blocks: spans asked of several peers at once, delivered in order, one at a call, so that votes and
// requests pass between them. Peers take turns, those who were slower than others last, and for the span that the rest waits for more
// than one is asked. Whoever answers too late twice is not asked again until this sync is over. It is over when the goal is reached or
// nobody is left to ask; whoever was late is asked again after a pause. Whoever answers wrongly rests for a while, each time for longer,
// over syncs and links: what it costs to find that out is bounded by time, and who made one mistake is soon asked again.
#pragma once
#include <functional>
#include <map>
#include <optional>
#include <set>

#include "base/edge.hpp"
#include "net/outbox.hpp"

namespace dos::net {

inline constexpr std::uint32_t kSyncSpans = 4;                  // under way or waiting to be delivered: bounds memory
inline constexpr std::uint32_t kSyncPerPeer = 1;
inline constexpr std::uint64_t kSyncWaitNs = 3'000'000'000;     // for one answer
inline constexpr std::uint64_t kSyncHelpNs = 250'000'000;       // then whoever has nothing else to do is asked for the first one, too
inline constexpr std::uint32_t kMaxLateAnswers = 2;
inline constexpr std::uint64_t kSyncPauseNs = 10'000'000'000;   // before those who were late are asked again
// Whoever sent a wrong range is not asked for so long, the next time twice as long, so often doubled at most, until it has sent none
// for the last of these.
inline constexpr std::uint64_t kSyncRestNs = 1'000'000'000;
inline constexpr std::uint32_t kMaxSyncRests = 6;
inline constexpr std::uint64_t kSyncForgetNs = 300'000'000'000;

struct SyncTarget {
  virtual ~SyncTarget() = default;
  // Verify, execute, commit the block that follows the last one. An error is the peer's fault, unless it is `disk`.
  virtual Status adopt(std::uint16_t from, FinalBlock block) = 0;
};

class BlockSync {
 public:
  BlockSync(Outbox& out, Clock& clock, SyncTarget& target);
  // `from` says it has final blocks up to `height`; `last` is our last final block. Say it of every peer that one hears of
  // (Hello, StatusReport, the engine's CatchUp): all of them are asked. Again at will: moves the goal up.
  void catch_up(std::uint16_t from, Height height, Height last);
  void advanced(Height last);                               // blocks became final here in the ordinary way
  void received(std::uint16_t from, Range range);
  void peer_down(std::uint16_t peer);
  bool running() const { return goal_ >= next_; }
  std::size_t spans() const { return spans_.size(); }
  std::uint64_t held_bytes() const;                         // of blocks that wait to be delivered
  Height goal() const { return goal_; }
  void wake();                                              // times, and delivers at most one block
  std::optional<std::uint64_t> deadline_ns() const;         // 0: a block waits to be delivered
  std::uint64_t dropped_peers() const { return dropped_count_; }

 private:
  struct Span {
    std::uint32_t count = 0;
    std::map<std::uint16_t, std::uint64_t> asked;           // not answered: peers, and until when
    std::uint64_t asked_ns = 0;                             // the last of them
    std::optional<std::vector<FinalBlock>> blocks;          // answered
    std::uint16_t answered_by = 0;
  };
  struct Source {
    Height upto;
    std::uint32_t late = 0;
    std::uint32_t beaten = 0;                               // times in a row that another one answered its span first
    std::uint64_t turn = 0;                                 // when it was asked last
  };
  struct Fault {  // of a peer
    std::uint32_t wrong = 0;  // ranges
    std::uint64_t last_ns = 0, rests_until_ns = 0;
    Height upto;  // what it says it has, while it rests
  };
  using Spans = std::map<Height, Span>;
  void plan();
  std::vector<std::uint16_t> askable(Height from, const Span& span) const;  // who should be asked first comes first
  void ask(Height from, Span& span);
  std::optional<std::uint64_t> help_ns() const;             // when another one is asked for what all wait for
  void drop(std::uint16_t peer);
  void ask_no_more(const std::function<bool(std::uint16_t peer, std::uint64_t until)>& of);
  void leave(std::uint16_t peer);
  void ask_again();
  bool rests(std::uint16_t peer) const;
  void wrong(std::uint16_t peer);
  void end_rests();
  Spans::iterator covering(Height height);
  void stop();
  bool deliverable() const;                                 // the first span, if answered, is the one that holds next_
  void deliver();

  Outbox& out_;
  Clock& clock_;
  SyncTarget& target_;
  Height next_{1}, goal_{0};                                // next to deliver; last one wanted
  std::uint64_t turns_ = 0;
  Spans spans_;                                             // by first height; they end above next_, and do not overlap
  std::map<std::uint16_t, Source> sources_;
  std::map<std::uint16_t, Fault> faults_;
  std::set<std::uint16_t> dropped_;                         // in this sync
  std::map<std::uint16_t, Height> late_;                    // dropped for that alone: what they said they have
  std::optional<std::uint64_t> pause_ends_ns_;              // nobody was left to ask, but some were late
  std::uint64_t dropped_count_ = 0;
};

// The other side: the answer to a GetRange, within kMaxRangeBlocks and kMaxRangeBytes (one block may be larger).
using ReadFinal = std::function<Result<std::optional<FinalBlock>>(Height)>;  // none above the last final block
class RangeAnswer {
 public:
  explicit RangeAnswer(const GetRange& ask);
  Result<bool> add(const ReadFinal& read);  // one more block; false: the answer is whole
  std::size_t blocks() const { return range_.blocks.size(); }
  std::uint64_t bytes() const { return bytes_; }
  Range take() { return std::move(range_); }

 private:
  Range range_;
  std::uint64_t count_, bytes_ = 0;
};
Result<Range> answer_range(const GetRange& ask, const ReadFinal& read);  // in one go

}  // namespace dos::net
