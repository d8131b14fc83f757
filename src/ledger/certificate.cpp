#include "ledger/block.hpp"

namespace dos::ledger {
namespace {

// Null votes name no block, and only final votes carry a result.
bool well_formed_item(const VoteItem& item) {
  if (item.kind == VoteKind::null) return item.id.is_zero() && item.result.is_zero();
  return !item.id.is_zero() && item.result.is_zero() == (item.kind != VoteKind::final);
}

// The ballot that the entry's voter signed: `item` at its place among the others.
Result<Ballot> ballot_of(const Certificate& certificate, const CertificateEntry& entry) {
  if (entry.others.size() > 3) return fail(Errc::proof_invalid, "a ballot has at most four votes");
  Ballot ballot{certificate.epoch, entry.voter, entry.others};
  const auto place = [](const VoteItem& a, const VoteItem& b) { return std::pair(a.kind, a.view) < std::pair(b.kind, b.view); };
  ballot.items.insert(std::upper_bound(ballot.items.begin(), ballot.items.end(), certificate.item, place), certificate.item);
  for (std::size_t i = 0; i < ballot.items.size(); ++i) {
    if (!well_formed_item(ballot.items[i])) return fail(Errc::proof_invalid, "a vote names what its kind does not have");
    if (i > 0 && !place(ballot.items[i - 1], ballot.items[i]))
      return fail(Errc::proof_invalid, "the votes of a ballot stand in order, each once");
  }
  return ballot;
}

}  // namespace

Result<SignerCount> verify_certificate(const Hash& chain, const ValidatorSet& set, const Certificate& certificate) {
  if (certificate.entries.size() > set.members.size())
    return fail(Errc::proof_invalid, "a certificate has more signatures than there are validators");
  std::uint64_t weight = 0;
  int last = -1;
  for (const auto& entry : certificate.entries) {
    if (int(entry.voter) <= last) return fail(Errc::proof_invalid, "the signers of a certificate stand in order, each once");
    last = entry.voter;
    if (entry.voter >= set.members.size()) return fail(Errc::proof_invalid, "a certificate names an unknown validator");
    weight += set.members[entry.voter].weight;
  }
  // Weights first: a certificate that cannot be enough costs no signature check.
  if (!strong(weight, set.total())) return fail(Errc::proof_invalid, "the signers of a certificate are no quorum");
  for (const auto& entry : certificate.entries) {
    DOS_ASSIGN(const auto ballot, ballot_of(certificate, entry));
    const auto& validator = set.members[entry.voter];
    if (auto ok = crypto::verify(validator.vote_key, crypto::domain::kVote, chain, ballot, entry.signature); !ok)
      return fail(Errc::signature_invalid, "the vote of validator " + validator.name + " does not verify");
  }
  return SignerCount{std::uint32_t(certificate.entries.size()), std::uint32_t(set.members.size())};
}

}  // namespace dos::ledger
