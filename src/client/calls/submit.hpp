// Transactions: from calls with their declared accesses to verified receipts (docs/spec/transactions.md).
#pragma once
#include "client/calls/hand_in.hpp"

namespace dos::client {

// One transaction before it is signed. Accesses are added once each; gas follows from the calls.
class Draft {
 public:
  void exact(Bytes key, Version version) { add(std::move(key), {ledger::Exact{{}, version}}); }
  void latest(Bytes key) { add(std::move(key), {ledger::Latest{}}); }
  void read(Bytes key, std::optional<Version> version = {}) { add(std::move(key), {ledger::Read{{}, version}}); }
  void absent(Bytes key) { add(std::move(key), {ledger::Absent{}}); }
  void range(Bytes prefix) { add(std::move(prefix), {ledger::RangeRead{}}); }
  void append(Bytes prefix) { add(std::move(prefix), {ledger::Append{}}); }
  void debit(Bytes purse, Credits max);
  void deposit(Bytes purse) { add(std::move(purse), {ledger::Deposit{}}); }
  void access(ledger::Access a);
  template <class Args>
  void call(std::uint16_t module, std::uint16_t number, const Args& args) {
    call_bytes(module, number, codec::encode(args));
  }
  void call_bytes(std::uint16_t module, std::uint16_t number, Bytes args);
  void add_rent(std::uint64_t bytes, std::uint64_t ms, const ledger::Params& params);
  bool declares(BytesView key) const { return at_.contains(Bytes(key.begin(), key.end())); }
  std::size_t calls() const { return tx.calls.size(); }
  std::size_t approximate_bytes() const { return bytes_; }

  ledger::Transaction tx;                          // chain, sender, limits and times are filled when it is sent
  std::vector<ledger::StoredSignature> stored_by;  // with tx.stored
  std::optional<ledger::PreimageWitness> work;     // shown by a bare key, for which the sponsor pays
  std::string permission = "active";
  std::uint64_t gas_per_call = 0;                  // 0: Params::min_call_gas, which covers ordinary calls

 private:
  void add(Bytes key, ledger::Access access);
  std::map<Bytes, std::size_t> at_;  // access by key: a key stands once, the stronger kind wins
  std::size_t bytes_ = 0;
};

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
