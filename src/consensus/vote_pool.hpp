// Votes above the last final block, by what they agree on. A vote counts only once its signature was checked; one whose
// target is strong already is kept unchecked (it may still show a contradiction). Bounded: of one voter, one view and one
// kind two targets are kept, more only for a target that a weak set, so an honest validator, stands behind. A certificate is
// believed by its signatures, never by the pool: a liar may have sent its other vote here.
#pragma once
#include <map>
#include <memory>
#include <optional>
#include <set>

#include "consensus/facts.hpp"

namespace dos::consensus {

struct HeldVote {
  ledger::Vote vote;
  bool verified = false;
  bool durable = false;  // in the journal, or in a group that was handed out to be written
};
using HeldVoteRef = std::shared_ptr<HeldVote>;

struct Contradiction {  // E1-E3 of docs/spec/consensus.md
  std::uint16_t voter = 0;
  ledger::Vote first, second;
};

class VotePool {
 public:
  explicit VotePool(const ChainFacts& facts) : facts_(&facts), total_(facts.validators.total()) {}

  enum class Trust {
    none,     // handed on by somebody: checked before it is kept
    sender,   // came on its voter's own link: kept unchecked while nothing depends on it
    checked,  // own, or out of an intact journal, or out of a certificate that was checked
  };
  struct Taken {
    bool fresh = false;    // something counted that did not before
    bool refused = false;  // an item was over the bound; it may fit once more is known
    std::vector<Contradiction> contradictions;
  };
  // Items outside (above, upto] are ignored. malformed, proof_invalid, signature_invalid: whoever sent it is at fault.
  Result<Taken> take(const ledger::Vote& vote, View above, View upto, Trust trust, bool durable = false);

  std::uint64_t weight(const ledger::VoteItem& item) const;  // of checked votes
  bool strong(const ledger::VoteItem& item) const { return ledger::strong(weight(item), total_); }
  bool weak(const ledger::VoteItem& item) const { return ledger::weak(weight(item), total_); }
  bool weak_weight(std::uint64_t weight) const { return ledger::weak(weight, total_); }

  std::vector<ledger::VoteItem> notarized(View view) const;  // more than one: over a third lies
  bool nullified(View view) const;
  std::vector<ledger::VoteItem> finalized(View view) const;
  const std::set<ledger::VoteItem>& finals() const { return finals_; }  // all strong FINAL, by view
  std::vector<ledger::VoteItem> items(View view) const;      // that anybody's checked vote names
  bool any_at(View view) const;                              // a checked vote of this view
  bool weak_above(View view) const;                          // of a weak set, each in any later view
  std::vector<View> views(View above) const;

  // Checked votes for it: the fewest that are strong where it is strong, else all. Ascending by voter.
  std::vector<HeldVoteRef> votes_for(const ledger::VoteItem& item) const;
  std::vector<HeldVoteRef> votes_by(std::uint16_t voter, View above) const;  // checked, each ballot once
  std::vector<HeldVoteRef> votes_at(std::uint16_t voter, View view) const;   // likewise, of one view
  bool voted(View view, std::uint16_t voter) const;                          // for anything, checked or not
  bool voted_for(const ledger::VoteItem& item, std::uint16_t voter) const;   // checked
  std::vector<std::uint16_t> voters(const ledger::VoteItem& item) const;     // checked

  void forget(View upto);
  std::size_t size() const { return size_; }  // votes held, each item of a ballot counted

  static constexpr int kTargetsAKind = 2;     // of one voter and view; more only where a weak set stands behind the target

 private:
  struct Tally {
    std::map<std::uint16_t, HeldVoteRef> votes;
    std::uint64_t weight = 0;  // of the checked ones
  };
  struct OfView {
    std::map<ledger::VoteItem, Tally> tallies;
    std::set<std::pair<std::uint16_t, int>> reported;  // voter, E1-E3
  };
  const Tally* tally(const ledger::VoteItem& item) const;
  bool has_room(const OfView& of, const ledger::VoteItem& item, std::uint16_t voter) const;
  // The E-number of a contradiction between the two, 0 for none.
  static int contradiction(const ledger::VoteItem& a, const ledger::VoteItem& b);
  bool contradicted(const OfView& of, const ledger::VoteItem& item, std::uint16_t voter) const;
  void report(OfView& of, const ledger::VoteItem& item, const HeldVoteRef& held, std::vector<Contradiction>& into);
  bool check(HeldVote& held) const;
  void count(const ledger::VoteItem& item, Tally& tally, std::uint16_t voter);

  const ChainFacts* facts_;
  std::uint64_t total_;
  std::map<std::uint64_t, OfView> views_;
  std::set<ledger::VoteItem> finals_;
  std::size_t size_ = 0;
};

}  // namespace dos::consensus
