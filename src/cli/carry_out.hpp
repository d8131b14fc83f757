// Where commands change something: what the client drafted is signed, handed in and waited for. Nothing else in here submits.
#pragma once
#include "client/calls/submit.hpp"

namespace dos::cli {

// A draft or several; what makes one, and makes it anew while it ends STALE; or a plan.
template <class Drafted>
auto carry_out(client::Session& session, const client::Identity& who, Drafted&& drafted) {
  return client::submit(session, who, std::forward<Drafted>(drafted));
}

}  // namespace dos::cli
