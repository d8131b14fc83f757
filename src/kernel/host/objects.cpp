#include "kernel/host/objects.hpp"

#include <algorithm>

#include "abi/host_table.hpp"
#include "kernel/rent.hpp"
#include "ledger/account.hpp"

namespace dos::kernel {
namespace {

Status not_declared(BytesView key, const char* what) {
  return fail(Errc::access, std::string(what) + " " + hex(key.first(std::min<std::size_t>(key.size(), 64))));
}

bool is_purse(BytesView key) { return starts_with(key, ledger::purse_key("")); }

Status own(const Frame& f, BytesView key) {
  if (!ledger::well_formed_key(key) || ledger::key_module(key) != f.module || f.module == ledger::kSystemModule)
    return not_declared(key, "not an object of the module:");
  if (is_purse(key)) return not_declared(key, "the kernel alone writes purses:");
  return {};
}

// The kernel reads accounts natively, so it judges every one that the module `id` writes.
Status check_account_object(const Frame& f, BytesView key, const store::Record& record) {
  if (!starts_with(key, ledger::account_key(""))) return {};
  if (!ledger::valid_account_name(as_text(key.subspan(3)))) return fail(Errc::bad_name, "that is no account name");
  DOS_ASSIGN(const auto account, codec::decode<ledger::Account>(record.data, "an account"));
  DOS_TRY(ledger::check_account(account, f.tx.c.block.suite));
  DOS_ASSIGN(const auto before, read_object<ledger::Account>(f.tx.overlay, key, "account"));
  if (account.development && !(before && before->development))
    return fail(Errc::dev_identity, "only a local genesis makes development identities");
  return {};
}

// In suite pq no lock may be opened by a classical key alone; keys of locks are therefore post-quantum, all of them.
bool post_quantum(const ledger::Lock& lock) {
  const auto all = [](const std::vector<ledger::Lock>& members) { return std::all_of(members.begin(), members.end(), post_quantum); };
  if (auto* key = std::get_if<ledger::KeyLock>(&lock.is)) return crypto::post_quantum(key->key.type);
  if (auto* threshold = std::get_if<ledger::ThresholdLock>(&lock.is)) return all(threshold->of);
  if (auto* after = std::get_if<ledger::AfterLock>(&lock.is)) return all(after->then);
  if (auto* preimage = std::get_if<ledger::PreimageLock>(&lock.is)) return all(preimage->then);
  return true;
}

Result<store::Record> record_of(const Frame& f, BytesView key, BytesView object, vm::GasMeter& gas) {
  DOS_ASSIGN(auto o, codec::decode<ledger::Object>(object, "an object"));
  DOS_TRY(ledger::check_lock(o.lock));
  if (f.tx.c.block.suite == crypto::Suite::pq && !post_quantum(o.lock))
    return fail(Errc::bad_key, "a lock could be opened without a post-quantum key");
  if (o.meta.size() > kMaxMetaBytes) return fail(Errc::limit, "meta of an object: at most " + std::to_string(kMaxMetaBytes) + " bytes");
  if (o.data.size() > kMaxDataBytes) return fail(Errc::limit, "data of an object: at most " + std::to_string(kMaxDataBytes) + " bytes");
  store::Record record{f.tx.c.version, codec::encode(o.lock), o.paid_until, std::move(o.meta), std::move(o.data)};
  DOS_ASSIGN(const auto before, f.tx.overlay.get(key));
  if (before) DOS_TRY(gas.use(rented_bytes(key, *before) * abi::kGasPerByte));
  DOS_TRY(check_account_object(f, key, record));
  return record;
}

// Sum of what access[] lets a transaction debit from a purse; none if it declares nothing.
std::optional<__uint128_t> debit_limit(const ledger::Transaction& tx, BytesView purse) {
  std::optional<__uint128_t> sum;
  for (const auto& a : tx.access)
    if (auto* d = std::get_if<ledger::Debit>(&a.is); d && equal(d->purse, purse)) sum = sum.value_or(0) + d->max.value;
  return sum;
}

bool declares_deposit(const ledger::Transaction& tx, BytesView purse) {
  for (const auto& a : tx.access)
    if (auto* d = std::get_if<ledger::Deposit>(&a.is); d && equal(d->purse, purse)) return true;
  return false;
}

Status add(std::map<Bytes, std::uint64_t, store::KeyLess>& sums, BytesView purse, std::uint64_t amount) {
  auto& sum = sums[to_bytes(purse)];
  if (amount > UINT64_MAX - sum) return fail(Errc::limit, "credits");
  sum += amount;
  return {};
}

bool may_debit(const Frame& f) {
  return std::ranges::any_of(f.tx.c.block.modules, [&](const auto& m) { return m.number == f.module && m.may_debit; });
}

}  // namespace

Result<std::optional<Bytes>> read_object_bytes(Frame& f, BytesView key) {
  if (!f.tx.access.may_read(key)) return fail(Errc::access, not_declared(key, "read of").error().detail);
  DOS_ASSIGN(const auto record, is_purse(key) ? f.tx.c.block_start.get(key) : f.tx.overlay.get(key));
  if (!record) return std::nullopt;
  codec::Encoder e;  // BCS(Object); the record holds the encoded lock
  codec::write(e, record->version);
  e.raw(record->lock);
  codec::write(e, record->paid_until);
  codec::write(e, record->meta);
  codec::write(e, record->data);
  return std::optional<Bytes>(std::move(e.out));
}

Status put_object(Frame& f, BytesView key, BytesView object, vm::GasMeter& gas) {
  if (!f.tx.access.may_write(key)) return not_declared(key, "write of");
  DOS_TRY(own(f, key));
  DOS_ASSIGN(auto record, record_of(f, key, object, gas));
  f.tx.overlay.put(key, std::move(record));
  return {};
}

Status delete_object(Frame& f, BytesView key, vm::GasMeter& gas) {
  if (!f.tx.access.may_write(key)) return not_declared(key, "removal of");
  DOS_TRY(own(f, key));
  DOS_ASSIGN(const auto before, f.tx.overlay.get(key));
  if (!before) return fail(Errc::not_found, "the object to remove is not there");
  DOS_TRY(gas.use(rented_bytes(key, *before) * abi::kGasPerByte));
  f.tx.overlay.del(key);
  return {};
}

Result<Bytes> append_object(Frame& f, BytesView prefix, BytesView object, vm::GasMeter& gas) {
  if (!f.tx.access.may_append(prefix)) return fail(Errc::access, not_declared(prefix, "append under").error().detail);
  if (f.tx.appends == UINT16_MAX) return fail(Errc::limit, "appends of one transaction");
  Bytes key = to_bytes(prefix);
  append_be(key, f.tx.c.version.value);
  append_be(key, f.tx.appends);
  DOS_TRY(own(f, key));
  DOS_ASSIGN(auto record, record_of(f, key, object, gas));
  ++f.tx.appends;
  f.tx.overlay.put(key, std::move(record));
  f.tx.access.appended(key);
  return key;
}

// Whoever may take from a purse has judged who spends.
Status debit_purse(Frame& f, BytesView purse, std::uint64_t amount) {
  const auto limit = debit_limit(f.tx.c.tx, purse);
  if (!may_debit(f) || !limit) return not_declared(purse, "debit of");
  DOS_TRY(add(f.tx.debits, purse, amount));
  if (f.tx.debits.find(purse)->second > *limit) return fail(Errc::funds, "a payment is over its declared maximum");
  return {};
}

Status deposit_to_purse(Frame& f, BytesView purse, std::uint64_t amount) {
  if (!declares_deposit(f.tx.c.tx, purse)) return not_declared(purse, "deposit to");
  return add(f.tx.deposits, purse, amount);
}

}  // namespace dos::kernel
