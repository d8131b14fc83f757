#include "client/calls/fs_id.hpp"

#include <algorithm>

namespace dos::client {

fs::Id new_fs_id(std::string_view account, const Hash& salt) {
  codec::Encoder e;
  codec::write(e, std::string(account));
  codec::write(e, salt);
  const auto h = crypto::hash(crypto::domain::kFsId, e.out);
  fs::Id id;
  std::copy_n(h.bytes.begin(), id.size(), id.begin());
  return id;
}

}  // namespace dos::client
