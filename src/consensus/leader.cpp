#include "consensus/leader.hpp"

#include "base/check.hpp"
#include "crypto/hash.hpp"

namespace dos::consensus {
namespace {

struct Draw {
  Hash seed;
  View view;
  DOS_FIELDS(seed, view);
};

}  // namespace

std::uint16_t leader_of(const ledger::ValidatorSet& set, const Hash& seed, View view) {
  const std::uint64_t total = set.total();
  DOS_CHECK(total > 0);
  // The digest as a 256-bit number modulo the whole weight: the bias is below 2^-190.
  std::uint64_t place = 0;
  for (const auto byte : crypto::hash_of(crypto::domain::kLeader, Draw{seed, view}).bytes)
    place = std::uint64_t(((__uint128_t(place) << 8) | byte) % total);
  std::uint16_t i = 0;
  while (place >= set.members[i].weight) place -= set.members[i++].weight;
  return i;
}

}  // namespace dos::consensus
