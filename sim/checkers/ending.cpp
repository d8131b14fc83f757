#include "sim/checkers/ending.hpp"

namespace dos::sim {
namespace {

replica::Replica& replica_of(const SimMachine& m) { return static_cast<ReplicaProcess*>(m.process())->replica(); }
std::string name_of(const SimMachine& m) { return "v" + std::to_string(m.place() + 1); }

Result<std::uint64_t> balance(const store::StateView& view, const std::string& owner) {
  DOS_ASSIGN(const auto record, view.get(ledger::purse_key(owner)));
  if (!record) return 0;
  DOS_ASSIGN(const auto purse, codec::decode<ledger::Purse>(record->data, "a purse"));
  return purse.balance.value;
}

Result<std::uint64_t> all_credits(const store::StateView& view) {
  std::uint64_t sum = 0;
  const auto prefix = ledger::purse_key("");
  for (Bytes after;;) {
    DOS_ASSIGN(const auto key, view.next(prefix, after));
    if (!key) return sum;
    DOS_ASSIGN(const auto record, view.get(*key));
    DOS_ASSIGN(const auto purse, codec::decode<ledger::Purse>(record ? record->data : Bytes{}, "a purse"));
    sum += purse.balance.value;
    after = *key;
  }
}

void check_archive(World& world, const Bank& bank, const SimMachine& m, const chain::Chain& chain) {
  for (const auto& [height, fact] : world.agreement.facts()) {
    const auto block = chain::read_block(chain.finals().archive(), height);
    if (!block)
      return world.failures.add("nothing final lost",
                                name_of(m) + " cannot read block " + std::to_string(height.value) + ": " + block.error().detail);
    if (!(fact_of(*block) == fact))
      return world.failures.add("nothing final lost", name_of(m) + " keeps another block " + std::to_string(height.value));
  }
  for (const auto& [txid, place] : bank.places()) {
    const auto found = chain.finals().archive().find(txid);
    if (!found || !*found || (*found)->height != place.height || (*found)->index != place.index)
      return world.failures.add("nothing final lost",
                                name_of(m) + " does not find a transaction of block " + std::to_string(place.height.value));
  }
}

void check_credits(World& world, const Bank& bank, const SimMachine& m, const chain::Chain& chain) {
  for (const auto& [owner, micro] : bank.balances()) {
    const auto there = balance(chain.finals().store().view(), owner);
    if (!there || *there != micro)
      return world.failures.add("credits", owner + " has " + std::to_string(there.value_or(0)) + " at " + name_of(m) + " and should have " +
                                               std::to_string(micro));
  }
  const auto& g = chain.genesis();
  std::uint64_t first = g.faucet.value + g.sponsor.value;
  for (const auto& a : g.accounts) first += a.credits.value;
  const auto sum = all_credits(chain.finals().store().view());
  if (!sum || *sum != first)
    world.failures.add("credits",
                       "all purses together hold " + std::to_string(sum.value_or(0)) + ", the genesis gave " + std::to_string(first));
}

}  // namespace

FinalFact fact_of(const chain::MadeBlock& made) {
  return {ledger::block_id(made.anchor.header), ledger::result_of(made.anchor.parts), made.anchor.parts.receipts_root};
}

std::string what_is_missing(const World& world, Height before, const Clients& clients) {
  const auto highest = world.agreement.highest();
  for (const auto& m : world.machines) {
    if (!world.honest(m->place())) continue;
    if (!m->on()) return name_of(*m) + " is off: " + m->why_off();
    const auto status = replica_of(*m).status();
    if (status.tip.height < highest) {
      return name_of(*m) + " is at block " + std::to_string(status.tip.height.value) + " of " + std::to_string(highest.value) + ", view " +
             std::to_string(status.engine.current.value) + (status.engine.votes ? "" : ", and does not vote: " + status.engine.why_not);
    }
    // One that finds itself on an old copy of its data has to stop voting, and the rest is enough.
    if (!status.engine.votes && !world.votes.forgotten(m->place())) return name_of(*m) + " does not vote: " + status.engine.why_not;
  }
  if (clients.waiting() > 0) {
    std::string views;
    for (const auto& m : world.machines)
      if (m->on() && world.honest(m->place())) {
        const auto s = replica_of(*m).status();
        views += " " + name_of(*m) + " in view " + std::to_string(s.engine.current.value) + " with " + std::to_string(s.pool_count) +
                 " waiting;";
      }
    return std::to_string(clients.waiting()) + " transactions have no answer at block " + std::to_string(highest.value) + ":" + views;
  }
  if (highest <= before) return "no block became final after block " + std::to_string(before.value);
  return {};
}

void check_ending(World& world, const Bank& bank) {
  std::optional<Hash> root;
  bool all_honest = !world.votes.any_forgotten();
  for (Machine m = 0; m < world.machines.size(); ++m) all_honest &= world.honest(m);
  for (const auto& m : world.machines) {
    if (!world.honest(m->place())) continue;
    auto& replica = replica_of(*m);
    const auto& chain = replica.chain();
    const chain::WriteHold hold(chain.finals().lock());
    if (!root) root = chain.finals().store().root();
    if (chain.finals().store().root() != *root)
      return world.failures.add("convergence", name_of(*m) + " has another state at the same height");
    check_archive(world, bank, *m, chain);
    check_credits(world, bank, *m, chain);
    if (all_honest && replica.status().engine.evidence > 0)
      world.failures.add("evidence", name_of(*m) + " holds evidence against somebody, and nobody lied");
  }
}

}  // namespace dos::sim
