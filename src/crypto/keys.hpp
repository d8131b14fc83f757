// Public keys and signatures as they stand in the ledger's formats. Shared by host and guests (no library behind it).
#pragma once
#include "base/bytes.hpp"
#include "codec/bcs.hpp"

namespace dos::crypto {

enum class KeyType : std::uint8_t { ml_dsa_44 = 1, ml_dsa_65 = 2, ml_dsa_87 = 3, ed25519 = 4 };  // FIPS 204, RFC 8032
enum class BoxType : std::uint8_t { x_wing = 1, x25519 = 2 };  // draft-connolly-cfrg-xwing-kem; RFC 7748, ephemeral to static
enum class Suite : std::uint8_t { pq = 1, classic = 2 };       // fixed in genesis

constexpr bool valid(KeyType t) { return t >= KeyType::ml_dsa_44 && t <= KeyType::ed25519; }
constexpr bool valid(BoxType t) { return t == BoxType::x_wing || t == BoxType::x25519; }
constexpr bool valid(Suite s) { return s == Suite::pq || s == Suite::classic; }
constexpr bool post_quantum(KeyType t) { return t != KeyType::ed25519; }

constexpr std::uint32_t public_key_bytes(KeyType t) {
  return t == KeyType::ml_dsa_44 ? 1312 : t == KeyType::ml_dsa_65 ? 1952 : t == KeyType::ml_dsa_87 ? 2592 : 32;
}
constexpr std::uint32_t signature_bytes(KeyType t) {
  return t == KeyType::ml_dsa_44 ? 2420 : t == KeyType::ml_dsa_65 ? 3309 : t == KeyType::ml_dsa_87 ? 4627 : 64;
}
constexpr std::uint32_t box_key_bytes(BoxType t) { return t == BoxType::x_wing ? 1216 : 32; }
constexpr std::uint32_t box_ciphertext_bytes(BoxType t) { return t == BoxType::x_wing ? 1120 : 32; }

struct PublicKey {
  KeyType type = KeyType::ml_dsa_44;
  Bytes bytes;
  DOS_FIELDS(type, bytes);
  friend bool operator==(const PublicKey&, const PublicKey&) = default;
};

struct Signature {
  KeyType type = KeyType::ml_dsa_44;
  Bytes bytes;
  DOS_FIELDS(type, bytes);
  friend bool operator==(const Signature&, const Signature&) = default;
};

struct BoxKey {  // public half of an encryption key
  BoxType type = BoxType::x_wing;
  Bytes bytes;
  DOS_FIELDS(type, bytes);
  friend bool operator==(const BoxKey&, const BoxKey&) = default;
};

// True if the length is the type's. Everything decoded is checked with it before use.
inline bool well_formed(const PublicKey& k) { return valid(k.type) && k.bytes.size() == public_key_bytes(k.type); }
inline bool well_formed(const Signature& s) { return valid(s.type) && s.bytes.size() == signature_bytes(s.type); }
inline bool well_formed(const BoxKey& k) { return valid(k.type) && k.bytes.size() == box_key_bytes(k.type); }

}  // namespace dos::crypto
