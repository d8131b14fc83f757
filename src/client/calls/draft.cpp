#include "client/calls/draft.hpp"

#include <algorithm>

#include "ledger/rent.hpp"

namespace dos::client {
namespace {

// Which of two accesses to one key allows more.
int strength(const ledger::Access& a) { return std::holds_alternative<ledger::Read>(a.is) ? 0 : 1; }

Bytes& key_of(ledger::Access& a) {
  return std::visit(
      [](auto& x) -> Bytes& {
        if constexpr (requires { x.key; }) return x.key;
        else if constexpr (requires { x.prefix; }) return x.prefix;
        else return x.purse;
      },
      a.is);
}

}  // namespace

void Draft::add(Bytes key, ledger::Access access) {
  const auto [it, fresh] = at_.emplace(key, tx.access.size());
  if (!fresh) {
    if (strength(access) > strength(tx.access[it->second])) {
      key_of(access) = std::move(key);
      tx.access[it->second] = std::move(access);
    }
    return;
  }
  bytes_ += key.size() + 12;
  key_of(access) = std::move(key);
  tx.access.push_back(std::move(access));
}

void Draft::access(ledger::Access a) {
  auto key = key_of(a);
  add(std::move(key), std::move(a));
}

void Draft::debit(Bytes purse, Credits max) { add(std::move(purse), {ledger::Debit{{}, max}}); }

void Draft::call_bytes(std::uint16_t module, std::uint16_t number, Bytes args) {
  bytes_ += args.size() + 16;
  ledger::Call call{module, number, {}};
  call.args.emplace_back(ledger::Literal{std::move(args)});
  tx.calls.push_back(std::move(call));
}

void Draft::add_rent(std::uint64_t bytes, std::uint64_t ms, const ledger::Params& params) {
  constexpr std::uint64_t kMost = UINT64_MAX / 4;  // a price that no purse pays, of all together: the limit stays a number
  const auto rent = std::min(ledger::rent_for(params, bytes, ms).whole, kMost) + 1;
  tx.limits.rent = Credits{std::min(tx.limits.rent.value, kMost) + rent + rent / 64 + 1000};
}

}  // namespace dos::client
