// The id that an account draws with a salt, for whoever is outside of the module: for a genesis, and for what a call will make. The module's own
// body has the rule once more (directories.cpp), over its host's hash; its bytes are those of chains that exist.
#pragma once
#include <algorithm>

#include "crypto/hash.hpp"
#include "modules/fs/formats.hpp"

namespace dos::fs {

struct IdSource {
  const std::string& account;
  const Hash& salt;
  DOS_FIELDS(account, salt);
};

inline Id new_id(const std::string& account, const Hash& salt) {
  const auto h = crypto::hash_of(crypto::domain::kFsId, IdSource{account, salt});
  Id id;
  std::copy_n(h.bytes.begin(), id.size(), id.begin());
  return id;
}

}  // namespace dos::fs
