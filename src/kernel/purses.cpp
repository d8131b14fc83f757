#include "kernel/purses.hpp"

#include "base/check.hpp"
#include "kernel/block/scope.hpp"

namespace dos::kernel {

store::Record purse_record(Credits balance, Version version) {
  return {version, codec::encode(ledger::program_lock(ledger::kCreditModule)), kPermanent, {}, codec::encode(ledger::Purse{balance})};
}

Result<Purses::Entry*> Purses::entry(BytesView purse) {
  auto& e = entries_[to_bytes(purse)];
  if (e.read) return &e;
  DOS_ASSIGN(const auto found, read_object<ledger::Purse>(view_, purse, "purse"));
  e.read = true;
  e.exists = found.has_value();
  if (found) e.start = found->balance.value;
  return &e;
}

Status Purses::reserve(BytesView purse, std::uint64_t amount) {
  DOS_ASSIGN(auto* e, entry(purse));
  if (amount > e->start - e->reserved)
    return fail(Errc::funds, "needs " + std::to_string(amount) + " millionths of a credit, has " + std::to_string(e->start - e->reserved));
  e->reserved += amount;
  return {};
}

Result<Purses::Held> Purses::look(BytesView purse) {
  DOS_ASSIGN(const auto* e, entry(purse));
  return Held{e->start - e->reserved, e->reserved};
}

void Purses::take(BytesView purse, std::uint64_t amount) {
  auto it = entries_.find(purse);
  DOS_CHECK(it != entries_.end());
  it->second.taken += amount;
  DOS_CHECK(it->second.taken <= it->second.reserved);
}

// The state's view is asked when the block settles: giving never fails.
void Purses::give(BytesView purse, std::uint64_t amount) {
  auto& given = entries_[to_bytes(purse)];
  given.given += amount;
  given.wanted = true;
}

Status Purses::settle(BlockScope& scope) {
  for (const auto& [key, unread] : entries_) {
    DOS_TRY(scope.work(1));
    DOS_ASSIGN(const auto* found, entry(key));
    const auto& e = *found;
    const std::uint64_t balance = e.start - e.taken + e.given;  // genesis holds fewer than 2^64 millionths in all
    if (balance != e.start || (!e.exists && e.wanted)) DOS_TRY(scope.write(key, purse_record(Credits{balance}, Version{})));
  }
  return {};
}

}  // namespace dos::kernel
