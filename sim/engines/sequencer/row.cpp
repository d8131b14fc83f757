// The sequencer's row: what its driver, and whoever judges its blocks, needs of it.
#include <algorithm>

#include "consensus/votes.hpp"
#include "ledger/anchor_path.hpp"
#include "sim/engines/sequencer/sequencer.hpp"

namespace dos::sim {
namespace sequencer {
namespace {

using ledger::VoteItem;
using ledger::VoteKind;

Result<std::unique_ptr<Engine>> make(EngineSetup setup, Entropy& entropy) {
  const auto& members = setup.facts.validators.members;
  if (setup.key == nullptr || setup.facts.voter >= members.size() || members[setup.facts.voter].vote_key != setup.key->public_key())
    return fail(Errc::no_key, "the vote key is not that of a validator");
  auto engine = std::make_unique<Sequencer>(setup, entropy);
  DOS_TRY(engine->restore(setup));
  return std::unique_ptr<Engine>(std::move(engine));
}

Status sealed(const ChainFacts& facts, const Proposal& proposal) {
  const VoteItem notar{VoteKind::notar, proposal.header.view, ledger::block_id(proposal.header), {}};
  const auto& ballot = proposal.vote.ballot;
  if (proposal.header.proposer != kSequencer || ballot.voter != kSequencer || ballot.items != std::vector{notar})
    return fail(Errc::malformed, "a header without the sequencer's seal");
  return check_vote(facts.chain, facts.epoch, facts.validators, proposal.vote);
}

Status readable(const EngineRecord& record) {
  if (record.kind != RecordKind::gate || !codec::decode<GateRecord>(record.bytes))
    return fail(Errc::corrupt, "the journal holds a record that is not of this engine");
  return {};
}

struct OneSignature final : Verifier {
  Named named(const FinalityProof& proof) const override { return {proof.form.item.id, proof.form.item.result}; }
  Result<ledger::SignerCount> judge(const Hash& chain, const ledger::ValidatorSet& set, const FinalityProof& proof) const override {
    const auto& form = proof.form;
    if (form.item.kind != VoteKind::final || form.entries.size() != 1 || form.entries[0].voter != kSequencer ||
        !form.entries[0].others.empty())
      return fail(Errc::proof_invalid, "a proof is the sequencer's FINAL alone");
    const ledger::Vote vote{{form.epoch, kSequencer, {form.item}}, form.entries[0].signature};
    DOS_TRY(check_vote(chain, form.epoch, set, vote));
    return ledger::SignerCount{1, 1};
  }
  Result<ledger::SignerCount> judge(const Hash& chain, const ledger::ValidatorSet& set, const ledger::Anchor& anchor) const override {
    DOS_ASSIGN(const auto last, ledger::last_of(chain, anchor));
    const auto& item = anchor.certificate.item;
    if (item.id != last.id || item.view != last.header->view || anchor.certificate.epoch != last.header->epoch)
      return fail(Errc::proof_invalid, "the proof is of another block");
    DOS_TRY(ledger::check_parts(anchor, item.result));
    return judge(chain, set, FinalityProof{anchor.certificate});
  }
};

const Verifier& verifier() {
  static const OneSignature one;
  return one;
}

}  // namespace
}  // namespace sequencer

const consensus::EngineRow& sequencer_engine();
const consensus::EngineRow& sequencer_engine() {
  using namespace sequencer;
  static constexpr consensus::EngineRow kRow{kNumber, "sequencer", make, verifier, sealed, readable, kMessages};
  return kRow;
}

}  // namespace dos::sim
