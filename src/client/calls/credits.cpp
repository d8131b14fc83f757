#include "client/calls/credits.hpp"

#include "base/shown_text.hpp"
#include "client/calls/account_facts.hpp"
#include "client/trust/words.hpp"
#include "modules/credit/calls.hpp"

namespace dos::client {

Result<PurseFacts> purse_of(Session& session, const std::string& name) {
  if (!ledger::valid_account_name(name)) return fail(Errc::not_found, "no account can be named '" + shown_text(name, kMaxShownWord) + "'");
  ledger::StateQuery query;
  query.items.push_back(ledger::KeyItem{ledger::purse_key(name), true});
  query.items.push_back(ledger::KeyItem{ledger::account_key(name), false});
  DOS_ASSIGN(const auto answer, session.state(std::move(query)));
  DOS_ASSIGN(const auto* account, answer.view.find(ledger::account_key(name)));
  if (account == nullptr) return fail(Errc::not_found, "there is no account " + name);
  DOS_ASSIGN(const auto* record, answer.view.find(ledger::purse_key(name)));
  PurseFacts purse{0, answer.view.height()};
  if (record != nullptr) {
    if (!record->data) return fail(Errc::proof_incomplete, "the purse came without its data");
    DOS_ASSIGN(const auto held, codec::decode<ledger::Purse>(*record->data, "a purse"));
    purse.micro = held.balance.value;
  }
  return purse;
}

Result<Draft> pay(Session& session, const Identity& me, const std::string& to, Credits amount) {
  const auto& from = me.account();
  if (to == from) return fail(Errc::usage, to + " cannot pay itself");
  DOS_ASSIGN(const auto facts, accounts(session, {to}));
  DOS_ASSIGN(const auto purse, purse_of(session, from));
  if (amount.value > purse.micro)
    return fail(Errc::funds, from + " has " + shown_credits(purse.micro) + " credits, not " + shown_credits(amount.value));
  Draft draft;
  draft.told = "pays " + shown_credits(amount.value) + " credits to " + to;
  draft.debit(ledger::purse_key(from), amount);
  draft.deposit(ledger::purse_key(to));
  draft.read(ledger::account_key(to), facts[0].version);
  draft.call(ledger::kCreditModule, credit::kPay, credit::Pay{from, to, amount});
  return draft;
}

Result<Draft> faucet(Session& session, const std::string& to, Credits amount) {
  if (const auto most = session.params().faucet_per_block; amount.value > most)
    return fail(Errc::limit, "the faucet gives at most " + shown_credits(most) + " credits at once");
  Draft draft;
  draft.told = "takes " + shown_credits(amount.value) + " credits from the faucet for " + to;
  draft.latest(credit::faucet_key());
  draft.debit(ledger::purse_key(ledger::kFaucetPurse), amount);
  draft.deposit(ledger::purse_key(to));
  draft.read(ledger::account_key(to));
  draft.call(ledger::kCreditModule, credit::kFaucet, credit::Faucet{to, amount});
  return draft;
}

}  // namespace dos::client
