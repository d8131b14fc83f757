#include "client/keys/key_store.hpp"

#include <algorithm>

#include "client/home/private_file.hpp"
#include "client/keys/agent.hpp"
#include "client/keys/dev_key_file.hpp"
#include "crypto/keystore.hpp"

namespace dos::client {
namespace {

Status check_name(std::string_view account) {  // also keeps file names inside their folder
  if (ledger::valid_account_name(account)) return {};
  return fail(Errc::usage, "'" + std::string(account) + "' is no account name");
}

std::filesystem::path dev_file(const Places& places, std::string_view network, std::string_view account) {
  return places.dev_keys(network) / (std::string(account) + ".dev");
}
std::filesystem::path key_file(const Places& places, const Hash& chain, std::string_view account) {
  return places.keys(chain) / (std::string(account) + ".key");
}

Result<crypto::KeyFile> read_file(const Places& places, const Hash& chain, std::string_view account) {
  DOS_TRY(check_name(account));
  const auto path = key_file(places, chain, account);
  auto bytes = read_regular(path, crypto::kMaxKeyFileBytes);
  if (!bytes) {
    if (bytes.error().code == Errc::no_host_file)
      return fail(Errc::no_key, "no key of '" + std::string(account) + "' is kept here for this network");
    return std::unexpected(bytes.error());
  }
  auto file = crypto::read_key_file(*bytes);
  if (!file) return fail(file.error().code == Errc::weak_kdf ? Errc::weak_kdf : Errc::corrupt, path.string() + ": " + file.error().detail);
  if (file->header.account != account || (file->header.chain && *file->header.chain != chain))
    return fail(Errc::corrupt, path.string() + " holds a key of " + file->header.account + " for another place");
  return std::move(*file);
}

template <class Use>
Status each_name(const std::filesystem::path& folder, std::string_view suffix, const Use& use) {
  std::error_code error;
  std::vector<std::string> names;
  for (std::filesystem::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    auto name = it->path().filename().string();
    if (name.size() <= suffix.size() || !name.ends_with(suffix)) continue;
    name.resize(name.size() - suffix.size());
    if (ledger::valid_account_name(name)) names.push_back(std::move(name));
  }
  if (error && error != std::errc::no_such_file_or_directory) return fail(Errc::host_io, folder.string() + ": " + error.message());
  std::sort(names.begin(), names.end());
  for (const auto& name : names) DOS_TRY(use(name));
  return {};
}

}  // namespace

Status save_dev_identity(const Places& places, std::string_view network, const Identity& identity) {
  DOS_TRY(check_name(identity.account()));
  if (!identity.development()) return fail(Errc::usage, identity.account() + " is not a development identity: it needs a passphrase");
  auto bytes = encode_dev_key(identity);
  auto written = write_private(dev_file(places, network, identity.account()), bytes);
  crypto::wipe(bytes);
  return written;
}

Result<Identity> load_dev_identity(const Places& places, std::string_view network, std::string_view account) {
  DOS_TRY(check_name(account));
  const auto path = dev_file(places, network, account);
  auto bytes = read_private(path, kMaxDevKeyBytes);
  if (!bytes) {
    if (bytes.error().code == Errc::no_host_file)
      return fail(Errc::no_key, "'" + std::string(account) + "' is no development identity of " + std::string(network));
    return std::unexpected(bytes.error());
  }
  auto identity = decode_dev_key(*bytes);
  crypto::wipe(*bytes);
  if (!identity) return fail(Errc::corrupt, path.string() + ": " + identity.error().detail);
  if (identity->account() != account) return fail(Errc::corrupt, path.string() + " holds a key of " + identity->account());
  return identity;
}

Status save_identity(const Places& places, const Hash& chain, const Identity& identity, const crypto::Secret& passphrase, Kdf kdf,
                     Existing existing, Entropy& entropy) {
  DOS_TRY(check_name(identity.account()));
  if (identity.development()) return fail(Errc::usage, identity.account() + " is a development identity: it has no passphrase");
  crypto::KeyFileHeader header{.account = identity.account(), .chain = chain, .suite = identity.suite(), .index = identity.index()};
  if (kdf == Kdf::argon2id) header.kdf = crypto::Argon2idKdf{};
  else header.kdf = crypto::Pbkdf2Kdf{};
  header.signing_keys.push_back(identity.signing().public_key());
  header.box_keys.push_back(identity.box_key(identity.key_epoch()));
  DOS_ASSIGN(const auto bytes, crypto::seal_key_file(std::move(header), identity.master().view(), passphrase.view(), entropy));
  const auto path = key_file(places, chain, identity.account());
  DOS_ASSIGN(const auto lock, FileLock::take(places.keys(chain) / ".lock"));
  DOS_ASSIGN(const bool there, has_identity(places, chain, identity.account()));
  if (there && existing == Existing::refuse)
    return fail(Errc::conflict, "a key of '" + identity.account() + "' is kept here already: " + path.string());
  return write_private(path, bytes);
}

Result<Identity> load_identity(const Places& places, const Hash& chain, std::string_view account, const crypto::Secret& passphrase) {
  DOS_ASSIGN(const auto file, read_file(places, chain, account));
  DOS_ASSIGN(const auto master, crypto::open_key_file(file, passphrase.view()));
  return Identity::from_master(std::string(account), file.header.suite, master.view(), file.header.index);
}

Result<bool> has_identity(const Places& places, const Hash& chain, std::string_view account) {
  DOS_TRY(check_name(account));
  std::error_code error;
  const bool there = std::filesystem::exists(key_file(places, chain, account), error);
  if (error) return fail(Errc::host_io, key_file(places, chain, account).string() + ": " + error.message());
  return there;
}

Result<std::vector<KeyRef>> list_identities(const Places& places, std::string_view network, const Hash& chain) {
  std::vector<KeyRef> out;
  DOS_TRY(each_name(places.dev_keys(network), ".dev", [&](const std::string& name) -> Status {
    DOS_ASSIGN(const auto identity, load_dev_identity(places, network, name));
    if (identity.chain() == chain) out.push_back({name, chain, identity.suite(), identity.index(), true});
    return {};
  }));
  DOS_TRY(each_name(places.keys(chain), ".key", [&](const std::string& name) -> Status {
    DOS_ASSIGN(const auto file, read_file(places, chain, name));
    out.push_back({name, chain, file.header.suite, file.header.index, false});
    return {};
  }));
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.account < b.account; });
  return out;
}

Result<Identity> find_identity(const Places& places, std::string_view network, const Hash& chain, ledger::NetworkKind kind,
                               std::string_view account, const PassphraseSource& source) {
  auto development = load_dev_identity(places, network, account);
  if (development) {
    DOS_TRY(development->allowed_on(chain, kind));
    return development;
  }
  if (development.error().code != Errc::no_key) return development;
  DOS_ASSIGN(const bool there, has_identity(places, chain, account));
  if (!there) return fail(Errc::no_key, "no key of '" + std::string(account) + "' is kept here for the network " + std::string(network));
  DOS_ASSIGN(auto unlocked, agent_get(places, chain, account));
  if (unlocked) return std::move(*unlocked);
  DOS_ASSIGN(const auto passphrase, read_passphrase(source, "Passphrase for " + std::string(account) + ": "));
  return load_identity(places, chain, account, passphrase);
}

}  // namespace dos::client
