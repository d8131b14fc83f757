// Transactions: from drafts to verified receipts (docs/spec/transactions.md).
#pragma once
#include "client/calls/plan.hpp"

namespace dos::client {

Result<Hash> parse_tx_name(std::string_view text);

// The one way from drafts to what they did: signs, hands in, waits until final, verifies the receipts. An error is what is proved of the
// first transaction that did not succeed; the others may have succeeded (Session::writes). unsettled: it is not known whether they did
// (hand_in.hpp). No error rests on a node's word alone, so `stale` may be repeated: what was sent is proved never to take effect.
Result<Done> submit(Session& session, const Identity& me, Draft draft);
// Several at once. One that is bare goes alone.
Result<std::vector<Done>> submit(Session& session, const Identity& me, std::vector<Draft> drafts);
// Looks, drafts and submits again while the end is STALE: somebody changed what was looked at. At most kStaleTries times.
using Make = std::function<Result<Draft>()>;
Result<Done> submit(Session& session, const Identity& me, const Make& make);
// Step by step until there is none.
Status submit_steps(Session& session, const Identity& me, Plan& plan);
template <class Outcome>
Result<Outcome> submit(Session& session, const Identity& me, PlanOf<Outcome>& plan) {
  DOS_TRY(submit_steps(session, me, plan));
  return plan.outcome();
}

// What the draft would do in the next block, by one node's word; nothing is signed or changed. The receipt may be of a failure.
struct DryRun {
  ledger::Receipt receipt;
  std::string node;
};
Result<DryRun> dry_run(Session& session, const Identity& me, Draft draft);
// The receipt of a transaction, proved; not_found is a claim of all nodes that answered ("not known here"). A skipped one, if there
// is no other, says nothing of other blocks.
Result<Done> find_transaction(Session& session, const Hash& txid);

}  // namespace dos::client
