#include "consensus/votes.hpp"
#include "sim/liars/floods.hpp"
#include "sim/liars/haves.hpp"
#include "sim/liars/pace.hpp"

namespace dos::sim {
namespace {

// Says who it is and nothing else.
class Silent final : public Liar {
 public:
  explicit Silent(LiarEdges edges) : e_(edges) {}
  std::vector<Bytes> sent(Machine, const net::Frame& frame, Bytes whole) override {
    if (is_hello(frame)) return {std::move(whole)};
    e_.world.counters.count(FaultKind::liar_silent);
    return {};
  }

 private:
  LiarEdges e_;
};

// Its votes and proposals reach some only, and not always the same.
class Withholds final : public Liar {
 public:
  Withholds(LiarEdges edges, Random random) : e_(edges), random_(random) {}
  std::vector<Bytes> sent(Machine to, const net::Frame& frame, Bytes whole) override {
    if (left_ == 0) {
      left_ = random_.between(20, 400);
      favoured_ = random_();
    }
    --left_;
    if (votes_in(frame).empty() || (favoured_ >> (to % 64) & 1) != 0) return {std::move(whole)};
    e_.world.counters.count(FaultKind::liar_withheld);
    return {};
  }

 private:
  LiarEdges e_;
  Random random_;
  std::uint64_t favoured_ = 0, left_ = 0;
};

// To every vote of its own, a second one that cannot stand beside it, signed with the same key, for some of the others.
class VotesTwice final : public Liar {
 public:
  VotesTwice(LiarEdges edges, Random random) : e_(edges), random_(random), entropy_(random.fork("entropy")) {}
  std::vector<Bytes> sent(Machine, const net::Frame& frame, Bytes whole) override {
    std::vector<Bytes> out{std::move(whole)};
    for (const auto& vote : votes_in(frame)) {
      if (vote.ballot.voter != e_.validator || random_.below(3) != 0) continue;
      auto lie = contrary(vote.ballot.items.front());
      auto made = consensus::make_vote(e_.setting.chain, vote.ballot.epoch, vote.ballot.voter, e_.setting.vote_keys[e_.validator],
                                       {std::move(lie)}, entropy_);
      if (!made) continue;
      e_.world.counters.count(FaultKind::liar_voted_twice);
      auto encoded = net::encode_frame(consensus::Votes{{std::move(*made)}});
      if (!encoded) continue;
      if (random_.below(2) == 0) out.insert(out.begin(), std::move(*encoded));
      else out.push_back(std::move(*encoded));
    }
    return out;
  }

 private:
  ledger::VoteItem contrary(const ledger::VoteItem& item) {
    ledger::VoteItem lie = item;
    switch (item.kind) {
      case ledger::VoteKind::notar: entropy_.fill(lie.id.bytes); break;
      case ledger::VoteKind::null:
        lie.kind = ledger::VoteKind::final;
        entropy_.fill(lie.id.bytes);
        entropy_.fill(lie.result.bytes);
        break;
      case ledger::VoteKind::final:
        if (random_.below(2) == 0) {
          entropy_.fill(lie.result.bytes);
        } else {
          lie.kind = ledger::VoteKind::null;
          lie.id = lie.result = {};
        }
        break;
    }
    return lie;
  }
  LiarEdges e_;
  Random random_;
  SimEntropy entropy_;
};

// Frames of long ago between those of now, to whomever.
class Stale final : public Liar {
 public:
  Stale(LiarEdges edges, Random random) : e_(edges), random_(random) {}
  std::vector<Bytes> sent(Machine, const net::Frame& frame, Bytes whole) override {
    std::vector<Bytes> out{whole};
    if (is_hello(frame)) return out;
    if (!kept_.empty() && random_.below(4) == 0) {
      e_.world.counters.count(FaultKind::liar_stale);
      out.push_back(kept_[random_.below(kept_.size())]);
    }
    if (kept_.size() < 200) kept_.push_back(std::move(whole));
    else kept_[random_.below(kept_.size())] = std::move(whole);
    return out;
  }

 private:
  LiarEdges e_;
  Random random_;
  std::vector<Bytes> kept_;
};

// Sound frames of altered bodies, and now and then bytes that are no frame at all.
class Garbage final : public Liar {
 public:
  Garbage(LiarEdges edges, Random random) : e_(edges), random_(random), entropy_(random.fork("entropy")) {}
  std::vector<Bytes> sent(Machine, const net::Frame& frame, Bytes whole) override {
    if (is_hello(frame) || random_.below(6) != 0) return {std::move(whole)};
    e_.world.counters.count(FaultKind::liar_garbage);
    if (random_.below(10) == 0) {
      Bytes noise(random_.between(1, 3'000));
      entropy_.fill(noise);
      return {std::move(whole), std::move(noise)};
    }
    Bytes body = to_bytes(frame.body);
    for (std::uint64_t i = 0, n = random_.between(1, 4); i < n && !body.empty(); ++i)
      body[random_.below(body.size())] ^= std::uint8_t(1u << random_.below(8));
    if (random_.below(4) == 0) body.resize(random_.below(body.size() + 1));
    return {std::move(whole), net::encode_frame(frame.number, body)};
  }

 private:
  LiarEdges e_;
  Random random_;
  SimEntropy entropy_;
};

// Answers to those who catch up or fetch: blocks and chunks with a bit changed, in their place or as if they were others.
class Ranges final : public Liar {
 public:
  Ranges(LiarEdges edges, Random random) : e_(edges), random_(random) {}
  std::vector<Bytes> sent(Machine, const net::Frame& frame, Bytes whole) override {
    switch (frame.number) {
      case net::MessageOf<net::Range>::kNumber:
        return altered<net::Range>(frame, std::move(whole), [&](net::Range& r) {
          if (r.blocks.empty()) return;
          auto& b = r.blocks[random_.below(r.blocks.size())];
          switch (random_.below(4)) {
            case 0: flip(b.payload); break;
            case 1: flip(b.anchor.header.tx_root); break;
            case 2: flip(b.anchor.parts.state_root); break;
            default: r.blocks.erase(r.blocks.begin()); break;
          }
        });
      case net::MessageOf<net::BlockFrame>::kNumber:
        return altered<net::BlockFrame>(frame, std::move(whole), [&](net::BlockFrame& b) {
          if (random_.below(2) == 0) flip(b.payload);
          else flip(b.proposal.header.tx_root);
        });
      case net::MessageOf<net::BlockTransactions>::kNumber:
        return altered<net::BlockTransactions>(frame, std::move(whole), [&](net::BlockTransactions& b) {
          if (!b.transactions.empty()) flip(b.transactions.front());
        });
      case net::MessageOf<net::Chunk>::kNumber:
        return altered<net::Chunk>(frame, std::move(whole), [&](net::Chunk& c) {
          if (c.bytes) flip(*c.bytes);
        });
      case net::MessageOf<consensus::StatusReport>::kNumber:
        return altered<consensus::StatusReport>(frame, std::move(whole), [&](consensus::StatusReport& s) {
          s.final_height.value += random_.below(1000);
          s.current.value += random_.below(1000);
        });
      default: return {std::move(whole)};
    }
  }

 private:
  template <class T>
  std::vector<Bytes> altered(const net::Frame& frame, Bytes whole, const std::function<void(T&)>& change) {
    if (random_.below(2) == 0) return {std::move(whole)};
    auto m = codec::decode<T>(frame.body);
    if (!m) return {std::move(whole)};
    change(*m);
    auto encoded = net::encode_frame(*m);
    if (!encoded) return {std::move(whole)};
    e_.world.counters.count(FaultKind::liar_ranges);
    return {std::move(*encoded)};
  }
  void flip(Bytes& b) {
    if (!b.empty()) b[random_.below(b.size())] ^= std::uint8_t(1u << random_.below(8));
  }
  void flip(Hash& h) { h.bytes[random_.below(32)] ^= std::uint8_t(1u << random_.below(8)); }
  LiarEdges e_;
  Random random_;
};

}  // namespace

std::unique_ptr<Liar> make_liar(LiarKind kind, LiarEdges edges, Random random) {
  switch (kind) {
    case LiarKind::silent: return std::make_unique<Silent>(edges);
    case LiarKind::withholds: return std::make_unique<Withholds>(edges, random);
    case LiarKind::votes_twice: return std::make_unique<VotesTwice>(edges, random);
    case LiarKind::stale: return std::make_unique<Stale>(edges, random);
    case LiarKind::garbage: return std::make_unique<Garbage>(edges, random);
    case LiarKind::ranges: return std::make_unique<Ranges>(edges, random);
    case LiarKind::junk: return make_junk_leader(edges, random);
    case LiarKind::payload_flooder: return make_payload_flooder(edges, random);
    case LiarKind::asker: return make_asker(edges, random);
    case LiarKind::slow_leader: return make_slow_leader(edges, random);
    case LiarKind::late_leader: return make_late_leader(edges, random);
    case LiarKind::back_dater: return make_back_dater(edges);
    case LiarKind::sparer: return make_sparer(edges, random);
    case LiarKind::ahead_dater: return make_ahead_dater(edges, random);
    case LiarKind::dripper: return make_dripper(edges, random);
    case LiarKind::claimer: return make_claimer(edges, random);
    case LiarKind::boaster: return make_boaster(edges, random);
    default: return nullptr;
  }
}

}  // namespace dos::sim
