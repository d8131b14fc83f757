// Objects and locks (docs/spec/objects.md). Shared by host and guests.
#pragma once
#include <memory>

#include "base/limits.hpp"
#include "codec/bcs.hpp"
#include "crypto/keys.hpp"

namespace dos::ledger {

// Module numbers; a key starts with its module's number, big-endian. Assigned by genesis or governance, never reused.
inline constexpr std::uint16_t kSystemModule = 0;  // objects of the kernel itself: params, modules, validators
inline constexpr std::uint16_t kIdModule = 1;
inline constexpr std::uint16_t kCreditModule = 2;
inline constexpr std::uint16_t kFsModule = 3;
inline constexpr std::uint16_t kMsgModule = 4;

// A key is a flat byte string: u16 module, big-endian, then what the module defines. Total order bytewise; the empty key
// is the sentinel of genesis, below all others.
inline Bytes module_key(std::uint16_t module, BytesView local = {}) {
  Bytes k;
  append_be(k, module);
  append(k, local);
  return k;
}
inline bool well_formed_key(BytesView key) { return key.size() > 2 && key.size() <= kMaxKeyBytes; }
inline std::uint16_t key_module(BytesView key) { return read_be<std::uint16_t>(key); }  // key.size() >= 2

// ---- locks: who may consume or change an object
struct Lock;
struct Nobody {  // immutable
  DOS_FIELDS();
};
struct Anyone {
  DOS_FIELDS();
};
struct AccountLock {
  std::string account, permission;  // "alice", "active"
  DOS_FIELDS(account, permission);
};
struct KeyLock {
  crypto::PublicKey key;
  DOS_FIELDS(key);
};
struct ProgramLock {  // only calls of this module or program
  std::uint16_t module = 0;
  DOS_FIELDS(module);
};
struct ThresholdLock {  // at least `need` of the members; all = need n, any = need 1
  std::uint16_t need = 1;
  std::vector<Lock> of;
  DOS_FIELDS(need, of);
};
struct AfterLock {  // `then` once block time has reached `time`
  TimeMs time;
  std::vector<Lock> then;  // exactly one
  DOS_FIELDS(time, then);
};
struct PreimageLock {  // a witness shows bytes whose BLAKE3 is `hash`, and `then` holds
  Hash hash;
  std::vector<Lock> then;  // exactly one
  DOS_FIELDS(hash, then);
};
struct Lock {
  std::variant<Nobody, Anyone, AccountLock, KeyLock, ProgramLock, ThresholdLock, AfterLock, PreimageLock> is;
  DOS_FIELDS(is);
};
inline Lock account_lock(std::string account, std::string permission = "active") {
  return Lock{AccountLock{std::move(account), std::move(permission)}};
}
inline Lock nobody() { return Lock{Nobody{}}; }
inline Lock program_lock(std::uint16_t module) { return Lock{ProgramLock{module}}; }

// ---- objects as modules see them
struct Object {
  Version version;       // of the transaction that last wrote it; set by the kernel, ignored on put
  Lock lock;
  TimeMs paid_until = kPermanent;
  Bytes meta;            // what listings show; at most kMaxMetaBytes
  Bytes data;            // at most kMaxDataBytes; proofs may leave it out
  DOS_FIELDS(version, lock, paid_until, meta, data);
};

}  // namespace dos::ledger
