// A leader that packs what no block may hold: copies of what took effect long ago, one transaction twice, a signature that does not
// verify. The block is sound in every other way, so that all who hold it vote for it until they have executed it.
#include "consensus/votes.hpp"
#include "kernel/kernel.hpp"
#include "sim/liars/liar.hpp"

namespace dos::sim {
namespace {

constexpr std::size_t kKept = 100;

class Junk final : public Liar {
 public:
  Junk(LiarEdges edges, Random random) : e_(edges), random_(random), entropy_(random.fork("entropy")) {}
  std::vector<Bytes> sent(Machine, const net::Frame& frame, Bytes whole) override {
    switch (frame.number) {
      case net::MessageOf<net::Gossip>::kNumber:
        if (auto m = codec::decode<net::Gossip>(frame.body))
          for (auto& tx : m->transactions) keep(std::move(tx));
        break;
      case net::MessageOf<net::ProposeFrame>::kNumber:
        if (auto m = codec::decode<net::ProposeFrame>(frame.body))
          if (auto lie = altered(std::move(*m))) return {std::move(*lie)};
        break;
      case net::MessageOf<consensus::Votes>::kNumber:  // what its node says of the block that nobody got would give it away
        for (const auto& vote : votes_in(frame))
          for (const auto& item : vote.ballot.items)
            if (vote.ballot.voter == e_.validator && lies_.contains(item.id)) return {};
        break;
      default: break;
    }
    return {std::move(whole)};
  }

 private:
  void keep(Bytes tx) {
    if (kept_.size() < kKept) kept_.push_back(std::move(tx));
    else kept_[random_.below(kKept)] = std::move(tx);
  }
  Bytes junk(const ledger::Payload& payload) {
    if (!payload.transactions.empty() && (kept_.empty() || random_.below(3) == 0)) return payload.transactions.back();
    Bytes tx = kept_[random_.below(kept_.size())];
    if (random_.below(2) == 0) tx.back() ^= 1;  // of the last witness' signature
    return tx;
  }
  std::optional<Bytes> altered(net::ProposeFrame m) {
    auto* body = std::get_if<net::WholePayload>(&m.body);
    const auto& header = m.proposal.header;
    if (body == nullptr || header.proposer != e_.validator) return std::nullopt;
    const auto id = ledger::block_id(header);
    auto known = lies_.find(id);
    if (known == lies_.end()) {
      auto payload = codec::decode<ledger::Payload>(body->payload);
      if (!payload) return std::nullopt;
      if (payload->lists.empty())
        for (const auto& tx : payload->transactions) keep(tx);
      if (kept_.empty() || random_.below(2) == 0) return std::nullopt;
      payload->transactions.push_back(junk(*payload));
      auto lie = propose(m.proposal, *payload);
      if (!lie) return std::nullopt;
      known = lies_.emplace(id, std::move(*lie)).first;
    }
    e_.world.counters.count(FaultKind::liar_junk);
    auto encoded = net::encode_frame(known->second);
    return encoded ? std::optional(std::move(*encoded)) : std::nullopt;
  }
  std::optional<net::ProposeFrame> propose(consensus::Proposal p, const ledger::Payload& payload) {
    const auto txs = ledger::unpack(payload);
    if (!txs) return std::nullopt;
    std::vector<Hash> wtxids;
    for (const auto& tx : *txs) wtxids.push_back(kernel::ids_of(tx).wtxid);
    Bytes bytes = codec::encode(payload);
    auto& h = p.header;
    h.payload = {std::uint32_t(bytes.size()), ledger::payload_hash(bytes), Hash{}};
    h.tx_root = ledger::tx_root(wtxids);
    auto vote = consensus::make_vote(e_.setting.chain, h.epoch, std::uint16_t(e_.validator), e_.setting.vote_keys[e_.validator],
                                     {ledger::VoteItem{ledger::VoteKind::notar, h.view, ledger::block_id(h), Hash{}}}, entropy_);
    if (!vote) return std::nullopt;
    p.vote = std::move(*vote);
    return net::ProposeFrame{std::move(p), net::WholePayload{std::move(bytes)}};
  }

  LiarEdges e_;
  Random random_;
  SimEntropy entropy_;
  std::vector<Bytes> kept_;
  std::map<Hash, net::ProposeFrame> lies_;  // by the block of its node that each took the place of
};

}  // namespace

std::unique_ptr<Liar> make_junk_leader(LiarEdges edges, Random random) { return std::make_unique<Junk>(edges, random); }

}  // namespace dos::sim
