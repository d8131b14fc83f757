// From one phrase to every key: SLIP-10 (Ed25519 curve, hardened steps only) and one path for each key type.
//   m / 44' / 4476755' / type' / index'       index counts rotations, from 0
// An Ed25519 key's seed is the SLIP-10 private key itself, as other wallets have it; every other type's seed is
// derive_key(kSeed, that private key). No two types share a path, so no two keys share a seed.
#pragma once
#include <span>

#include "base/result.hpp"
#include "crypto/keys.hpp"
#include "crypto/secret.hpp"

namespace dos::crypto {

inline constexpr std::uint32_t kPathPurpose = 44;
inline constexpr std::uint32_t kPathCoin = 0x444F53;         // "DOS"; not registered in SLIP-44
inline constexpr std::uint32_t kMaxPathIndex = 0x7FFFFFFF;   // every step is hardened

std::uint32_t path_type(KeyType type);  // the third step: 1 to 4
std::uint32_t path_type(BoxType type);  // 101, 102

// SLIP-10 for Ed25519: the private key at `path`; the hardened bit of each step is set here. `seed` is 16 to 64 bytes.
Secret slip10_ed25519(BytesView seed, std::span<const std::uint32_t> path);

// The 32-byte seed for SigningKey::from_seed or BoxSecret::from_seed. `seed` is the phrase's (phrase.hpp). limit: index.
Result<Secret> key_seed(BytesView seed, KeyType type, std::uint32_t index);
Result<Secret> key_seed(BytesView seed, BoxType type, std::uint32_t index);

}  // namespace dos::crypto
