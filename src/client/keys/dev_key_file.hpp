// The form of a development key's file (docs/spec/keys-on-disk.md): "DOSDEVKEY1" and BCS, in the clear.
#pragma once
#include "client/keys/keys.hpp"

namespace dos::client {

struct DevKey {
  std::string account;
  Hash chain;
  crypto::Suite suite = crypto::Suite::pq;
  std::uint32_t index = 0;
  ByteArray<kMasterBytes> master{};
  ~DevKey() { crypto::wipe(master); }
  DOS_FIELDS(account, chain, suite, index, master);
};
Bytes encode_dev_key(const Identity& identity);           // wipe it after use
Result<Identity> decode_dev_key(BytesView file);          // malformed
inline constexpr std::size_t kMaxDevKeyBytes = 512;

}  // namespace dos::client
