// Making an account with its home, and giving it new keys (modules/id, modules/fs).
#pragma once
#include "client/calls/plan.hpp"

namespace dos::client {

struct AccountMade {
  std::optional<Done> account;  // none: it was there
  Done home;
};
// Signed by its own key, paid by the sponsor; its home alone if the account is there already. `who` outlives the plan.
Planned<AccountMade> make_account(Session& session, const Identity& who, bool there);
// From `me` to the identity of its next keys.
Result<Draft> rotate_keys(Session& session, const Identity& me, const Identity& next);

}  // namespace dos::client
