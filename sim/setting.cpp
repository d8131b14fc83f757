#include "sim/setting.hpp"

#include "chain/system_code.hpp"
#include "crypto/hash.hpp"
#include "fakes/clock.hpp"
#include "fakes/log.hpp"
#include "ledger/blob.hpp"
#include "ledger/call_table.hpp"
#include "os/posix_disk.hpp"
#include "syscalls/syscalls.hpp"

namespace dos::sim {

crypto::SigningKey key_of(const std::string& name, crypto::KeyType type) {
  const auto seed = crypto::plain_hash(as_bytes(name));
  return std::move(*crypto::SigningKey::from_seed(type, seed.view()));
}
crypto::KeyType vote_key_type(crypto::Suite suite) {
  return suite == crypto::Suite::pq ? crypto::KeyType::ml_dsa_44 : crypto::KeyType::ed25519;
}
crypto::KeyType node_key_type(crypto::Suite suite) {
  return suite == crypto::Suite::pq ? crypto::KeyType::ml_dsa_65 : crypto::KeyType::ed25519;
}

Hash Modules::code_key() { return crypto::plain_hash(as_bytes("the simulator's compiled code")); }

Result<Bytes> Modules::wasm(const std::string& name) const {
  const auto it = wasm_.find(name);
  if (it == wasm_.end()) return fail(Errc::no_host_file, "there is no module " + name);
  return it->second;
}

Result<std::unique_ptr<Modules>> Modules::load(const std::string& folder) {
  std::unique_ptr<Modules> m(new Modules);
  DOS_ASSIGN(m->records_, syscalls::genesis_modules([&](const std::string& name) -> Result<Bytes> {
               DOS_ASSIGN(auto wasm, os::read_host_file(folder + "/" + name + ".wasm", 16u << 20));
               return m->wasm_[name] = std::move(wasm);
             }));
  SubDisk blobs(m->installed_, "blobs"), code(m->installed_, "code");
  for (const char* name : {"state", "journal", "archive", "blobs", "code"}) DOS_TRY(m->installed_.make_folder(name));
  NullLog log;
  DOS_ASSIGN(const auto system, chain::SystemCode::open(blobs, code, code_key(), log, 1ull << 30));
  for (const auto& record : m->records_) {
    DOS_TRY(system->install(record.record, [&](const std::string& name) { return m->wasm(name); }, kEpochMs));
    DOS_ASSIGN(const auto wasm, m->wasm(record.record.name));
    DOS_TRY(system->kernel().load(record.number, record.record, wasm));
  }
  DOS_TRY(system->blobs().sync());
  return m;
}

ledger::Genesis make_genesis(const Plan& plan, const Modules& modules) {
  ledger::Genesis g;
  g.name = "sim";
  g.suite = plan.suite;
  g.time = TimeMs{kEpochMs - 1000};
  g.salt = crypto::plain_hash(as_bytes("seed " + std::to_string(plan.seed)));
  g.faucet = Credits{1'000'000 * kMicroPerCredit};
  g.sponsor = Credits{1'000 * kMicroPerCredit};
  for (std::uint32_t v = 0; v < plan.validators(); ++v) {
    const auto name = "v" + std::to_string(v + 1);
    g.validators.members.push_back({name, plan.weights[v], key_of("vote " + name, vote_key_type(plan.suite)).public_key(),
                                    key_of("node " + name, node_key_type(plan.suite)).public_key(), name + ":7000"});
  }
  g.modules = modules.records();
  for (std::uint32_t c = 0; c < plan.clients; ++c) {
    ledger::Account a;
    const auto key = key_of(account_name(c), vote_key_type(plan.suite)).public_key();
    for (const char* p : {"owner", "active"}) a.permissions.push_back({p, 1, {{key, 1}}, {}});
    const auto box = plan.suite == crypto::Suite::pq ? crypto::BoxType::x_wing : crypto::BoxType::x25519;
    a.encryption.push_back({1, {box, Bytes(crypto::box_key_bytes(box))}});
    g.accounts.push_back({account_name(c), std::move(a), Credits{kFirstMicro}});
  }
  return g;
}

}  // namespace dos::sim
