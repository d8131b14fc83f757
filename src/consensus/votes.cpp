#include "consensus/votes.hpp"

#include <algorithm>

namespace dos::consensus {
namespace {

Status check_items(const std::vector<ledger::VoteItem>& items) {
  if (items.empty() || items.size() > 4) return fail(Errc::malformed, "a ballot has one to four items");
  for (std::size_t i = 0; i < items.size(); ++i) {
    const auto& item = items[i];
    if (i > 0 && std::pair(items[i - 1].kind, items[i - 1].view) >= std::pair(item.kind, item.view))
      return fail(Errc::malformed, "a ballot's items are sorted by kind and view");
    if (item.id.is_zero() != (item.kind == ledger::VoteKind::null) || item.result.is_zero() != (item.kind != ledger::VoteKind::final))
      return fail(Errc::malformed, "a vote item names a block or result that its kind does not have");
  }
  return {};
}

}  // namespace

Result<ledger::Vote> make_vote(const Hash& chain, Epoch epoch, std::uint16_t voter, const crypto::SigningKey& key,
                               std::vector<ledger::VoteItem> items, Entropy& entropy) {
  DOS_TRY(check_items(items));
  ledger::Vote vote{{epoch, voter, std::move(items)}, {}};
  DOS_ASSIGN(vote.signature, crypto::sign(key, crypto::domain::kVote, chain, vote.ballot, entropy));
  return vote;
}

Status check_ballot(Epoch epoch, const ledger::ValidatorSet& set, const ledger::Ballot& ballot) {
  DOS_TRY(check_items(ballot.items));
  if (ballot.epoch != epoch) return fail(Errc::proof_invalid, "a vote of another epoch");
  if (ballot.voter >= set.members.size()) return fail(Errc::proof_invalid, "a vote of an unknown validator");
  return {};
}

Status check_signature(const Hash& chain, const ledger::ValidatorSet& set, const ledger::Vote& vote) {
  return crypto::verify(set.members[vote.ballot.voter].vote_key, crypto::domain::kVote, chain, vote.ballot, vote.signature);
}

Status check_vote(const Hash& chain, Epoch epoch, const ledger::ValidatorSet& set, const ledger::Vote& vote) {
  DOS_TRY(check_ballot(epoch, set, vote.ballot));
  return check_signature(chain, set, vote);
}

Result<ledger::Certificate> certify(const ledger::ValidatorSet& set, const ledger::VoteItem& item, std::span<const ledger::Vote> votes) {
  ledger::Certificate c;
  c.item = item;
  std::uint64_t weight = 0;
  for (const auto& vote : votes) {
    const auto& items = vote.ballot.items;
    if (std::find(items.begin(), items.end(), item) == items.end()) continue;
    if (vote.ballot.voter >= set.members.size() || (!c.entries.empty() && c.entries.back().voter >= vote.ballot.voter))
      return fail(Errc::proof_invalid, "votes for a certificate stand in order of their voters, one each");
    if (!c.entries.empty() && vote.ballot.epoch != c.epoch) return fail(Errc::proof_invalid, "votes of different epochs");
    c.epoch = vote.ballot.epoch;
    ledger::CertificateEntry entry{vote.ballot.voter, {}, vote.signature};
    for (const auto& other : items)
      if (other != item) entry.others.push_back(other);
    c.entries.push_back(std::move(entry));
    weight += set.members[vote.ballot.voter].weight;
  }
  if (!ledger::strong(weight, set.total())) return fail(Errc::proof_invalid, "the votes are no strong set");
  return c;
}

std::vector<ledger::Vote> votes_of(const ledger::Certificate& certificate) {
  std::vector<ledger::Vote> votes;
  for (const auto& entry : certificate.entries) {
    ledger::Vote vote{{certificate.epoch, entry.voter, entry.others}, entry.signature};
    auto& items = vote.ballot.items;
    const auto before = [](const ledger::VoteItem& a, const ledger::VoteItem& b) {
      return std::pair(a.kind, a.view) < std::pair(b.kind, b.view);
    };
    items.insert(std::upper_bound(items.begin(), items.end(), certificate.item, before), certificate.item);
    votes.push_back(std::move(vote));
  }
  return votes;
}

}  // namespace dos::consensus
