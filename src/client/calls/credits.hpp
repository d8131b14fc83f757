// Credits: what an account holds, payments, the faucet (modules/credit).
#pragma once
#include "client/calls/draft.hpp"
#include "client/keys/keys.hpp"
#include "client/trust/session.hpp"

namespace dos::client {

struct PurseFacts {
  std::uint64_t micro = 0;
  Height height;  // that it was read at
};
Result<PurseFacts> purse_of(Session& session, const std::string& name);  // not_found: there is no such account

// usage: to itself; not_found: nobody is called so; funds: it holds less.
Result<Draft> pay(Session& session, const Identity& me, const std::string& to, Credits amount);
// From a local network's faucet. limit: more than it gives at once.
Result<Draft> faucet(Session& session, const std::string& to, Credits amount);

}  // namespace dos::client
