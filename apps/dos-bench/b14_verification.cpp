// B14: what a client pays to believe an answer, beside the bare cost of the signatures in it.
#include <cstdio>

#include "base/check.hpp"
#include "ledger/block.hpp"
#include "node/os/system.hpp"
#include "row.hpp"

namespace dos::bench {
namespace {

struct Signed {
  ledger::ValidatorSet set;
  ledger::Certificate certificate;
  Hash chain;
  std::vector<Bytes> messages;
};

Signed make(std::uint32_t signers, std::uint32_t of, Entropy& entropy) {
  Signed s;
  s.chain = crypto::plain_hash(as_bytes("bench"));
  std::vector<crypto::SigningKey> keys;
  for (std::uint32_t i = 0; i < of; ++i) {
    Bytes seed(crypto::kSeedBytes);
    entropy.fill(seed);
    keys.push_back(std::move(*crypto::SigningKey::from_seed(crypto::KeyType::ml_dsa_44, seed)));
    char name[16];
    std::snprintf(name, sizeof name, "v%04u", i);
    s.set.members.push_back({name, 1, keys.back().public_key(), keys.back().public_key()});
  }
  s.certificate.item = {ledger::VoteKind::final, View{1}, crypto::plain_hash(as_bytes("id")), crypto::plain_hash(as_bytes("result"))};
  for (std::uint32_t i = 0; i < signers; ++i) {
    ledger::Ballot ballot{Epoch{0}, std::uint16_t(i), {s.certificate.item}};
    auto signature = crypto::sign(keys[i], crypto::domain::kVote, s.chain, ballot, entropy);
    s.messages.push_back(crypto::signed_bytes(crypto::domain::kVote, s.chain, ballot));
    s.certificate.entries.push_back({std::uint16_t(i), {}, *signature});
  }
  return s;
}

template <class F>
double micros_each(int times, F&& f) {
  const double start = cpu_seconds();
  for (int i = 0; i < times; ++i) f();
  return (cpu_seconds() - start) * 1e6 / times;
}

}  // namespace

void b14_verification(const Options& options) {
  node::SystemEntropy entropy;
  const std::pair<std::uint32_t, std::uint32_t> sizes[] = {{3, 4}, {67, 100}};
  for (auto [signers, of] : sizes) {
    const auto s = make(signers, of, entropy);
    const int times = (options.quick ? 600 : 3000) / int(signers) + 1;
    const double whole = micros_each(times, [&] { DOS_CHECK(ledger::verify_certificate(s.chain, s.set, s.certificate).has_value()); });
    const double bare = micros_each(times, [&] {
      for (std::uint32_t i = 0; i < signers; ++i)
        DOS_CHECK(crypto::verify_bytes(s.set.members[i].vote_key, s.messages[i], s.certificate.entries[i].signature).has_value());
    });
    row("B14", "certificate of " + std::to_string(signers) + (of == 100 ? " of 100" : ""), "floor", whole, bare, "us", true);
  }
}

}  // namespace dos::bench
