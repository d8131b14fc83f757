#include "crypto/keystore.hpp"

#include "crypto/aead.hpp"
#include "crypto/kdf.hpp"
#include "crypto/phrase.hpp"

namespace dos::crypto {
namespace {

constexpr std::uint32_t kMinPasses = 2, kMaxPasses = 16;
constexpr std::uint32_t kMinMemoryKib = 19 * 1024, kMaxMemoryKib = 1024 * 1024;
constexpr std::uint32_t kMaxLanes = 4;
constexpr std::uint32_t kMinRounds = 100'000, kMaxRounds = 10'000'000;

bool between(std::uint32_t v, std::uint32_t low, std::uint32_t high) { return v >= low && v <= high; }

Status passphrase_key(const Kdf& kdf, BytesView passphrase, SecretArray<kAeadKeyBytes>& key) {
  DOS_TRY(check_kdf(kdf));
  if (const auto* a = std::get_if<Argon2idKdf>(&kdf))
    return argon2id({a->passes, a->memory_kib, a->lanes}, passphrase, a->salt, {}, {}, key.span());
  const auto& p = std::get<Pbkdf2Kdf>(kdf);
  pbkdf2_hmac_sha512(passphrase, p.salt, p.rounds, key.span());
  return {};
}

Bytes associated_data(const KeyFileHeader& header) {
  codec::Encoder e;
  e.raw(as_bytes(kKeyFileMagic));
  codec::write(e, header);
  return std::move(e.out);
}

}  // namespace

Status check_kdf(const Kdf& kdf) {
  if (const auto* a = std::get_if<Argon2idKdf>(&kdf)) {
    if (!between(a->passes, kMinPasses, kMaxPasses))
      return fail(Errc::weak_kdf, "Argon2id with " + std::to_string(a->passes) + " passes; 2 to 16 are accepted");
    if (!between(a->memory_kib, kMinMemoryKib, kMaxMemoryKib))
      return fail(Errc::weak_kdf, "Argon2id with " + std::to_string(a->memory_kib) + " KiB; 19,456 to 1,048,576 are accepted");
    if (!between(a->lanes, 1, kMaxLanes))
      return fail(Errc::weak_kdf, "Argon2id with " + std::to_string(a->lanes) + " lanes; 1 to 4 are accepted");
    return {};
  }
  if (const auto rounds = std::get<Pbkdf2Kdf>(kdf).rounds; !between(rounds, kMinRounds, kMaxRounds))
    return fail(Errc::weak_kdf, "PBKDF2 with " + std::to_string(rounds) + " rounds; 100,000 to 10,000,000 are accepted");
  return {};
}

Result<Bytes> seal_key_file(KeyFileHeader header, BytesView master, BytesView passphrase, Entropy& entropy) {
  if (master.size() != kMasterEntropyBytes) return fail(Errc::bad_key, "a master secret has 32 bytes");
  std::visit([&](auto& kdf) { entropy.fill(kdf.salt); }, header.kdf);
  entropy.fill(header.nonce);
  SecretArray<kAeadKeyBytes> key;
  DOS_TRY(passphrase_key(header.kdf, passphrase, key));
  KeyFile file{std::move(header), {}};
  file.ciphertext = aead_seal(key.view(), file.header.nonce, associated_data(file.header), master);
  codec::Encoder e;
  e.raw(as_bytes(kKeyFileMagic));
  codec::write(e, file);
  if (e.out.size() > kMaxKeyFileBytes || file.header.signing_keys.size() > kMaxKeyFileKeys || file.header.box_keys.size() > kMaxKeyFileKeys)
    return fail(Errc::limit, "a key file holds at most 64 KiB and 16 keys of each kind");
  return std::move(e.out);
}

Result<KeyFile> read_key_file(BytesView bytes) {
  if (bytes.size() > kMaxKeyFileBytes || !starts_with(bytes, as_bytes(kKeyFileMagic)))
    return fail(Errc::malformed, "that is not a DOS key file");
  DOS_ASSIGN(KeyFile file, codec::decode<KeyFile>(bytes.subspan(kKeyFileMagic.size()), "a DOS key file"));
  const auto& h = file.header;
  bool good = file.ciphertext.size() == kMasterEntropyBytes + kAeadTagBytes && h.signing_keys.size() <= kMaxKeyFileKeys &&
              h.box_keys.size() <= kMaxKeyFileKeys;
  for (const auto& k : h.signing_keys) good = good && well_formed(k);
  for (const auto& k : h.box_keys) good = good && well_formed(k);
  if (!good) return fail(Errc::malformed, "that is not a DOS key file: a length in it is wrong");
  DOS_TRY(check_kdf(h.kdf));
  return file;
}

Result<Secret> open_key_file(const KeyFile& file, BytesView passphrase) {
  SecretArray<kAeadKeyBytes> key;
  DOS_TRY(passphrase_key(file.header.kdf, passphrase, key));
  Secret master(kMasterEntropyBytes);
  if (file.ciphertext.size() != kMasterEntropyBytes + kAeadTagBytes ||
      !Aead(key.view()).open(file.header.nonce, associated_data(file.header), file.ciphertext, master.span()))
    return fail(Errc::wrong_passphrase);
  return master;
}

}  // namespace dos::crypto
