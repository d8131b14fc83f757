// Objects of the module `fs` (modules/fs/fs.md). Shared by host and guest. Sealing is the client's affair: `seal`, ring
// envelopes and sealed sizes are opaque here.
//   fs,'e',directory id,name            entry       meta EntryMeta, no data
//   fs,'d',directory id                 directory   meta DirectoryMeta, no data
//   fs,'r',file id,u32 revision         revision    meta RevisionMeta, data Content
//   fs,'k',directory id,u32 epoch       ring epoch  no meta, data RingEpoch
//   fs,'t',directory id,name,u64 version   removed entry (the version it had): meta EntryMeta, no data
//   fs,'i',file id                      the file id is taken; no meta, no data (never removed)
// Ids are 16 bytes: the first of H(kFsId, BCS(sender account, salt)). The root directory's id is zero. Integers big-endian.
// Entry lock: account(owner, "active"). Directory the same. Rights beyond the owner's are grants.
#pragma once
#include "ledger/transaction.hpp"

namespace dos::fs {

using Id = ByteArray<16>;
inline constexpr Id kRoot{};
inline constexpr std::uint32_t kMaxGrants = 24;      // of one entry or directory
inline constexpr std::uint32_t kMaxSealBytes = 44 * 1024;  // holds a file's own envelopes
inline constexpr std::uint32_t kMaxSealedSizeBytes = 48;
inline constexpr std::uint32_t kMaxEnvelopes = 32;   // of one ring epoch or file
inline constexpr std::uint32_t kMaxEnvelopeBytes = 1536;   // one encoded SealedBox over a key
inline constexpr std::uint32_t kMaxWrappedKeyBytes = 256;  // a ring key under its parent's
inline constexpr std::uint32_t kMaxRingEpochs = 1024;      // of one directory: then the newest are folded (Fold)
inline constexpr std::uint32_t kRingsOnPath = 8;           // the newest, which come with a path; older ones are asked for by number
inline constexpr std::uint32_t kMaxFolded = 64;            // epochs that one call removes
inline constexpr std::uint64_t kMaxPaidMs = 100ull * 31'536'000'000;  // 100 years of 365 days ahead of block time

enum Right : std::uint8_t { kRead = 1, kWrite = 2, kDelete = 4, kAdmin = 8, kExecute = 16, kAllRights = 31 };
enum class EntryType : std::uint8_t { file = 1, directory = 2 };
constexpr bool valid(EntryType t) { return t == EntryType::file || t == EntryType::directory; }
enum class Op : std::uint8_t { create = 1, write = 2, copy = 3, restore = 4, reseal = 5 };
constexpr bool valid(Op o) { return o >= Op::create && o <= Op::reseal; }

struct Grant {
  std::string account;
  std::uint8_t rights = 0;  // of enum Right
  DOS_FIELDS(account, rights);
  friend bool operator==(const Grant&, const Grant&) = default;
};

struct EntryMeta {
  EntryType type = EntryType::file;
  Id id{};
  std::string owner;
  std::vector<Grant> grants;   // ascending by account
  std::uint32_t revision = 0;  // of a file
  std::uint64_t bytes = 0;     // public: exact; sealed: the padded plaintext size
  Hash hash;                   // of the ciphertext: blob root, or H(kData, inline bytes)
  bool is_public = false;
  Bytes sealed_size;           // exact size for readers, under the file key; empty when public; at most 48
  TimeMs modified;
  DOS_FIELDS(type, id, owner, grants, revision, bytes, hash, is_public, sealed_size, modified);
};

struct DirectoryMeta {
  Id parent{};
  std::string name, owner;
  std::vector<Grant> grants;  // hold for everything below
  DOS_FIELDS(parent, name, owner, grants);
};

struct RevisionMeta {
  Op op = Op::create;
  std::string by;
  TimeMs time;
  std::uint64_t bytes = 0;
  Hash hash;
  bool is_public = false;
  DOS_FIELDS(op, by, time, bytes, hash, is_public);
};

struct Content {
  std::variant<Bytes, ledger::BlobRef> where;  // inline (at most kInlineContentBytes) or a stored blob
  Hash commit;                                 // H(kFsContent, salt 32 || BLAKE3(plaintext)); public: salt zero
  bool is_public = false;
  std::uint64_t bytes = 0;                     // as EntryMeta.bytes
  Bytes sealed_size;
  Bytes seal;                                  // client/files/seal.hpp; empty when public
  DOS_FIELDS(where, commit, is_public, bytes, sealed_size, seal);
};

struct Envelope {             // the ring key (or a file key) for one reader
  std::string account;
  std::uint32_t key_epoch = 0;  // of the account's encryption key
  Bytes box;                    // encoded crypto::SealedBox
  DOS_FIELDS(account, key_epoch, box);
};
struct RingEpoch {
  std::uint32_t parent_epoch = 0;  // of the parent directory's ring; 0: none
  Bytes under_parent;              // the ring key under the parent's ring key; empty: none
  std::vector<Envelope> envelopes;
  Id parent{};                     // whose ring key under_parent is wrapped with; elsewhere now: the directory was moved
  Bytes prior;                     // an earlier epoch's key under this one: who reads now reads what was written before
  std::uint32_t prior_epoch = 0;   // which; 0: none
  Hash commitment;                 // to the key: what opens and does not fit is not it (docs/spec/sealing.md)
  DOS_FIELDS(parent_epoch, under_parent, envelopes, parent, prior, prior_epoch, commitment);
};

struct Source {  // whose content a copy or restore names: needs no storage receipt
  Id file{};
  std::uint32_t revision = 0;
  DOS_FIELDS(file, revision);
};

// ---- keys
inline Bytes fs_key(char kind, const Id& id) {
  Bytes k = ledger::module_key(ledger::kFsModule);
  k.push_back(std::uint8_t(kind));
  append(k, id);
  return k;
}
inline Bytes entry_prefix(const Id& dir) { return fs_key('e', dir); }
inline Bytes entry_key(const Id& dir, std::string_view name) {
  Bytes k = fs_key('e', dir);
  append(k, as_bytes(name));
  return k;
}
inline Bytes directory_key(const Id& dir) { return fs_key('d', dir); }
inline Bytes revision_prefix(const Id& file) { return fs_key('r', file); }
inline Bytes revision_key(const Id& file, std::uint32_t revision) {
  Bytes k = fs_key('r', file);
  append_be(k, revision);
  return k;
}
inline Bytes ring_prefix(const Id& dir) { return fs_key('k', dir); }
inline Bytes ring_key(const Id& dir, std::uint32_t epoch) {
  Bytes k = fs_key('k', dir);
  append_be(k, epoch);
  return k;
}
inline Bytes removed_prefix(const Id& dir, std::string_view name) {  // name is followed by eight bytes of version
  Bytes k = fs_key('t', dir);
  append(k, as_bytes(name));
  k.push_back(0);
  return k;
}
inline Bytes removed_key(const Id& dir, std::string_view name, Version version) {
  Bytes k = removed_prefix(dir, name);
  append_be(k, version.value);
  return k;
}
inline Bytes taken_key(const Id& file) { return fs_key('i', file); }

// 1 to kMaxNameBytes of UTF-8, no '/', no byte below 0x20 or 0x7f, not "." or "..". NFC is the client's duty and checked
// there: the module cannot carry Unicode's tables.
inline bool valid_name(std::string_view n) {
  if (n.empty() || n.size() > kMaxNameBytes || n == "." || n == ".." || !codec::is_utf8(as_bytes(n))) return false;
  for (unsigned char c : n)
    if (c < 0x20 || c == 0x7f || c == '/') return false;
  return true;
}

// ---- arguments, one struct a call (calls.hpp names them)
struct Mkdir {
  Id dir{};
  std::string name;
  Hash salt;
  std::optional<RingEpoch> ring;  // epoch 1 of the new directory; absent: all below is public
  DOS_FIELDS(dir, name, salt, ring);
};
struct Rmdir {
  Id dir{};
  std::string name;
  DOS_FIELDS(dir, name);
};
struct Create {
  Id dir{};
  std::string name;
  Hash salt;
  Op op = Op::create;  // create or copy
  Content content;
  std::optional<Source> source;
  TimeMs paid_until;
  DOS_FIELDS(dir, name, salt, op, content, source, paid_until);
};
struct Write {
  Id dir{};
  std::string name;
  std::uint32_t base = 0;  // the present revision: the new one is base + 1
  Op op = Op::write;       // write, restore, copy or reseal
  Content content;
  std::optional<Source> source;
  TimeMs paid_until;
  DOS_FIELDS(dir, name, base, op, content, source, paid_until);
};
struct Remove {
  Id dir{};
  std::string name;
  DOS_FIELDS(dir, name);
};
struct Rename {
  Id dir{};
  std::string name;
  Id to_dir{};
  std::string to_name;
  std::optional<Content> rewrapped;  // a sealed file: its present revision's content, same place and commit, new `seal`
  DOS_FIELDS(dir, name, to_dir, to_name, rewrapped);
};
struct Chmod {
  Id dir{};
  std::string name;
  std::string who;
  std::uint8_t rights = 0;           // afterwards; 0 removes the grant
  Bytes seal;                        // a file: its seal with the envelopes afterwards; empty: unchanged
  DOS_FIELDS(dir, name, who, rights, seal);
};
struct Ring {
  Id dir{};
  std::uint32_t epoch = 1;  // the present one (needs 'a': envelopes change) or the next (needs 'w')
  RingEpoch ring;
  DOS_FIELDS(dir, epoch, ring);
};
struct Fold {  // removes the folder keys of `epoch` and all later ones
  Id dir{};
  std::uint32_t epoch = 0;  // not the first
  DOS_FIELDS(dir, epoch);
};
struct Home {
  std::string account;
  RingEpoch ring;
  DOS_FIELDS(account, ring);
};
struct Undelete {
  Id dir{};
  std::string name;
  Version version;  // of the removed entry
  DOS_FIELDS(dir, name, version);
};

}  // namespace dos::fs
