// TermSimplex, rule set "first", with a quorum of one: the leader of every view is this validator, and NOTAR and FINAL of a
// view stand in one ballot that is signed once the block was executed (docs/spec/consensus.md). Pure: the caller makes the
// returned group durable before it answers anyone.
#pragma once
#include <memory>

#include "consensus/facts.hpp"
#include "consensus/solo_records.hpp"
#include "consensus/tip_ack.hpp"

namespace dos::consensus {

struct Decision {
  ledger::Certificate certificate;
  std::vector<Record> group;  // one sync group of the journal
};

class SoloOrder {
 public:
  // not_in_release: this validator alone is no strong set. corrupt: the journal cannot show what was signed, so nothing
  // may be signed with this key (the sentence says what to do). `key` must be the voter's vote key and outlive this.
  static Result<SoloOrder> recover(ChainFacts facts, const crypto::SigningKey& key, const JournalImage& journal,
                                   bool journal_intact, const Tip& tip, std::uint64_t boot);

  const Tip& tip() const { return tip_; }
  const HighWater& high_water() const { return high_; }

  // The header of the next block. time = max(now, parent's + 1).
  ledger::Header propose(TimeMs now, BytesView payload, std::span<const Hash> wtxids, const Hash& params) const;

  // Votes for `header` with its result. Refuses (internal) a header that is not the tip's child, another height's result,
  // or a view at or below the high water. The tip moves on; if the group cannot be made durable the caller must stop.
  Result<Decision> decide(const ledger::Header& header, Bytes payload, const ledger::ResultParts& parts, Entropy& entropy);

 private:
  SoloOrder(ChainFacts facts, const crypto::SigningKey& key) : facts_(std::move(facts)), key_(&key) {}
  ChainFacts facts_;
  const crypto::SigningKey* key_;
  Hash valset_;
  Tip tip_;
  HighWater high_;
};

}  // namespace dos::consensus
