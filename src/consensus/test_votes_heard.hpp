// What validators were heard to vote: no honest one contradicts itself, over all its lives, and each vote was durable before it
// was first sent, but for that of a header (docs/spec/consensus.md, "Headers ahead of their record"). Tests only.
#pragma once
#include <gtest/gtest.h>

#include <map>
#include <tuple>

#include "consensus/test_node.hpp"

namespace dos::consensus::test {

class VotesHeard {
 public:
  using All = std::map<std::tuple<std::uint16_t, std::uint64_t, ledger::VoteKind>, ledger::VoteItem>;  // by voter, view and kind
  const All& all() const { return all_; }

  // Node `i` sends `v`, with its header or not; votes of others that it passes on are not judged.
  void sends(std::uint16_t i, const ClusterNode& node, const ledger::Vote& v, bool in_header) {
    if (v.ballot.voter != i) return;
    const auto& first = v.ballot.items.front();
    const bool ahead = in_header && first.view.value == node.signed_high.value + 1;  // M2
    const auto before = all_.find({i, first.view.value, first.kind});                // sent so before its record was lost
    const bool again = v.ballot.items.size() == 1 && before != all_.end() && before->second == first;
    EXPECT_TRUE(ahead || again || node.durable_votes.contains(v.signature.bytes)) << "node " << i << " sent a vote that is not durable";
    for (const auto& item : v.ballot.items) {
      const auto [it, fresh] = all_.emplace(std::tuple(i, item.view.value, item.kind), item);
      EXPECT_EQ(it->second, item) << "node " << i << " signed twice in view " << item.view.value;
      const auto other = item.kind == ledger::VoteKind::null ? ledger::VoteKind::final : ledger::VoteKind::null;
      const bool both = item.kind != ledger::VoteKind::notar && all_.contains({i, item.view.value, other});
      EXPECT_FALSE(both) << "node " << i << " signed NULL and FINAL in view " << item.view.value;
    }
  }

 private:
  All all_;
};

}  // namespace dos::consensus::test
