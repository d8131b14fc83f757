#include "sim/liars/pace.hpp"

namespace dos::sim {
namespace {

// Its header goes out at once and the payload when the time of its view is nearly over; or both then; or the payload to all but one,
// who can only get it from the others. It waits longer from view to view, as a network that believed it would let it, until it
// begins again.
class SlowLeader final : public Liar {
 public:
  SlowLeader(LiarEdges edges, Random random) : e_(edges), random_(random), habit_(Habit(random_.below(3))), wait_(first()) {}
  std::vector<Bytes> sent(Machine to, const net::Frame& frame, Bytes whole) override {
    if (keeps(frame)) return {};
    if (frame.number != net::MessageOf<net::ProposeFrame>::kNumber) return {std::move(whole)};
    auto m = codec::decode<net::ProposeFrame>(frame.body);
    if (!m || m->proposal.header.proposer != e_.validator) return {std::move(whole)};
    if (m->proposal.header.view != view_) begin(m->proposal.header.view);
    e_.world.counters.count(FaultKind::liar_slow);
    if (habit_ == Habit::some) return to == spared_ ? std::vector<Bytes>{} : std::vector<Bytes>{std::move(whole)};
    e_.world.schedule.after(wait_, [this, to, whole] { e_.world.net.inject(e_.machine, to, whole); });
    if (habit_ == Habit::all_late) return {};
    m->body = net::AskForIt{};
    auto header = net::encode_frame(*m);
    return header ? std::vector<Bytes>{std::move(*header)} : std::vector<Bytes>{};
  }

 private:
  enum class Habit : std::uint8_t { payload_late, all_late, some };
  SimTime first() { return random_.between(75, 149) * kMs; }  // of the shortest time of a view, 150 ms
  void begin(View view) {
    view_ = view;
    spared_ = Machine(random_.below(e_.world.plan.validators()));
    wait_ = wait_ > 5 * kSecond || random_.below(3) == 0 ? first() : wait_ * random_.between(2, 5);
  }
  bool keeps(const net::Frame& frame) const {  // a block of its own that somebody asks for
    if (frame.number != net::MessageOf<net::BlockFrame>::kNumber) return false;
    const auto m = codec::decode<net::BlockFrame>(frame.body);
    return m && m->proposal.header.proposer == e_.validator && m->proposal.header.view == view_;
  }
  LiarEdges e_;
  Random random_;
  Habit habit_;
  SimTime wait_;
  View view_;
  Machine spared_ = 0;
};

// Each header of its own goes out with its payload, but late: just within the two least delays after which it must count as told that
// others wait, or within a part of them.
class LateLeader final : public Liar {
 public:
  LateLeader(LiarEdges edges, Random random) : e_(edges), wait_(random.below(3) == 0 ? random.between(5, 48) * kMs : 48 * kMs) {}
  std::vector<Bytes> sent(Machine to, const net::Frame& frame, Bytes whole) override {
    if (frame.number != net::MessageOf<net::ProposeFrame>::kNumber) return {std::move(whole)};
    const auto m = codec::decode<net::ProposeFrame>(frame.body);
    if (!m || m->proposal.header.proposer != e_.validator) return {std::move(whole)};
    e_.world.counters.count(FaultKind::liar_slow);
    e_.world.schedule.after(wait_, [this, to, whole] { e_.world.net.inject(e_.machine, to, whole); });
    return {};
  }

 private:
  LiarEdges e_;
  SimTime wait_;
};

// Its clock is hours behind: each block of its own has a time just after its parent's, however long ago that was.
class BackDater final : public Liar {
 public:
  explicit BackDater(LiarEdges edges) : e_(edges) {
    e_.world.machines[e_.machine]->clock.step_wall(-std::int64_t(kHoursBehind * 3'600'000));
  }
  std::vector<Bytes> sent(Machine, const net::Frame& frame, Bytes whole) override {
    if (frame.number == net::MessageOf<net::ProposeFrame>::kNumber) {
      const auto m = codec::decode<net::ProposeFrame>(frame.body);
      if (m && m->proposal.header.proposer == e_.validator) e_.world.counters.count(FaultKind::liar_dated_back);
    }
    return {std::move(whole)};
  }

 private:
  static constexpr std::uint64_t kHoursBehind = 6;
  LiarEdges e_;
};

// Its clock is ahead: by as much as the others take, and then it votes for nobody else's block, so that whoever's clock is behind is
// needed; or by up to twice that, changing from one of its turns to the next, so that the others have to wait until they may judge.
class AheadDater final : public Liar {
 public:
  AheadDater(LiarEdges edges, Random random) : e_(edges), random_(random), steady_(random.below(2) == 0) { set(kMaxClockAheadMs - 1); }
  std::vector<Bytes> sent(Machine, const net::Frame& frame, Bytes whole) override {
    if (steady_ && frame.number == net::MessageOf<consensus::Votes>::kNumber) return {};
    if (frame.number == net::MessageOf<net::ProposeFrame>::kNumber) {
      const auto m = codec::decode<net::ProposeFrame>(frame.body);
      if (m && m->proposal.header.proposer == e_.validator) own(m->proposal.header);
    }
    return {std::move(whole)};
  }

 private:
  void own(const ledger::Header& header) {
    if (header.time.value > kEpochMs + e_.world.now() / kMs + 1) e_.world.counters.count(FaultKind::liar_dated_ahead);
    if (steady_ || header.view == view_) return;
    view_ = header.view;
    set(random_.between(1, 2 * kMaxClockAheadMs));
  }
  void set(std::uint64_t ahead_ms) {
    e_.world.machines[e_.machine]->clock.step_wall(std::int64_t(ahead_ms) - std::int64_t(ahead_ms_));
    ahead_ms_ = ahead_ms;
  }
  LiarEdges e_;
  Random random_;
  bool steady_;
  View view_;
  std::uint64_t ahead_ms_ = 0;
};

}  // namespace

std::unique_ptr<Liar> make_ahead_dater(LiarEdges edges, Random random) { return std::make_unique<AheadDater>(edges, random); }
std::unique_ptr<Liar> make_slow_leader(LiarEdges edges, Random random) { return std::make_unique<SlowLeader>(edges, random); }
std::unique_ptr<Liar> make_late_leader(LiarEdges edges, Random random) { return std::make_unique<LateLeader>(edges, random); }
std::unique_ptr<Liar> make_back_dater(LiarEdges edges) { return std::make_unique<BackDater>(edges); }

}  // namespace dos::sim
