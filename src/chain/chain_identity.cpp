#include "chain/chain_identity.hpp"

namespace dos::chain {

Result<ChainIdentity> ChainIdentity::of(Bytes genesis, ledger::SystemRules rules, const crypto::PublicKey& vote_key,
                                        const consensus::EngineRow* engine) {
  DOS_TRY(ledger::check_rules(rules));
  ChainIdentity is;
  is.rules = std::move(rules);
  is.encoded = std::move(genesis);
  DOS_ASSIGN(is.genesis, ledger::decode_genesis(is.encoded));
  const auto& members = is.genesis.validators.members;
  std::size_t voter = 0;
  while (voter < members.size() && members[voter].vote_key != vote_key) ++voter;
  if (voter == members.size()) return fail(Errc::no_key, "vote.key is not the key of a validator in this genesis");
  is.facts = {ledger::genesis_hash(is.genesis), Epoch{0}, is.genesis.validators, std::uint16_t(voter),
              engine != nullptr ? engine : &consensus::engine_of(is.genesis)};
  is.valset = ledger::valset_hash(is.facts.validators);
  return is;
}

kernel::BlockContext ChainIdentity::context(Height height, TimeMs time, TimeMs parent_time) const {
  return {facts.chain, height, time, facts.epoch, genesis.kind, genesis.suite, &facts.validators, parent_time, rules};
}

}  // namespace dos::chain
