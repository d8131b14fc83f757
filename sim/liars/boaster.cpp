// It says that it is far ahead of all: final blocks and views that nobody has come to, and FINAL votes for them where clients want to
// know how current an answer is. Who asks for such blocks is told that there are none, or nothing.
#include "sim/liars/haves.hpp"

namespace dos::sim {
namespace {

class Boaster final : public Liar {
 public:
  Boaster(LiarEdges edges, Random random)
      : e_(edges), random_(random), entropy_(random.fork("entropy")), word_(edges.world, 50 * kMs, 200 * kMs) {}
  std::vector<Bytes> sent(Machine to, const net::Frame& frame, Bytes whole) override {
    switch (frame.number) {
      case net::MessageOf<net::Hello>::kNumber:
        return told<net::Hello>(frame, std::move(whole), [&](net::Hello& m) { m.height = Height{beyond(m.height.value)}; });
      case net::MessageOf<consensus::StatusReport>::kNumber:
        return told<consensus::StatusReport>(frame, std::move(whole), [&](consensus::StatusReport& m) { boast(m); });
      case net::MessageOf<consensus::SignedAnswer>::kNumber:
        return told<consensus::SignedAnswer>(frame, std::move(whole),
                                             [&](consensus::SignedAnswer& m) { m.final_height = Height{beyond(m.final_height.value)}; });
      case net::MessageOf<net::TipSaid>::kNumber: return told<net::TipSaid>(frame, std::move(whole), [&](net::TipSaid& m) { sign(m); });
      case net::MessageOf<net::Range>::kNumber: {
        const auto m = codec::decode<net::Range>(frame.body);
        if (m && m->blocks.empty() && random_.below(2) == 0) return {};
        return {std::move(whole)};
      }
      default: break;
    }
    for (const auto& vote : votes_in(frame))
      for (const auto& item : vote.ballot.items) view_ = std::max(view_, item.view);
    std::vector<Bytes> out{std::move(whole)};
    if (is_hello(frame) || !word_.due(to, random_)) return out;
    consensus::StatusReport status{Epoch{0}, view_, view_, e_.world.agreement.highest(), Hash{}, {}, random_.below(2) == 0};
    boast(status);
    if (auto encoded = net::encode_frame(status)) {
      e_.world.counters.count(FaultKind::liar_boasted);
      out.push_back(std::move(*encoded));
    }
    return out;
  }

 private:
  std::uint64_t beyond(std::uint64_t value) {
    switch (random_.below(4)) {
      case 0: return value + random_.between(1, 20);
      case 1: return value + random_.between(100, 10'000);
      case 2: return value + (1ull << 40);
      default: return UINT64_MAX - random_.below(2);
    }
  }
  void boast(consensus::StatusReport& m) {
    m.final_height = Height{beyond(m.final_height.value)};
    if (random_.below(2) == 0) m.current = View{beyond(m.current.value)};
    if (random_.below(4) == 0) m.floor = View{beyond(m.floor.value)};
    entropy_.fill(m.final_id.bytes);
    for (std::uint64_t n = random_.below(3); n > 0 && m.held.size() < 256; --n) {
      ledger::VoteItem item{ledger::VoteKind::final, View{beyond(m.current.value)}, {}, {}};
      entropy_.fill(item.id.bytes);
      entropy_.fill(item.result.bytes);
      m.held.push_back(item);
    }
  }
  void sign(net::TipSaid& m) {
    m.body.fin_voted = Height{beyond(m.body.fin_voted.value)};
    if (auto s = crypto::sign(e_.setting.vote_keys[e_.validator], crypto::domain::kTipAck, e_.setting.chain, m.body, entropy_))
      m.signature = std::move(*s);
  }
  template <class T>
  std::vector<Bytes> told(const net::Frame& frame, Bytes whole, const std::function<void(T&)>& change) {
    auto m = codec::decode<T>(frame.body);
    if (!m) return {std::move(whole)};
    change(*m);
    auto encoded = net::encode_frame(*m);
    if (!encoded) return {std::move(whole)};
    e_.world.counters.count(FaultKind::liar_boasted);
    return {std::move(*encoded)};
  }

  LiarEdges e_;
  Random random_;
  SimEntropy entropy_;
  AtTimes word_;
  View view_;
};

}  // namespace

std::unique_ptr<Liar> make_boaster(LiarEdges edges, Random random) { return std::make_unique<Boaster>(edges, random); }

}  // namespace dos::sim
