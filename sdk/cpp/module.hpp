// What a module is written against: typed wrappers of the host functions, and the two exports. A refused call ends at
// once: refuse() does not return, so no call goes on after a check that failed.
#pragma once
#include <concepts>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "crypto/domains.hpp"
#include "ledger/call_table.hpp"
#include "ledger/state_formats.hpp"
#include "ledger/transaction.hpp"
#include "sdk/cpp/object.hpp"

namespace dos::guest {

// A piece of a sentence: text or a number. Sentences are put together only when a call is refused.
struct Piece {
  std::string_view text;
  std::uint64_t number = 0;
  bool is_number = false;
  Piece(std::string_view t) : text(t) {}
  Piece(const std::string& t) : text(t) {}
  Piece(const char* t) : text(t) {}
  Piece(std::unsigned_integral auto n) : number(n), is_number(true) {}
};
using Sentence = std::initializer_list<Piece>;

// Ends the call and undoes the transaction. The sentence names what it is about; over 256 bytes it is cut.
[[noreturn]] void refuse(Errc code, std::string_view sentence);
[[noreturn]] void refuse(Errc code, Sentence sentence);
inline void require(bool holds, Errc code, std::string_view sentence) {
  if (!holds) refuse(code, sentence);
}
inline void require(bool holds, Errc code, Sentence sentence) {
  if (!holds) refuse(code, sentence);
}

// ---- objects. The key must be declared in access[]; if not, the host ends the call with ACCESS.
std::optional<Object> get(BytesView key);
bool present(BytesView key);
void put(BytesView key, const Object& object);
void del(BytesView key);
Bytes append_object(BytesView prefix, const Object& object);  // returns the key that was made
std::optional<Bytes> next(BytesView prefix, BytesView after);

// ---- who
bool authorized(const FlatLock& lock);
const ledger::Sender& sender();
const std::string& sender_account();  // refuses a bare key: denied

// ---- the block
TimeMs now();
std::uint64_t block_height();
bool on_local_network();
const ledger::Params& params();

// ---- effects beside objects
Hash hash(crypto::Domain domain, BytesView data);
bool stored(const Hash& root, std::uint64_t bytes);
void debit(BytesView purse, Credits amount);
void deposit(BytesView purse, Credits amount);
void charge_rent(std::uint64_t bytes, TimeMs until);

// ---- the call
Bytes arguments();
void give_back(BytesView encoded);

template <class T>
T decode_or_refuse(BytesView in, const char* what) {
  codec::Decoder d(in);
  T v{};
  codec::read(d, v);
  if (!d.done()) refuse(Errc::malformed, {"not the encoding of ", what});
  return v;
}
template <class T>
void give(const T& value) {
  give_back(codec::encode(value));
}

// An object of ours with typed meta.
template <class Meta>
struct Found {
  Object object;
  Meta meta;
};
template <class Meta>
std::optional<Found<Meta>> find(BytesView key, const char* what) {
  auto o = get(key);
  if (!o) return std::nullopt;
  auto meta = decode_or_refuse<Meta>(o->meta, what);
  return Found<Meta>{std::move(*o), std::move(meta)};
}

// A row of a module's dispatch: decodes the arguments strictly and runs the call.
template <class Args>
bool on(std::uint32_t asked, std::uint16_t number, const char* what, void (*run)(const Args&)) {
  if (asked != number) return false;
  run(decode_or_refuse<Args>(arguments(), what));
  return true;
}

// A module defines these two; runtime.cpp exports dos_call and dos_table on top of them.
void dispatch(std::uint32_t number);
Bytes table();

// BCS of vector<CallRow>, straight from the rows of calls.hpp.
Bytes encoded_rows(std::span<const ledger::CallSpec> rows);

}  // namespace dos::guest

// What a module's .cpp ends with: the two, from the rows of calls.hpp (ledger/call_rows.hpp). Before it DOS_MODULE is defined as the module's name.
#define DOS_TEXT_OF(name) DOS_TEXT_OF_WORD(name)
#define DOS_TEXT_OF_WORD(word) #word
#define DOS_DISPATCH_ROW(code, constant, Arguments, body, name, ...) \
  on<DOS_MODULE::Arguments>(number, DOS_MODULE::constant, "the arguments of " DOS_TEXT_OF(DOS_MODULE) "." name, DOS_MODULE::body) ||
#define DOS_DISPATCH(CALLS)                                                                \
  namespace dos::guest {                                                                   \
  void dispatch(std::uint32_t number) {                                                    \
    CALLS(DOS_DISPATCH_ROW)                                                                \
    (refuse(Errc::no_such_call, {DOS_TEXT_OF(DOS_MODULE) " has no call ", number}), true); \
  }                                                                                        \
  Bytes table() { return encoded_rows(DOS_MODULE::kCalls); }                               \
  }
