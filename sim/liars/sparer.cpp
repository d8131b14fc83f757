#include "consensus/leader.hpp"
#include "ledger/genesis.hpp"
#include "sim/liars/pace.hpp"

namespace dos::sim {
namespace {

// Its block goes at once to all but one, who gets the header alone (the word that the payload is to be asked for, or names of
// transactions that nobody has) and never an answer. Otherwise it votes for nobody's block. So its own view has N as soon as any, but
// the spared one is late into the next view; there N is missing until that one, an honest validator, has caught up: in the honest
// leader's time.
class Sparer final : public Liar {
 public:
  Sparer(LiarEdges edges, Random random) : e_(edges), random_(random), by_ids_(random_.below(2) == 0) {
    if (const auto genesis = codec::decode<ledger::Genesis>(edges.setting.genesis)) validators_ = genesis->validators;
  }
  std::vector<Bytes> sent(Machine to, const net::Frame& frame, Bytes whole) override {
    if (frame.number == net::MessageOf<consensus::Votes>::kNumber) return {};
    if (frame.number == net::MessageOf<net::BlockFrame>::kNumber || frame.number == net::MessageOf<net::BlockTransactions>::kNumber)
      return {};
    if (frame.number != net::MessageOf<net::ProposeFrame>::kNumber) return {std::move(whole)};
    auto m = codec::decode<net::ProposeFrame>(frame.body);
    if (!m || m->proposal.header.proposer != e_.validator) return {std::move(whole)};
    if (m->proposal.header.view != view_) begin(m->proposal.header.view);
    if (to != spared_) return {std::move(whole)};
    e_.world.counters.count(FaultKind::liar_spared);
    if (by_ids_) m->body = net::ShortIds{.salt = 1, .ids = {net::ShortId{}}, .lists = {}, .list_of = {}};
    else m->body = net::AskForIt{};
    auto header = net::encode_frame(*m);
    return header ? std::vector<Bytes>{std::move(*header)} : std::vector<Bytes>{};
  }

 private:
  void begin(View view) {
    view_ = view;
    const auto next = consensus::leader_of(validators_, e_.setting.chain, View{view.value + 1});
    do spared_ = Machine(random_.below(e_.world.plan.validators()));
    while (spared_ == e_.machine || (e_.world.plan.validators() > 2 && spared_ == next));
  }
  LiarEdges e_;
  Random random_;
  ledger::ValidatorSet validators_;
  bool by_ids_;  // names of transactions that nobody has, instead of the word that it is to be asked for
  View view_;
  Machine spared_ = 0;
};

}  // namespace

std::unique_ptr<Liar> make_sparer(LiarEdges edges, Random random) { return std::make_unique<Sparer>(edges, random); }

}  // namespace dos::sim
