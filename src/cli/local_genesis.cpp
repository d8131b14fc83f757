// The genesis of a local network: four development identities, its validators, the modules of this build.
#include "cli/local_genesis.hpp"

#include <algorithm>

#include "cli/local_net.hpp"
#include "client/entropy.hpp"
#include "client/home/private_file.hpp"
#include "client/keys/key_store.hpp"
#include "client/trust/known_networks.hpp"
#include "client/trust/session.hpp"
#include "ledger/blob.hpp"
#include "ledger/call_table.hpp"
#include "syscalls/syscalls.hpp"

namespace dos::cli {
namespace {

Result<crypto::PublicKey> make_node_key(const std::filesystem::path& file, crypto::KeyType type, Entropy& entropy) {
  crypto::Secret seed(crypto::kSeedBytes);
  entropy.fill(seed.span());
  DOS_TRY(client::write_private(file, seed.view()));
  DOS_ASSIGN(const auto key, crypto::SigningKey::from_seed(type, seed.view()));
  return key.public_key();
}

}  // namespace

Result<ledger::Genesis> make_local_genesis(const client::Places& places, const std::string& network, const std::filesystem::path& folder,
                                           const std::filesystem::path& modules, crypto::Suite suite,
                                           const std::vector<PlannedValidator>& validators) {
  client::SystemEntropy entropy;
  ledger::Genesis g;
  g.salt = Hash{client::draw<32>(entropy)};
  g.name = "dos-" + network + "-" + hex(BytesView(g.salt.bytes).first(2));
  g.suite = suite;
  g.time = TimeMs{client::wall_ms()};
  g.faucet = Credits{1'000'000'000 * kMicroPerCredit};
  g.sponsor = Credits{1'000'000 * kMicroPerCredit};
  const bool pq = g.suite == crypto::Suite::pq;
  for (const auto& planned : validators) {
    ledger::Validator v;
    v.name = planned.name;
    v.address = planned.address;
    const auto keys = folder / v.name / "keys";
    DOS_ASSIGN(v.vote_key, make_node_key(keys / "vote.key", pq ? crypto::KeyType::ml_dsa_44 : crypto::KeyType::ed25519, entropy));
    DOS_ASSIGN(v.node_key, make_node_key(keys / "node.key", pq ? crypto::KeyType::ml_dsa_65 : crypto::KeyType::ed25519, entropy));
    g.validators.members.push_back(std::move(v));
  }
  std::ranges::sort(g.validators.members, {}, &ledger::Validator::name);  // equal weights: by name, so v10 stands before v2
  DOS_ASSIGN(g.modules, syscalls::genesis_modules([&](const std::string& name) {
               return client::read_regular(std::filesystem::path(modules) / (name + ".wasm"), 16u << 20);
             }));
  std::vector<client::Identity> people;
  for (const auto* name : kLocalAccounts) {
    DOS_ASSIGN(auto person, client::new_identity(name, g.suite, entropy));
    auto account = client::account_of(person);
    account.development = true;
    g.accounts.push_back({name, std::move(account), Credits{kFirstCredits * kMicroPerCredit}});
    people.push_back(std::move(person));
  }
  const auto chain = ledger::genesis_hash(g);
  for (auto& person : people) {
    person.mark_development(chain);
    DOS_TRY(client::save_dev_identity(places, network, person));
  }
  return g;
}

}  // namespace dos::cli
