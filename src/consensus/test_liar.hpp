// A validator that lies at random: it hears all, signs anything, and tells everybody something else. Tests only.
#pragma once
#include "consensus/test_cluster.hpp"

namespace dos::consensus::test {

class Liar {
 public:
  Liar(Cluster& cluster, std::uint16_t self, std::uint64_t seed) : c_(cluster), self_(self), random_(seed) {
    for (auto& habit : habits_) habit = random_.chance(600) ? random_.below(1000) : 0;  // each seed has its own liar
    headers_.push_back({std::nullopt, cluster.genesis().result});
    beat();
  }
  void hear(std::uint16_t from, const Message& message) {
    if (const auto* p = std::get_if<Proposal>(&message)) {
      see(p->header);
      heard_.push_back(p->vote);
    } else if (const auto* v = std::get_if<Votes>(&message)) {
      for (const auto& vote : v->votes) {
        heard_.push_back(vote);
        for (const auto& item : vote.ballot.items) view_ = std::max(view_, item.view.value);
      }
    } else if (const auto* s = std::get_if<StatusReport>(&message)) {
      view_ = std::max(view_, s->current.value);
    } else if (const auto* ask = std::get_if<SignedAsk>(&message)) {
      c_.say(self_, from, SignedAnswer{c_.facts().epoch, ask->nonce, View{random_.below(view_ + 3)}, Height{0}, some_votes()});
    }
    if (heard_.size() > 400) heard_.erase(heard_.begin(), heard_.begin() + 200);
    if (silent_) return;
    if (does(vote_right)) vote_for_something();
    if (does(propose)) propose_something();
  }
  void fall_silent() { silent_ = true; }

 private:
  enum Habit { vote_right, propose, two_notars, null_too, wrong_final, replay, nonsense, forge, partial, bad_block, no_payload, kHabits };
  struct Known {
    std::optional<ledger::Header> header;
    Hash result;
  };
  bool does(Habit h) { return random_.chance(habits_[h]); }

  void beat() {
    c_.later(kMs + random_.below(60 * kMs), [this] {
      if (silent_) return;
      if (does(null_too)) tell(Votes{{c_.vote(self_, {{ledger::VoteKind::null, View{view_ + random_.below(2)}, Hash{}, Hash{}}})}});
      if (does(replay)) tell(Votes{some_votes()});
      if (does(nonsense)) talk_nonsense();
      if (does(forge)) forge_something();
      if (does(propose)) propose_something();
      beat();
    });
  }
  void see(const ledger::Header& h) {
    view_ = std::max(view_, h.view.value);
    for (const auto& k : headers_)
      if (k.header && ledger::block_id(*k.header) == ledger::block_id(h)) return;
    headers_.push_back({h, c_.result_of(h)});
    if (headers_.size() > 40) headers_.erase(headers_.begin() + 1, headers_.begin() + 20);
  }
  std::vector<ledger::Vote> some_votes() {
    std::vector<ledger::Vote> out;
    for (std::size_t i = 0; i < 1 + random_.below(8) && !heard_.empty(); ++i) out.push_back(heard_[random_.below(heard_.size())]);
    if (out.empty()) out.push_back(c_.vote(self_, {{ledger::VoteKind::null, View{view_ + 1}, Hash{}, Hash{}}}));
    return out;
  }
  void tell(const Message& m, bool with_payload = true) {
    for (std::uint16_t to = 0; to < c_.size(); ++to)
      if (!c_.liar(to) && !does(partial)) c_.say(self_, to, m, with_payload);
  }
  const Known& recent() { return headers_[headers_.size() - 1 - random_.below(std::min<std::size_t>(headers_.size(), 4))]; }

  void vote_for_something() {
    const auto& k = recent();
    if (!k.header) return;
    const Hash id = ledger::block_id(*k.header);
    const View v = k.header->view;
    tell(Votes{{c_.vote(self_, {{ledger::VoteKind::notar, v, id, Hash{}}})}});
    if (does(two_notars)) {
      const auto& other = recent();
      if (other.header) tell(Votes{{c_.vote(self_, {{ledger::VoteKind::notar, v, ledger::block_id(*other.header), Hash{}}})}});
    }
    if (does(null_too)) tell(Votes{{c_.vote(self_, {{ledger::VoteKind::null, v, Hash{}, Hash{}}})}});
    tell(Votes{{c_.vote(self_, {{ledger::VoteKind::final, v, id, does(wrong_final) ? some_hash() : k.result}})}});
  }
  void propose_something() {
    for (std::uint64_t v = view_ > 1 ? view_ - 1 : 1; v <= view_ + 2; ++v) {
      if (c_.leader(v) != self_) continue;
      const std::size_t count = 1 + random_.below(3);
      for (std::size_t i = 0; i < count; ++i) {
        const Known parent = recent();
        if (parent.header && parent.header->view.value >= v) continue;
        const auto p = c_.propose(self_, View{v}, parent.header ? &*parent.header : nullptr, does(bad_block) ? some_hash() : parent.result,
                                  {1'000'000 + random_.below(1000)}, !does(bad_block));
        see(p.header);
        tell(p, !does(no_payload));
      }
      return;
    }
  }
  void talk_nonsense() {
    const auto to = std::uint16_t(random_.below(c_.size()));
    if (c_.liar(to)) return;
    const ledger::VoteItem item{ledger::VoteKind(1 + random_.below(3)), View{view_ + random_.below(4)}, some_hash(), Hash{}};
    switch (random_.below(4)) {
      case 0:
        return c_.say(self_, to,
                      StatusReport{c_.facts().epoch,
                                   View{random_.below(2 * view_ + 2)},
                                   View{random_.below(view_ + 1)},
                                   Height{random_.below(30)},
                                   some_hash(),
                                   {item},
                                   random_.chance(200)});
      case 1: return c_.say(self_, to, Have{c_.facts().epoch, {item}});
      case 2: return c_.say(self_, to, Get{c_.facts().epoch, {item}});
      default: return c_.say(self_, to, SignedAsk{c_.facts().epoch, some_hash()});
    }
  }
  void forge_something() {  // another's vote, with a signature of its own
    auto vote = c_.vote(self_, {{ledger::VoteKind::null, View{view_}, Hash{}, Hash{}}});
    vote.ballot.voter = std::uint16_t(random_.below(c_.size()));
    tell(Votes{{vote}});
  }
  Hash some_hash() {
    Hash h;
    for (auto& b : h.bytes) b = std::uint8_t(random_.next());
    return h;
  }

  Cluster& c_;
  std::uint16_t self_;
  Random random_;
  std::uint64_t habits_[kHabits] = {};
  std::uint64_t view_ = 1;
  std::vector<Known> headers_;
  std::vector<ledger::Vote> heard_;
  bool silent_ = false;
};

}  // namespace dos::consensus::test
