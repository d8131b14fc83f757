#include "client/calls/account_facts.hpp"

namespace dos::client {

Result<std::vector<AccountFacts>> accounts(Session& session, const std::vector<std::string>& names) {
  std::vector<AccountFacts> out;
  if (names.empty()) return out;
  ledger::StateQuery query;
  for (const auto& name : names) {
    if (!ledger::valid_account_name(name)) return fail(Errc::not_found, "no account can be named '" + name + "'");
    query.items.push_back(ledger::KeyItem{ledger::account_key(name), true});
  }
  DOS_ASSIGN(const auto answer, session.state(std::move(query)));
  for (const auto& name : names) {
    DOS_ASSIGN(const auto* record, answer.view.find(ledger::account_key(name)));
    if (record == nullptr) return fail(Errc::not_found, "there is no account " + name);
    if (!record->data) return fail(Errc::proof_incomplete, "the account came without its data");
    DOS_ASSIGN(auto account, codec::decode<ledger::Account>(*record->data, "an account"));
    out.push_back({name, std::move(account), record->leaf.version});
  }
  return out;
}

}  // namespace dos::client
