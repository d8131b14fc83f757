// What a write is before anybody signs it: calls with the accesses that they declare (docs/spec/transactions.md). Whatever changes
// something by this client is a function that returns a draft, or a plan of several (client/calls/plan.hpp); to make one changes nothing in
// the ledger (a plan's next step may upload content), and client/calls/submit.hpp alone signs it and hands it in.
#pragma once
#include <map>
#include <optional>
#include <string>

#include "codec/bcs.hpp"
#include "ledger/state_formats.hpp"
#include "ledger/transaction.hpp"

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

  std::string told;  // what it does, for whoever is to agree: "pays 5 credits to bob"
  ledger::Transaction tx;  // chain, sender, limits and times are filled when it is sent
  std::vector<ledger::StoredSignature> stored_by;  // with tx.stored
  std::optional<ledger::PreimageWitness> work;  // shown by a bare key, for which the sponsor pays
  std::string permission = "active";
  bool bare = false;  // from a key without an account (id.new): the sponsor purse pays
  std::uint64_t gas_per_call = 0;  // 0: Params::min_call_gas, which covers ordinary calls

 private:
  void add(Bytes key, ledger::Access access);
  std::map<Bytes, std::size_t> at_;  // access by key: a key stands once, the stronger kind wins
  std::size_t bytes_ = 0;
};

}  // namespace dos::client
