// One honest validator of four; the other three are scripted, and may say anything. Tests only.
#pragma once
#include "consensus/test_cluster.hpp"

namespace dos::consensus::test {

using ledger::VoteItem;
using ledger::VoteKind;

inline Hash some(std::uint8_t n) {
  Hash h;
  h.bytes.fill(n);
  return h;
}

// Validator 0 is honest; 1 leads view 1, 2 view 2.
struct Rules : ::testing::Test {
  std::unique_ptr<Cluster> c;
  std::vector<std::pair<std::uint16_t, Message>> heard;  // by whom, what validator 0 said

  void SetUp() override { begin({}); }
  void begin(ClusterOptions o) {
    o.liars = {1, 2, 3};
    for (o.seed = 1;; ++o.seed) {
      c = std::make_unique<Cluster>(o);
      if (c->leader(1) == 1 && c->leader(2) == 2) break;
    }
    heard.clear();
    c->liar_hears = [this](std::uint16_t to, std::uint16_t, const Message& m) { heard.emplace_back(to, m); };
    c->run_for(kMs);
  }
  VoteItem notar(View v, const Hash& id) { return {VoteKind::notar, v, id, Hash{}}; }
  VoteItem null(std::uint64_t v) { return {VoteKind::null, View{v}, Hash{}, Hash{}}; }
  VoteItem fin(View v, const Hash& id, const Hash& result) { return {VoteKind::final, v, id, result}; }
  void vote(std::uint16_t voter, const VoteItem& item) {
    c->say(voter, 0, Votes{{c->vote(voter, {item})}});
    c->run_for(kMs);
  }
  void vote(std::initializer_list<std::uint16_t> voters, const VoteItem& item) {
    for (const auto v : voters) vote(v, item);
  }
  Proposal block(std::uint64_t view, const ledger::Header* parent = nullptr, std::uint64_t tx = 5) {
    return c->propose(c->leader(view), View{view}, parent, parent ? c->result_of(*parent) : c->genesis().result, {tx});
  }
  void propose(const Proposal& p) {
    c->say(p.header.proposer, 0, p);
    c->run_for(kMs);
  }
  std::size_t said(const VoteItem& item) const {  // in how many votes to validator 1
    std::size_t n = 0;
    for (const auto& [to, m] : heard)
      if (const auto* v = std::get_if<Votes>(&m); v != nullptr && to == 1)
        for (const auto& vote : v->votes)
          n += vote.ballot.voter == 0 && std::find(vote.ballot.items.begin(), vote.ballot.items.end(), item) != vote.ballot.items.end();
    return n;
  }
  Hash id(const Proposal& p) const { return ledger::block_id(p.header); }
  Cluster::Node& node() { return c->node(0); }
};

}  // namespace dos::consensus::test
