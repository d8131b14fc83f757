// Accounts as the proved state has them.
#pragma once
#include "client/trust/session.hpp"
#include "ledger/account.hpp"

namespace dos::client {

struct AccountFacts {
  std::string name;
  ledger::Account account;
  Version version;
};
// By their names, one query; not_found names the first that is not there.
Result<std::vector<AccountFacts>> accounts(Session& session, const std::vector<std::string>& names);

}  // namespace dos::client
