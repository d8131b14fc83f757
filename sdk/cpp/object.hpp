// Objects as a module reads and writes them: ledger::Object with the locks that modules write. Nested locks are left out,
// so that nothing in a module recurses; such an object of another module is refused as malformed when it is read.
#pragma once
#include "ledger/object.hpp"

namespace dos::guest {

struct FlatLock {
  std::variant<ledger::Nobody, ledger::Anyone, ledger::AccountLock, ledger::KeyLock, ledger::ProgramLock> is;
  DOS_FIELDS(is);
};
inline FlatLock account_lock(std::string account, std::string permission = "active") {
  return FlatLock{ledger::AccountLock{std::move(account), std::move(permission)}};
}
inline FlatLock program_lock(std::uint16_t module) { return FlatLock{ledger::ProgramLock{module}}; }

struct Object {
  Version version;  // ignored by put
  FlatLock lock;
  TimeMs paid_until = kPermanent;
  Bytes meta;
  Bytes data;
  DOS_FIELDS(version, lock, paid_until, meta, data);
};

}  // namespace dos::guest
