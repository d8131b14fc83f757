#include "sdk/cpp/module.hpp"

#include <algorithm>

#include "sdk/cpp/host.hpp"

namespace dos::guest {

namespace {

constexpr std::uint32_t kMaxDetail = 256;  // docs/spec/host.md, fail

std::uint32_t len(BytesView b) { return std::uint32_t(b.size()); }

// Reads what a host function of the `out, cap` kind gives. The first try takes most answers; nothing is written when it
// is too small, so the second one has the length.
template <class Ask>
std::optional<Bytes> fetch(std::uint32_t first, Ask ask) {
  Bytes b(first);
  std::int32_t n = ask(b.data(), first);
  if (n < 0) return std::nullopt;
  if (std::uint32_t(n) > first) {
    b.resize(std::uint32_t(n));
    ask(b.data(), std::uint32_t(n));
  }
  b.resize(std::uint32_t(n));
  return b;
}

}  // namespace

void refuse(Errc code, std::string_view sentence) {
  host::dos_fail(std::int32_t(code), sentence.data(), std::uint32_t(std::min<std::size_t>(sentence.size(), kMaxDetail)));
  __builtin_trap();  // fail does not return
}

void refuse(Errc code, Sentence sentence) {
  std::string s;
  for (const auto& p : sentence) {
    if (p.is_number) {
      char digits[20];
      int at = 20;
      auto n = p.number;
      do digits[--at] = char('0' + n % 10);
      while ((n /= 10) != 0);
      s.append(digits + at, std::size_t(20 - at));
    } else {
      s.append(p.text);
    }
  }
  refuse(code, s);
}

std::optional<Object> get(BytesView key) {
  const auto b = fetch(4096, [&](void* out, std::uint32_t cap) { return host::dos_get(key.data(), len(key), out, cap); });
  if (!b) return std::nullopt;
  return decode_or_refuse<Object>(*b, "an object");
}
bool present(BytesView key) { return host::dos_get(key.data(), len(key), nullptr, 0) >= 0; }
void put(BytesView key, const Object& object) {
  const auto b = codec::encode(object);
  host::dos_put(key.data(), len(key), b.data(), len(b));
}
void del(BytesView key) { host::dos_del(key.data(), len(key)); }
Bytes append_object(BytesView prefix, const Object& object) {
  const auto b = codec::encode(object);
  Bytes key(kMaxKeyBytes);
  const auto n = host::dos_append(prefix.data(), len(prefix), b.data(), len(b), key.data(), kMaxKeyBytes);
  key.resize(std::uint32_t(n));
  return key;
}
std::optional<Bytes> next(BytesView prefix, BytesView after) {
  return fetch(kMaxKeyBytes, [&](void* out, std::uint32_t cap) {
    return host::dos_next(prefix.data(), len(prefix), after.data(), len(after), out, cap);
  });
}

bool authorized(const FlatLock& lock) {
  const auto b = codec::encode(lock);
  return host::dos_authorized(b.data(), len(b)) == 1;
}

const ledger::Sender& sender() {
  static std::optional<ledger::Sender> cached;
  if (!cached) {
    const auto b = fetch(128, [](void* out, std::uint32_t cap) { return host::dos_sender(out, cap); });
    cached = decode_or_refuse<ledger::Sender>(*b, "a sender");
  }
  return *cached;
}
const std::string& sender_account() {
  const auto* a = std::get_if<ledger::AccountSender>(&sender().is);
  if (a == nullptr) refuse(Errc::denied, "a key without an account may only make one");
  return a->account;
}

TimeMs now() { return TimeMs{host::dos_time()}; }
std::uint64_t block_height() { return host::dos_height(); }
bool on_local_network() { return host::dos_local() == 1; }
const ledger::Params& params() {
  static std::optional<ledger::Params> cached;
  if (!cached) {
    const auto b = fetch(256, [](void* out, std::uint32_t cap) { return host::dos_params(out, cap); });
    cached = decode_or_refuse<ledger::Params>(*b, "the parameters");
  }
  return *cached;
}

Hash hash(crypto::Domain domain, BytesView data) {
  const std::string_view context = domain.text;
  Hash h;
  host::dos_hash(context.data(), std::uint32_t(context.size()), data.data(), len(data), h.bytes.data());
  return h;
}
bool stored(const Hash& root, std::uint64_t bytes) { return host::dos_stored(root.bytes.data(), bytes) == 1; }
void debit(BytesView purse, Credits amount) { host::dos_debit(purse.data(), len(purse), amount.value); }
void deposit(BytesView purse, Credits amount) { host::dos_deposit(purse.data(), len(purse), amount.value); }
void charge_rent(std::uint64_t bytes, TimeMs until) { host::dos_rent(bytes, until.value); }

Bytes arguments() {
  Bytes b(static_cast<std::size_t>(host::dos_args_len()));
  host::dos_args(b.data());
  return b;
}
void give_back(BytesView encoded) { host::dos_ret(encoded.data(), len(encoded)); }

Bytes encoded_rows(std::span<const ledger::CallSpec> rows) {
  codec::Encoder e;
  const auto str = [&](std::string_view s) {
    e.uleb(s.size());
    e.raw(as_bytes(s));
  };
  e.uleb(rows.size());
  for (const auto& r : rows) {
    e.integer(r.number);
    for (const char* s : {r.name, r.args, r.returns, r.permission, r.access}) str(s);
    e.integer(r.gas);
    for (const char* s : {r.effect, r.sentence}) str(s);
  }
  return std::move(e.out);
}

}  // namespace dos::guest

extern "C" {

__attribute__((export_name("dos_call"))) void dos_call_export(std::uint32_t number) { dos::guest::dispatch(number); }

__attribute__((export_name("dos_table"))) std::uint64_t dos_table_export() {
  // An instance serves one call and is dropped, so the bytes are left where they are.
  static dos::Bytes encoded;
  encoded = dos::guest::table();
  return std::uint64_t(reinterpret_cast<std::uintptr_t>(encoded.data())) << 32 | encoded.size();
}
}
