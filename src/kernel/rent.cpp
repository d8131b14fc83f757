#include "kernel/rent.hpp"

#include <algorithm>
#include <set>

#include "ledger/rent.hpp"

namespace dos::kernel {
namespace {

std::uint64_t add(std::uint64_t a, std::uint64_t b) { return a > UINT64_MAX - b ? UINT64_MAX : a + b; }

struct Content {  // what moves when an object moves
  Bytes lock;
  TimeMs paid_until;
  Bytes meta, data;
  friend auto operator<=>(const Content&, const Content&) = default;
};
Content content_of(const store::Record& r) { return {r.lock, r.paid_until, r.meta, r.data}; }

}  // namespace

bool long_enough(TimeMs until, TimeMs now) { return until.value >= now.value && until.value - now.value >= kLeastTermMs; }

std::uint64_t rent_for(const ledger::Params& params, std::uint64_t bytes, TimeMs until, TimeMs now) {
  const std::uint64_t ms = until == kPermanent ? params.default_rent_ms : std::max(kLeastTermMs, until > now ? until.value - now.value : 0);
  const auto rent = ledger::rent_for(params, bytes, ms);
  return add(rent.whole, rent.part_of_one ? 1 : 0);
}

std::uint64_t rented_bytes(BytesView key, const store::Record& r) { return key.size() + r.lock.size() + r.meta.size() + r.data.size(); }

Result<std::uint64_t> rent_of_changes(const ledger::Params& params, const store::Delta& changes, const store::StateView& before,
                                      TimeMs now) {
  std::multiset<Content> left;
  for (const auto& [key, record] : changes) {
    if (record) continue;
    DOS_ASSIGN(const auto old, before.get(key));
    if (old) left.insert(content_of(*old));
  }
  std::uint64_t sum = 0;
  for (const auto& [key, record] : changes) {
    if (!record) continue;
    DOS_ASSIGN(const auto old, before.get(key));
    if (!old && !left.empty())
      if (auto it = left.find(content_of(*record)); it != left.end()) {
        left.erase(it);
        continue;
      }
    const auto cost = rent_for(params, rented_bytes(key, *record), record->paid_until, now);
    const auto had = old ? rent_for(params, rented_bytes(key, *old), old->paid_until, now) : 0;
    if (cost > had) sum = add(sum, cost - had);
  }
  return sum;
}

Status check_terms(const store::Delta& changes, const store::StateView& before, TimeMs now) {
  std::multiset<TimeMs> left;
  for (const auto& [key, record] : changes) {
    if (record) continue;
    DOS_ASSIGN(const auto old, before.get(key));
    if (old) left.insert(old->paid_until);
  }
  for (const auto& [key, record] : changes) {
    if (!record || long_enough(record->paid_until, now)) continue;
    DOS_ASSIGN(const auto old, before.get(key));
    if (old && old->paid_until == record->paid_until) continue;
    const auto it = left.find(record->paid_until);
    if (it == left.end())
      return fail(Errc::limit, "rent: what is written is paid for at least " + std::to_string(kLeastTermMs / 86'400'000) + " days ahead");
    left.erase(it);
  }
  return {};
}

}  // namespace dos::kernel
