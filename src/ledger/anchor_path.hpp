// The half of ledger::Anchor that no engine has a say in (consensus/verify judges the other).
#pragma once
#include "ledger/wire.hpp"

namespace dos::ledger {

struct LastHeader {
  const Header* header = nullptr;  // of the anchor
  Hash id;
};
// The block that is certified. The headers up to it are a chain of ours, and the parts are of the first. proof_invalid.
Result<LastHeader> last_of(const Hash& chain, const Anchor& anchor);
// Whether the parts are what was certified: in the header behind, or by whoever certified the last one. proof_invalid.
Status check_parts(const Anchor& anchor, const Hash& certified);

}  // namespace dos::ledger
