#include "ledger/genesis.hpp"

#include "ledger/account.hpp"

namespace dos::ledger {
namespace {

Status check_params(const Params& p) {
  if (p.vm != 1) return fail(Errc::other_format, "the genesis asks for metering version " + std::to_string(p.vm));
  // A block may be over by its last transaction.
  if (p.block_bytes > kMaxPayloadBytes - kMaxTransactionBytes)
    return fail(Errc::limit, "block_bytes: at most " + std::to_string(kMaxPayloadBytes - kMaxTransactionBytes));
  if (p.max_transaction_gas > p.block_gas || p.min_call_gas > p.max_transaction_gas)
    return fail(Errc::malformed, "min_call_gas, max_transaction_gas and block_gas are not in ascending order");
  return {};
}

Status check_validators(const ValidatorSet& set, crypto::Suite suite) {
  if (set.members.empty()) return fail(Errc::malformed, "a genesis names at least one validator");
  if (set.members.size() > kMaxValidators) return fail(Errc::limit, "a genesis names too many validators");
  for (std::size_t i = 0; i < set.members.size(); ++i) {
    const auto& v = set.members[i];
    if (!valid_account_name(v.name)) return fail(Errc::malformed, "a validator has no valid name");
    if (v.weight == 0 || v.weight > UINT64_MAX / kMaxValidators) return fail(Errc::malformed, "a validator's weight is not allowed");
    if (!well_formed(v.vote_key) || !well_formed(v.node_key))
      return fail(Errc::bad_key, "a key of validator " + v.name + " has the wrong length");
    if (suite == crypto::Suite::pq && (!post_quantum(v.vote_key.type) || !post_quantum(v.node_key.type)))
      return fail(Errc::bad_key, "the keys of validator " + v.name + " are not post-quantum keys");
    for (std::size_t j = 0; j < i; ++j)
      if (set.members[j].name == v.name || set.members[j].vote_key == v.vote_key) return fail(Errc::malformed, "a validator stands twice");
    if (i > 0) {
      const auto& before = set.members[i - 1];
      if (before.weight < v.weight || (before.weight == v.weight && before.name >= v.name))
        return fail(Errc::malformed, "validators stand by weight, then by name");
    }
  }
  return {};
}

Status check_modules(const std::vector<GenesisModule>& modules) {
  int last = 0;  // number 0 is the kernel's own
  for (const auto& m : modules) {
    if (int(m.number) <= last) return fail(Errc::malformed, "modules stand in ascending order of their numbers, from 1");
    last = m.number;
    if (!valid_account_name(m.record.name)) return fail(Errc::malformed, "a module has no valid name");
    if (m.record.code.is_zero() || m.record.code_bytes == 0) return fail(Errc::malformed, "a module has no code");
    if (m.record.table.size() > kMaxDataBytes / 2) return fail(Errc::limit, "a module's call table is too long");
  }
  return {};
}

Status check_accounts(const Genesis& g) {
  __uint128_t credits = __uint128_t(g.faucet.value) + g.sponsor.value;
  std::string last;
  for (const auto& a : g.accounts) {
    if (!valid_account_name(a.name)) return fail(Errc::malformed, "a genesis account has no valid name");
    if (a.name <= last) return fail(Errc::malformed, "genesis accounts stand in ascending order of their names");
    last = a.name;
    DOS_TRY(check_account(a.account, g.suite));
    if (a.account.development && g.kind != NetworkKind::local)
      return fail(Errc::dev_identity, "account " + a.name + " is a development identity");
    credits += a.credits.value;
  }
  if (credits > UINT64_MAX) return fail(Errc::limit, "a genesis gives more credits than there can be");
  return {};
}

}  // namespace

Hash genesis_hash(const Genesis& genesis) { return crypto::hash_of(crypto::domain::kGenesis, genesis); }

Result<Genesis> decode_genesis(BytesView bytes) {
  codec::Decoder d(bytes);
  std::string format;
  codec::read(d, format);
  if (!d.ok()) return fail(Errc::malformed, "not a genesis file");
  // "dos-3" against "dos-3.1": of another release. Anything else was never a genesis.
  if (format != kFormat)
    return fail(format.starts_with("dos-") ? Errc::other_format : Errc::malformed,
                "the genesis has another format than " + std::string(kFormat));
  DOS_ASSIGN(auto g, codec::decode<Genesis>(bytes, "a genesis"));
  if (!valid_account_name(g.name)) return fail(Errc::malformed, "the network's name is not valid");
  DOS_TRY(check_params(g.params));
  DOS_TRY(check_validators(g.validators, g.suite));
  DOS_TRY(check_modules(g.modules));
  DOS_TRY(check_accounts(g));
  return g;
}

}  // namespace dos::ledger
