// A negative answer is an i32 -1. Bytes that are handed in are bounded before they are read; all that an operation is given is read before it
// runs, and what it answers is written after it: so the gas of a call ends at the same place on every node.
#include "vm/wasm/imports.hpp"

#include <algorithm>

#include "abi/host_table.hpp"

namespace dos::vm::wasm {
namespace {

using Answer = Result<std::uint64_t>;

constexpr std::uint64_t kNone = std::uint32_t(-1);

std::uint32_t u32(const GuestCall& g, std::size_t i) { return std::uint32_t(g.params[i]); }

// The bytes of (ptr, len) at `at`.
Result<BytesView> in(GuestCall& g, std::size_t at, std::uint64_t most) {
  if (u32(g, at + 1) > most) return dos::fail(Errc::limit, "bytes of a host call's argument: at most " + std::to_string(most));
  return g.memory.read(u32(g, at), u32(g, at + 1));
}

// Writes if it fits into (out, cap) at `at`; gives the length either way.
Answer out(GuestCall& g, std::size_t at, BytesView bytes) {
  if (bytes.size() <= u32(g, at + 1)) DOS_TRY(g.memory.write(u32(g, at), bytes));
  return bytes.size();
}

Answer args_len(GuestCall& g) { return g.host.args().size(); }

Answer args(GuestCall& g) {
  DOS_TRY(g.memory.write(u32(g, 0), g.host.args()));
  return 0;
}

Answer ret(GuestCall& g) {
  DOS_ASSIGN(const auto value, in(g, 0, kMaxReturnBytes));
  g.host.ret(value);
  return 0;
}

Answer fail_call(GuestCall& g) {
  DOS_ASSIGN(const auto detail, g.memory.read(u32(g, 1), std::min(u32(g, 2), kMaxFailureBytes)));
  return std::unexpected(g.host.fail(u32(g, 0), detail));
}

Answer get(GuestCall& g) {
  DOS_ASSIGN(const auto key, in(g, 0, kMaxKeyBytes));
  DOS_ASSIGN(const auto object, g.host.get(key));
  if (!object) return kNone;
  if (object->size() > u32(g, 3)) DOS_TRY(g.gas.use(object->size() * abi::kGasPerByte));  // read all the same
  return out(g, 2, *object);
}

Answer put(GuestCall& g) {
  DOS_ASSIGN(const auto key, in(g, 0, kMaxKeyBytes));
  DOS_ASSIGN(const auto object, in(g, 2, kMaxObjectBytes));
  DOS_TRY(g.host.put(key, object, g.gas));
  return 0;
}

Answer del(GuestCall& g) {
  DOS_ASSIGN(const auto key, in(g, 0, kMaxKeyBytes));
  DOS_TRY(g.host.del(key, g.gas));
  return 0;
}

Answer append_call(GuestCall& g) {
  DOS_ASSIGN(const auto prefix, in(g, 0, kMaxKeyBytes));
  DOS_ASSIGN(const auto object, in(g, 2, kMaxObjectBytes));
  DOS_ASSIGN(const auto key, g.host.append(prefix, object, g.gas));
  return out(g, 4, key);
}

Answer next(GuestCall& g) {
  DOS_ASSIGN(const auto prefix, in(g, 0, kMaxKeyBytes));
  DOS_ASSIGN(const auto after, in(g, 2, kMaxKeyBytes));
  DOS_ASSIGN(const auto key, g.host.next(prefix, after, g.gas));
  if (!key) return kNone;
  return out(g, 4, *key);
}

Answer authorized(GuestCall& g) {
  DOS_ASSIGN(const auto lock, in(g, 0, kMaxLockBytes));
  DOS_ASSIGN(const auto opens, g.host.authorized(lock, g.gas));
  return opens ? 1 : 0;
}

Answer sender(GuestCall& g) { return out(g, 0, g.host.sender()); }
Answer time(GuestCall& g) { return g.host.time(); }
Answer height(GuestCall& g) { return g.host.height(); }
Answer version(GuestCall& g) { return g.host.version(); }

Answer hash(GuestCall& g) {
  DOS_ASSIGN(const auto domain, in(g, 0, kMaxDomainBytes));
  DOS_ASSIGN(const auto data, in(g, 2, kMaxDataBytes));
  DOS_ASSIGN(const auto digest, g.host.hash(domain, data));
  DOS_TRY(g.memory.write(u32(g, 4), digest.view()));
  return 0;
}

Answer stored(GuestCall& g) {
  DOS_ASSIGN(const auto root, g.memory.read(u32(g, 0), Hash{}.bytes.size()));
  return g.host.stored(root, g.params[1]) ? 1 : 0;
}

Answer debit(GuestCall& g) {
  DOS_ASSIGN(const auto purse, in(g, 0, kMaxKeyBytes));
  DOS_TRY(g.host.debit(purse, g.params[2]));
  return 0;
}

Answer deposit(GuestCall& g) {
  DOS_ASSIGN(const auto purse, in(g, 0, kMaxKeyBytes));
  DOS_TRY(g.host.deposit(purse, g.params[2]));
  return 0;
}

Answer rent(GuestCall& g) {
  DOS_TRY(g.host.rent(g.params[0], g.params[1]));
  return 0;
}

Answer call(GuestCall& g) {
  if (g.params[0] > UINT16_MAX || g.params[1] > UINT16_MAX) return dos::fail(Errc::no_such_call);
  DOS_ASSIGN(const auto arguments, in(g, 2, kMaxTransactionBytes));
  DOS_ASSIGN(const auto result, g.host.call(std::uint16_t(g.params[0]), std::uint16_t(g.params[1]), arguments, g.gas));
  return out(g, 4, result);
}

Answer caller(GuestCall& g) { return std::uint32_t(g.host.caller()); }
Answer params(GuestCall& g) { return out(g, 0, g.host.params()); }
Answer local(GuestCall& g) { return g.host.local() ? 1 : 0; }

// Two names of the table are taken in C++: their rows are found under these.
struct Bodies {
  static constexpr auto args_len = &wasm::args_len;
  static constexpr auto args = &wasm::args;
  static constexpr auto ret = &wasm::ret;
  static constexpr auto fail = &wasm::fail_call;
  static constexpr auto get = &wasm::get;
  static constexpr auto put = &wasm::put;
  static constexpr auto del = &wasm::del;
  static constexpr auto append = &wasm::append_call;
  static constexpr auto next = &wasm::next;
  static constexpr auto authorized = &wasm::authorized;
  static constexpr auto sender = &wasm::sender;
  static constexpr auto time = &wasm::time;
  static constexpr auto height = &wasm::height;
  static constexpr auto version = &wasm::version;
  static constexpr auto hash = &wasm::hash;
  static constexpr auto stored = &wasm::stored;
  static constexpr auto debit = &wasm::debit;
  static constexpr auto deposit = &wasm::deposit;
  static constexpr auto rent = &wasm::rent;
  static constexpr auto call = &wasm::call;
  static constexpr auto caller = &wasm::caller;
  static constexpr auto params = &wasm::params;
  static constexpr auto local = &wasm::local;
};

constexpr Import kImports[] = {
#define DOS_ROW(number, name, since, gas, signature) {#name, signature, gas, Bodies::name, since},
    DOS_HOST_FUNCTIONS(DOS_ROW)
#undef DOS_ROW
};

}  // namespace

std::span<const Import> imports() { return kImports; }

}  // namespace dos::vm::wasm
