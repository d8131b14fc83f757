#include "daemon/keys.hpp"

#include <sys/stat.h>

#include "crypto/secret.hpp"
#include "os/posix_disk.hpp"

namespace dos::daemon {
namespace {

Result<crypto::SigningKey> load(const std::string& path, crypto::KeyType type, Hash* code_key = nullptr) {
  struct stat s{};
  if (::stat(path.c_str(), &s) != 0) return fail(Errc::no_host_file, "there is no key file " + path);
  if ((s.st_mode & 077) != 0) return fail(Errc::denied, path + " can be read by others: chmod 600 " + path);
  DOS_ASSIGN(auto seed, os::read_host_file(path, crypto::kSeedBytes + 1));
  if (seed.size() != crypto::kSeedBytes) return fail(Errc::bad_key, path + " is no seed of 32 bytes");
  auto key = crypto::SigningKey::from_seed(type, seed);
  if (code_key != nullptr) crypto::derive(crypto::domain::kCodeTag, seed, code_key->bytes);
  crypto::wipe(seed);
  return key;
}

}  // namespace

Result<NodeKeys> load_keys(const std::string& folder, crypto::Suite suite) {
  const bool pq = suite == crypto::Suite::pq;
  DOS_ASSIGN(auto vote, load(folder + "/vote.key", pq ? crypto::KeyType::ml_dsa_44 : crypto::KeyType::ed25519));
  Hash code;
  DOS_ASSIGN(auto node, load(folder + "/node.key", pq ? crypto::KeyType::ml_dsa_65 : crypto::KeyType::ed25519, &code));
  return NodeKeys{std::move(vote), std::move(node), code};
}

}  // namespace dos::daemon
