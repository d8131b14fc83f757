#include "consensus/solo_order.hpp"

#include "consensus/votes.hpp"

namespace dos::consensus {

Result<SoloOrder> SoloOrder::recover(ChainFacts facts, const crypto::SigningKey& key, const JournalImage& journal,
                                     bool journal_intact, const Tip& tip, std::uint64_t boot) {
  const auto& members = facts.validators.members;
  if (facts.voter >= members.size() || members[facts.voter].vote_key != key.public_key())
    return fail(Errc::no_key, "the vote key is not that of a validator in the genesis");
  if (!ledger::strong(members[facts.voter].weight, facts.validators.total()))
    return fail(Errc::not_in_release, "networks of several validators come with the next release");
  if (!journal_intact)
    return fail(Errc::corrupt,
                "the journal is damaged before its end, so this node cannot know what it signed and does not vote; "
                "give it a new vote key or start a new network");
  if (tip.height.value > 0 && (!journal.high_water || journal.high_water->fin_height < tip.height))
    return fail(Errc::corrupt, "the journal does not hold this node's vote for block " + std::to_string(tip.height.value) +
                                   ", so this node cannot know what it signed and does not vote");
  if (journal.high_water && journal.high_water->fin_height > tip.height)
    return fail(Errc::corrupt, "this node voted for block " + std::to_string(journal.high_water->fin_height.value) +
                                   " which is not in its data any more; it does not vote");
  SoloOrder order(std::move(facts), key);
  order.valset_ = ledger::valset_hash(order.facts_.validators);
  order.tip_ = tip;
  if (journal.high_water) order.high_ = *journal.high_water;
  order.high_.epoch = order.facts_.epoch;
  order.high_.boot = boot;
  return order;
}

ledger::Header SoloOrder::propose(TimeMs now, BytesView payload, std::span<const Hash> wtxids, const Hash& params) const {
  ledger::Header h;
  h.chain = facts_.chain;
  h.height = Height{tip_.height.value + 1};
  h.parent = tip_.id;
  h.time = TimeMs{std::max(now.value, tip_.time.value + 1)};
  h.proposer = facts_.voter;
  h.payload = {std::uint32_t(payload.size()), ledger::payload_hash(payload), Hash{}};
  h.tx_root = ledger::tx_root(wtxids);
  h.parent_result = tip_.result;
  h.valset = h.next_valset = valset_;
  h.params = params;
  h.epoch = facts_.epoch;
  h.view = View{std::max({tip_.view.value, high_.notar.value, high_.final.value}) + 1};
  h.parent_view = tip_.view;
  return h;
}

Result<Decision> SoloOrder::decide(const ledger::Header& header, Bytes payload, const ledger::ResultParts& parts,
                                   Entropy& entropy) {
  if (header.parent != tip_.id || header.height.value != tip_.height.value + 1 || parts.height != header.height)
    return fail(Errc::internal, "asked to vote for a block that does not follow the last final one");
  if (header.view <= high_.notar || header.view <= high_.final)
    return fail(Errc::internal, "asked to vote twice in view " + std::to_string(header.view.value));
  const Hash id = ledger::block_id(header);
  const Hash result = ledger::result_of(parts);
  high_.notar = high_.final = header.view;
  high_.fin_height = header.height;
  high_.fin_id = id;
  high_.fin_result = result;

  DOS_ASSIGN(auto vote, make_vote(facts_.chain, facts_.epoch, facts_.voter, *key_,
                                  {{ledger::VoteKind::notar, header.view, id, Hash{}},
                                   {ledger::VoteKind::final, header.view, id, result}},
                                  entropy));
  Decision d;
  DOS_ASSIGN(d.certificate, certify(facts_.validators, {ledger::VoteKind::final, header.view, id, result},
                                    std::span<const ledger::Vote>(&vote, 1)));
  d.group = encode_block({header, std::move(payload), std::move(vote), d.certificate}, high_);
  tip_ = {header.height, id, result, header.time, header.view};
  return d;
}

}  // namespace dos::consensus
