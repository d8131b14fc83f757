// Ids as the module draws them, outside of it: for a genesis, and for whoever names what a call will make.
#pragma once
#include "crypto/hash.hpp"
#include "modules/fs/formats.hpp"

namespace dos::fs {

inline Id new_id(const std::string& account, const Hash& salt) {
  return new_id(account, salt, [](crypto::Domain context, BytesView bytes) { return crypto::hash(context, bytes); });
}

}  // namespace dos::fs
