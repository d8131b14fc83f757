// Key files (docs/spec/crypto.md, "Key files"): one identity's 32 bytes of master entropy under a passphrase. Pure: bytes in,
// bytes out; reading and writing files is the client's.
//   file = "DOSKEY1" || BCS(KeyFile)      ciphertext = AES-256-GCM(kdf(passphrase), nonce, aad = "DOSKEY1" || BCS(header))
#pragma once
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/edge.hpp"
#include "crypto/keys.hpp"
#include "crypto/secret.hpp"

namespace dos::crypto {

inline constexpr std::string_view kKeyFileMagic = "DOSKEY1";
inline constexpr std::size_t kMaxKeyFileBytes = 64 * 1024;
inline constexpr std::size_t kMaxKeyFileKeys = 16;  // of each list in the header

struct Argon2idKdf {
  std::uint32_t passes = 3;               // 2 to 16
  std::uint32_t memory_kib = 64 * 1024;   // 19 MiB to 1 GiB
  std::uint32_t lanes = 1;                // 1 to 4
  ByteArray<16> salt{};
  DOS_FIELDS(passes, memory_kib, lanes, salt);
  friend bool operator==(const Argon2idKdf&, const Argon2idKdf&) = default;
};
struct Pbkdf2Kdf {                        // PBKDF2-HMAC-SHA512, 32 bytes
  std::uint32_t rounds = 100'000;         // 100,000 to 10,000,000
  ByteArray<16> salt{};
  DOS_FIELDS(rounds, salt);
  friend bool operator==(const Pbkdf2Kdf&, const Pbkdf2Kdf&) = default;
};
using Kdf = std::variant<Argon2idKdf, Pbkdf2Kdf>;

struct KeyFileHeader {
  Kdf kdf;
  std::string account;
  std::optional<Hash> chain;  // none: any chain
  Suite suite = Suite::pq;
  std::uint32_t index = 0;    // rotation (key_paths.hpp)
  std::vector<PublicKey> signing_keys;
  std::vector<BoxKey> box_keys;
  bool development = false;   // local chains only
  ByteArray<12> nonce{};      // drawn by seal_key_file
  DOS_FIELDS(kdf, account, chain, suite, index, signing_keys, box_keys, development, nonce);
  friend bool operator==(const KeyFileHeader&, const KeyFileHeader&) = default;
};
struct KeyFile {
  KeyFileHeader header;
  Bytes ciphertext;  // 32 bytes and the tag
  DOS_FIELDS(header, ciphertext);
  friend bool operator==(const KeyFile&, const KeyFile&) = default;
};

// weak_kdf outside the bounds above, on both sides: too weak to protect, or made to exhaust this machine.
Status check_kdf(const Kdf& kdf);

// Draws salt and nonce, and seals. `master` is 32 bytes. weak_kdf, limit.
Result<Bytes> seal_key_file(KeyFileHeader header, BytesView master, BytesView passphrase, Entropy& entropy);
// Readable without a passphrase. malformed, weak_kdf.
Result<KeyFile> read_key_file(BytesView file);
// The master entropy. wrong_passphrase: that, or a header or ciphertext that was changed.
Result<Secret> open_key_file(const KeyFile& file, BytesView passphrase);

}  // namespace dos::crypto
