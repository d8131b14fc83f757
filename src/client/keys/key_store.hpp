// Key files (docs/spec/keys-on-disk.md). Keys of people: keys/CHAIN/NAME.key under a passphrase, never loaded unasked.
// Development keys: nets/N/keys/NAME.dev, in the clear, 0600, for that network's chain alone.
#pragma once
#include <chrono>

#include "client/home/places.hpp"
#include "client/keys/keys.hpp"

namespace dos::client {

enum class Kdf : std::uint8_t { argon2id = 1, pbkdf2 = 2 };

struct KeyRef {  // what `id ls` shows, readable without a passphrase
  std::string account;
  Hash chain;
  crypto::Suite suite = crypto::Suite::pq;
  std::uint32_t index = 0;
  bool development = false;
};

// ---- development keys
Status save_dev_identity(const Places& places, std::string_view network,
                         const Identity& identity);  // marked development
Result<Identity> load_dev_identity(const Places& places, std::string_view network, std::string_view account);  // no_key

// ---- keys under a passphrase
enum class Existing : std::uint8_t { refuse, replace };
// conflict if the file exists and is not to be replaced.
Status save_identity(const Places& places, const Hash& chain, const Identity& identity, const crypto::Secret& passphrase, Kdf kdf,
                     Existing existing, Entropy& entropy);
Result<Identity> load_identity(const Places& places, const Hash& chain, std::string_view account,
                               const crypto::Secret& passphrase);  // no_key, wrong_passphrase, weak_kdf
Result<bool> has_identity(const Places& places, const Hash& chain, std::string_view account);
Result<std::vector<KeyRef>> list_identities(const Places& places, std::string_view network,
                                            const Hash& chain);  // by name

// ---- where a passphrase comes from: a descriptor, else the terminal, else locked_key naming --passphrase-fd and the agent
struct PassphraseSource {
  int fd = -1;  // --passphrase-fd N: the first line, or all up to the end, without the newline
  bool may_prompt = true;  // false: --no-input
};
inline constexpr std::size_t kMaxPassphraseBytes = 1024;
Result<crypto::Secret> read_passphrase(const PassphraseSource& source, std::string_view prompt);
Result<crypto::Secret> read_new_passphrase(const PassphraseSource& source,
                                           std::string_view account);  // asked twice on a terminal

// The identity that acts as `account` on this network: its development key, else the agent's, else the key file with a
// passphrase from `source`. no_key if there is neither; dev_identity if the chain is not local.
Result<Identity> find_identity(const Places& places, std::string_view network, const Hash& chain, ledger::NetworkKind kind,
                               std::string_view account, const PassphraseSource& source);

}  // namespace dos::client
