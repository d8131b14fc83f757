#include "kernel/host/operations.hpp"

#include "abi/host_table.hpp"
#include "kernel/host/objects.hpp"
#include "kernel/rent.hpp"

namespace dos::kernel {
namespace {

// What a program may say of itself. Codes that speak for the node or the network are not a program's to give.
Errc program_code(std::uint32_t code) {
  unsigned count = 0;
  const auto* rows = error_rows(count);
  for (unsigned i = 0; i < count; ++i) {
    if (std::uint32_t(rows[i].code) != code) continue;
    const bool node = is_fatal(rows[i].code) || (code >= 100 && code < 400) || (code >= 800 && code < 1100);
    return node ? Errc::reverted : rows[i].code;
  }
  return Errc::reverted;
}

}  // namespace

Error Operations::fail(std::uint32_t code, BytesView detail) {
  std::string text(as_text(detail));
  while (!text.empty() && !codec::is_utf8(as_bytes(text))) text.pop_back();  // a cut character, or no text at all
  return {program_code(code), std::move(text)};
}

Result<std::optional<Bytes>> Operations::get(BytesView key) { return read_object_bytes(frame_, key); }
Status Operations::put(BytesView key, BytesView object, vm::GasMeter& gas) { return put_object(frame_, key, object, gas); }
Status Operations::del(BytesView key, vm::GasMeter& gas) { return delete_object(frame_, key, gas); }
Result<Bytes> Operations::append(BytesView prefix, BytesView object, vm::GasMeter& gas) {
  return append_object(frame_, prefix, object, gas);
}

Result<std::optional<Bytes>> Operations::next(BytesView prefix, BytesView after, vm::GasMeter& gas) {
  auto& tx = frame_.tx;
  if (!tx.access.may_scan(prefix)) return dos::fail(Errc::access, "a range that was not declared");
  const auto passed = tx.overlay.passed();
  DOS_ASSIGN(auto key, tx.overlay.next(prefix, after));
  DOS_TRY(gas.use((tx.overlay.passed() - passed) * abi::kGasPassed));
  return key;
}

Result<bool> Operations::authorized(BytesView lock, vm::GasMeter& gas) {
  DOS_ASSIGN(const auto asked, codec::decode<ledger::Lock>(lock, "a lock"));
  const auto& tx = frame_.tx;
  Proven proven = tx.c.proven;
  proven.module = frame_.caller;  // a program lock is for those who call this module
  return satisfied(asked, tx.overlay, tx.c.accounts, proven, gas);
}

Result<Hash> Operations::hash(BytesView domain, BytesView data) {
  static constexpr crypto::Domain kDomains[] = {
#define DOS_ROW(name, text) crypto::domain::name,
      DOS_DOMAINS(DOS_ROW)
#undef DOS_ROW
  };
  for (const auto& d : kDomains)
    if (as_text(domain) == d.text) return crypto::hash(d, data);
  return dos::fail(Errc::malformed, "a hash context that is not registered");
}

bool Operations::stored(BytesView root, std::uint64_t bytes) {
  const auto& claim = frame_.tx.c.tx.stored;
  if (!claim) return false;
  return std::any_of(claim->blobs.begin(), claim->blobs.end(),
                     [&](const auto& b) { return equal(b.blob.root.view(), root) && b.blob.bytes == bytes; });
}

Status Operations::debit(BytesView purse, std::uint64_t amount) { return debit_purse(frame_, purse, amount); }
Status Operations::deposit(BytesView purse, std::uint64_t amount) { return deposit_to_purse(frame_, purse, amount); }

Status Operations::rent(std::uint64_t bytes, std::uint64_t until) {
  auto& tx = frame_.tx;
  if (!long_enough(TimeMs{until}, tx.c.block.time))
    return dos::fail(Errc::limit, "rent: content is paid for at least " + std::to_string(kLeastTermMs / 86'400'000) + " days ahead");
  const auto cost = rent_for(tx.c.params, bytes, TimeMs{until}, tx.c.block.time);
  if (cost > tx.c.tx.limits.rent.value || tx.rent > tx.c.tx.limits.rent.value - cost)
    return dos::fail(Errc::limit, "rent: over the limit of " + std::to_string(tx.c.tx.limits.rent.value));
  tx.rent += cost;
  return {};
}

Result<Bytes> Operations::call(std::uint16_t module, std::uint16_t number, BytesView args, vm::GasMeter& gas) {
  std::uint64_t used = 0;
  Bytes result;
  auto status = frame_.tx.call(module, number, to_bytes(args), frame_.module, gas.left, used, result);
  DOS_TRY(gas.use(used));
  DOS_TRY(std::move(status));
  return result;
}

}  // namespace dos::kernel
