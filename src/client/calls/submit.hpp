// Transactions: from calls with their declared accesses to verified receipts (docs/spec/transactions.md).
#pragma once
#include "client/calls/draft.hpp"
#include "client/calls/hand_in.hpp"

namespace dos::client {

Result<Hash> parse_tx_name(std::string_view text);

// Signs, sends, waits until final, verifies the receipts. An error is what is proved of the first transaction that did not succeed;
// the others may have succeeded (Session::writes). unsettled: it is not known whether they did (hand_in.hpp). No error rests on
// a node's word alone, so `stale` may be repeated: what was sent is proved never to take effect.
Result<std::vector<Done>> submit(Session& session, const Identity& me, std::vector<Draft> drafts);
Result<Done> submit_one(Session& session, const Identity& me, Draft draft);
// From a key without an account (id.new): paid by the sponsor purse.
Result<Done> submit_bare(Session& session, const Identity& me, Draft draft);
// What the draft would do in the next block, by one node's word; nothing is signed or changed. The receipt may be of a failure.
struct DryRun {
  ledger::Receipt receipt;
  std::string node;
};
Result<DryRun> dry_run(Session& session, const Identity& me, Draft draft);
// The receipt of a transaction, proved; not_found is a claim of all nodes that answered ("not known here"). A skipped one, if there
// is no other, says nothing of other blocks.
Result<Done> find_transaction(Session& session, const Hash& txid);

// Repeats `make` and its submission while the answer is STALE: somebody changed what was looked at.
Result<Done> submit_fresh(Session& session, const Identity& me, const std::function<Result<Draft>()>& make);
// Whether to look and make it again, after the try of that number (from 1) gave `error`; waits a little, each time longer.
bool worth_repeating(const Error& error, int attempt);

}  // namespace dos::client
