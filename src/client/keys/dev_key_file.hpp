// The form of a development key's file (docs/spec/keys-on-disk.md): "DOSDEVKEY1" and BCS, in the clear.
#pragma once
#include "client/keys/keys.hpp"

namespace dos::client {

Bytes encode_dev_key(const Identity& identity);           // wipe it after use
Result<Identity> decode_dev_key(BytesView file);          // malformed
inline constexpr std::size_t kMaxDevKeyBytes = 512;

}  // namespace dos::client
