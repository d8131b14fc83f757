// Proposals without end: proposers, views and payloads made up, unsigned, or signed by a leader who means none of them. What it aims
// at is the others' memory.
#include "consensus/leader.hpp"
#include "consensus/simplex.hpp"
#include "consensus/votes.hpp"
#include "sim/liars/floods.hpp"

namespace dos::sim {
namespace {

constexpr std::uint64_t kMostLies = 1'500;  // of one run: it shows within less

class PayloadFlooder final : public Liar {
 public:
  PayloadFlooder(LiarEdges edges, Random random) : e_(edges), random_(random), entropy_(random.fork("entropy")) {
    if (const auto genesis = codec::decode<ledger::Genesis>(e_.setting.genesis)) set_ = genesis->validators;
  }
  std::vector<Bytes> sent(Machine, const net::Frame& frame, Bytes whole) override {
    learn(frame);
    std::vector<Bytes> out{std::move(whole)};
    if (is_hello(frame) || random_.below(3) != 0) return out;
    for (std::uint64_t n = random_.between(1, 6); n > 0 && lies_ < kMostLies; --n, ++lies_) {
      auto encoded = net::encode_frame(lie());
      if (!encoded) continue;
      e_.world.counters.count(FaultKind::liar_flooded);
      out.push_back(std::move(*encoded));
    }
    return out;
  }

 private:
  void learn(const net::Frame& frame) {
    for (const auto& vote : votes_in(frame))
      for (const auto& item : vote.ballot.items) view_ = std::max(view_, item.view.value);
    if (frame.number != net::MessageOf<net::ProposeFrame>::kNumber) return;
    if (auto m = codec::decode<net::ProposeFrame>(frame.body)) own_ = std::move(*m);
  }
  Hash drawn() {
    Hash h;
    entropy_.fill(h.bytes);
    return h;
  }
  // A view of the window that `who` leads, if there is one.
  std::optional<View> led_by(std::uint16_t who) {
    for (std::uint64_t v = view_ + random_.below(8), end = view_ + 20; v < end; ++v)
      if (consensus::leader_of(set_, e_.setting.chain, View{v}) == who) return View{v};
    return std::nullopt;
  }
  net::ProposeFrame made_up(View view, std::uint16_t proposer, BytesView payload) {
    net::ProposeFrame frame;
    auto& h = frame.proposal.header;
    if (own_) h = own_->proposal.header;
    h.chain = e_.setting.chain;
    h.valset = h.next_valset = ledger::valset_hash(set_);
    h.view = view;
    h.parent_view = View{view.value - std::min<std::uint64_t>(view.value, random_.between(1, 3))};
    if (random_.below(2) == 0) h.parent = drawn();
    if (h.height.value == 0) h.height = Height{1};
    if (random_.below(2) == 0) h.height.value += random_.between(1, 1'000);  // no final block soon makes room for what stands above it
    h.proposer = proposer;
    h.tx_root = drawn();
    h.payload = {std::uint32_t(payload.size()), ledger::payload_hash(payload), Hash{}};
    return frame;
  }
  consensus::Proposal& sign(consensus::Proposal& p, std::uint16_t voter) {
    const ledger::VoteItem item{ledger::VoteKind::notar, p.header.view, ledger::block_id(p.header), Hash{}};
    if (auto vote = consensus::make_vote(e_.setting.chain, p.header.epoch, voter, e_.setting.vote_keys[e_.validator], {item}, entropy_))
      p.vote = std::move(*vote);
    return p;
  }
  net::ProposeFrame lie() {
    const Bytes payload(random_.between(1'000, 60'000), std::uint8_t(random_()));
    const auto self = std::uint16_t(e_.validator);
    // Most of it is what costs nobody a link: views far ahead, in names that are made up.
    const auto what = random_.below(24);
    if (what == 0 && own_) {  // what it did propose, to be put together once more
      auto again = *own_;
      if (auto* ids = std::get_if<net::ShortIds>(&again.body)) ids->salt = random_();
      return again;
    }
    const auto led = led_by(self);
    if (what <= 3 && led) {  // its own views, and its own signature: two headers of a view are all that anybody keeps
      auto frame = made_up(*led, self, payload);
      sign(frame.proposal, self);
      frame.body = body_of(payload);
      return frame;
    }
    const auto proposer = what == 4 ? std::uint16_t(random_.below(e_.setting.vote_keys.size())) : std::uint16_t(random_());
    const auto view = what == 4   ? led_by(proposer).value_or(View{view_ + 1})
                      : what == 5 ? View{random_.below(view_ + 2'000) + 1}
                                  : View{view_ + consensus::kViewsAhead + random_.between(1, 2'000)};
    auto frame = made_up(view, proposer, payload);
    if (random_.below(2) == 0) sign(frame.proposal, proposer);  // with a key that is not the proposer's
    frame.body = body_of(payload);
    return frame;
  }
  std::variant<net::WholePayload, net::ShortIds, net::AskForIt> body_of(const Bytes& payload) {
    switch (random_.below(4)) {
      case 0: return net::AskForIt{};
      case 1: {
        net::ShortIds ids;
        ids.salt = random_();
        ids.ids.resize(random_.between(1, payload.size() / 70 + 1));
        for (auto& id : ids.ids) entropy_.fill(id);
        return ids;
      }
      default: return net::WholePayload{payload};
    }
  }

  LiarEdges e_;
  Random random_;
  SimEntropy entropy_;
  ledger::ValidatorSet set_;
  std::optional<net::ProposeFrame> own_;
  std::uint64_t view_ = 1, lies_ = 0;
};

}  // namespace

std::unique_ptr<Liar> make_payload_flooder(LiarEdges edges, Random random) { return std::make_unique<PayloadFlooder>(edges, random); }

}  // namespace dos::sim
