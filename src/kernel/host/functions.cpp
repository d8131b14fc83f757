// The bodies of the host functions (abi/host_table.hpp). A negative answer is an i32 -1.
#include "abi/host_table.hpp"
#include "kernel/execution.hpp"
#include "kernel/host/objects.hpp"
#include "kernel/rent.hpp"

namespace dos::kernel {
namespace {

using vm::HostCall;
using Answer = Result<std::uint64_t>;

constexpr std::uint64_t kNone = std::uint32_t(-1);

Frame& frame(HostCall& h) { return *static_cast<Frame*>(h.context); }
std::uint32_t u32(HostCall& h, std::size_t i) { return std::uint32_t(h.params[i]); }

Result<Bytes> in(HostCall& h, std::size_t at, std::uint64_t most) {
  if (u32(h, at + 1) > most) return fail(Errc::limit, "bytes of a host call's argument: at most " + std::to_string(most));
  DOS_ASSIGN(const auto bytes, h.memory.read(u32(h, at), u32(h, at + 1)));
  return to_bytes(bytes);
}

// Writes if it fits into (out, cap) at `at`; gives the length either way.
Answer out(HostCall& h, std::size_t at, BytesView bytes) {
  if (bytes.size() <= u32(h, at + 1)) DOS_TRY(h.memory.write(u32(h, at), bytes));
  return bytes.size();
}

Answer args_len(HostCall& h) { return frame(h).args.size(); }

Answer args(HostCall& h) {
  DOS_TRY(h.memory.write(u32(h, 0), frame(h).args));
  return 0;
}

Answer ret(HostCall& h) {
  DOS_ASSIGN(frame(h).result, in(h, 0, kMaxReturnBytes));
  return 0;
}

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

Answer fail_call(HostCall& h) {
  DOS_ASSIGN(const auto bytes, h.memory.read(u32(h, 1), std::min(u32(h, 2), 256u)));
  std::string detail(as_text(bytes));
  while (!detail.empty() && !codec::is_utf8(as_bytes(detail))) detail.pop_back();  // a cut character, or no text at all
  return fail(program_code(u32(h, 0)), std::move(detail));
}

Answer get(HostCall& h) {
  DOS_ASSIGN(const auto key, in(h, 0, kMaxKeyBytes));
  DOS_ASSIGN(const auto object, read_object_bytes(frame(h), key));
  if (!object) return kNone;
  if (object->size() > u32(h, 3)) DOS_TRY(h.gas.use(object->size() * abi::kGasPerByte));  // read all the same
  return out(h, 2, *object);
}

Answer put(HostCall& h) {
  DOS_ASSIGN(const auto key, in(h, 0, kMaxKeyBytes));
  DOS_ASSIGN(const auto object, in(h, 2, kMaxObjectBytes));
  DOS_TRY(put_object(frame(h), key, object, h.gas));
  return 0;
}

Answer del(HostCall& h) {
  DOS_ASSIGN(const auto key, in(h, 0, kMaxKeyBytes));
  DOS_TRY(delete_object(frame(h), key, h.gas));
  return 0;
}

Answer append_call(HostCall& h) {
  DOS_ASSIGN(const auto prefix, in(h, 0, kMaxKeyBytes));
  DOS_ASSIGN(const auto object, in(h, 2, kMaxObjectBytes));
  DOS_ASSIGN(const auto key, append_object(frame(h), prefix, object, h.gas));
  return out(h, 4, key);
}

Answer next(HostCall& h) {
  DOS_ASSIGN(const auto prefix, in(h, 0, kMaxKeyBytes));
  DOS_ASSIGN(const auto after, in(h, 2, kMaxKeyBytes));
  auto& f = frame(h);
  if (!f.tx.access.may_scan(prefix)) return fail(Errc::access, "a range that was not declared");
  const auto passed = f.tx.overlay.passed();
  DOS_ASSIGN(const auto key, f.tx.overlay.next(prefix, after));
  DOS_TRY(h.gas.use((f.tx.overlay.passed() - passed) * abi::kGasPassed));
  if (!key) return kNone;
  return out(h, 4, *key);
}

Answer authorized(HostCall& h) {
  DOS_ASSIGN(const auto bytes, in(h, 0, kMaxLockBytes));
  DOS_ASSIGN(const auto lock, codec::decode<ledger::Lock>(bytes, "a lock"));
  auto& f = frame(h);
  Proven proven = f.tx.c.proven;
  proven.module = f.caller;  // a program lock is for those who call this module
  DOS_ASSIGN(const auto opens, satisfied(lock, f.tx.overlay, f.tx.c.accounts, proven, h.gas));
  return opens ? 1 : 0;
}

Answer sender(HostCall& h) { return out(h, 0, codec::encode(frame(h).tx.c.tx.sender)); }
Answer time(HostCall& h) { return frame(h).tx.c.block.time.value; }
Answer height(HostCall& h) { return frame(h).tx.c.block.height.value; }
Answer version(HostCall& h) { return frame(h).tx.c.version.value; }

Answer hash(HostCall& h) {
  static constexpr crypto::Domain kDomains[] = {
#define DOS_ROW(name, text) crypto::domain::name,
      DOS_DOMAINS(DOS_ROW)
#undef DOS_ROW
  };
  DOS_ASSIGN(const auto name, in(h, 0, 64));
  DOS_ASSIGN(const auto data, in(h, 2, kMaxDataBytes));
  for (const auto& d : kDomains)
    if (as_text(name) == d.text) {
      DOS_TRY(h.memory.write(u32(h, 4), crypto::hash(d, data).view()));
      return 0;
    }
  return fail(Errc::malformed, "a hash context that is not registered");
}

Answer stored(HostCall& h) {
  DOS_ASSIGN(const auto root, h.memory.read(u32(h, 0), 32));
  const auto& claim = frame(h).tx.c.tx.stored;
  if (!claim) return 0;
  for (const auto& b : claim->blobs)
    if (equal(b.blob.root.view(), root) && b.blob.bytes == h.params[1]) return 1;
  return 0;
}

Answer debit(HostCall& h) {
  DOS_ASSIGN(const auto key, in(h, 0, kMaxKeyBytes));
  DOS_TRY(debit_purse(frame(h), key, h.params[2]));
  return 0;
}

Answer deposit(HostCall& h) {
  DOS_ASSIGN(const auto key, in(h, 0, kMaxKeyBytes));
  DOS_TRY(deposit_to_purse(frame(h), key, h.params[2]));
  return 0;
}

Answer rent(HostCall& h) {
  auto& tx = frame(h).tx;
  if (!long_enough(TimeMs{h.params[1]}, tx.c.block.time))
    return fail(Errc::limit, "rent: content is paid for at least " + std::to_string(kLeastTermMs / 86'400'000) + " days ahead");
  const auto cost = rent_for(tx.c.params, h.params[0], TimeMs{h.params[1]}, tx.c.block.time);
  if (cost > tx.c.tx.limits.rent.value || tx.rent > tx.c.tx.limits.rent.value - cost)
    return fail(Errc::limit, "rent: over the limit of " + std::to_string(tx.c.tx.limits.rent.value));
  tx.rent += cost;
  return 0;
}

Answer call(HostCall& h) {
  auto& f = frame(h);
  if (h.params[0] > UINT16_MAX || h.params[1] > UINT16_MAX) return fail(Errc::no_such_call);
  DOS_ASSIGN(auto arguments, in(h, 2, kMaxTransactionBytes));
  std::uint64_t used = 0;
  Bytes result;
  auto status = f.tx.call(std::uint16_t(h.params[0]), std::uint16_t(h.params[1]), std::move(arguments), f.module, h.gas.left, used, result);
  DOS_TRY(h.gas.use(used));
  DOS_TRY(std::move(status));
  return out(h, 4, result);
}

Answer caller(HostCall& h) { return std::uint32_t(frame(h).caller); }
Answer params(HostCall& h) { return out(h, 0, codec::encode(frame(h).tx.c.params)); }
Answer local(HostCall& h) { return frame(h).tx.c.block.network == ledger::NetworkKind::local ? 1 : 0; }

// Two names of the table are taken in C++: their rows are found under these.
struct Bodies {
  static constexpr auto args_len = &kernel::args_len;
  static constexpr auto args = &kernel::args;
  static constexpr auto ret = &kernel::ret;
  static constexpr auto fail = &kernel::fail_call;
  static constexpr auto get = &kernel::get;
  static constexpr auto put = &kernel::put;
  static constexpr auto del = &kernel::del;
  static constexpr auto append = &kernel::append_call;
  static constexpr auto next = &kernel::next;
  static constexpr auto authorized = &kernel::authorized;
  static constexpr auto sender = &kernel::sender;
  static constexpr auto time = &kernel::time;
  static constexpr auto height = &kernel::height;
  static constexpr auto version = &kernel::version;
  static constexpr auto hash = &kernel::hash;
  static constexpr auto stored = &kernel::stored;
  static constexpr auto debit = &kernel::debit;
  static constexpr auto deposit = &kernel::deposit;
  static constexpr auto rent = &kernel::rent;
  static constexpr auto call = &kernel::call;
  static constexpr auto caller = &kernel::caller;
  static constexpr auto params = &kernel::params;
  static constexpr auto local = &kernel::local;
};

constexpr vm::HostFunction kFunctions[] = {
#define DOS_ROW(number, name, since, gas, signature) {#name, signature, gas, Bodies::name, since},
    DOS_HOST_FUNCTIONS(DOS_ROW)
#undef DOS_ROW
};

}  // namespace

std::span<const vm::HostFunction> host_functions() { return kFunctions; }

}  // namespace dos::kernel
