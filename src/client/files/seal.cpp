#include "client/files/seal.hpp"

#include <algorithm>
#include <bit>

#include "client/entropy.hpp"
#include "client/files/wrap.hpp"

namespace dos::client {
namespace {

constexpr std::size_t kSecretsBytes = 104;

crypto::Secret encode_secrets(const FileSecrets& s) {  // BCS of the fields in their order
  crypto::Secret out(kSecretsBytes);
  auto at = std::copy_n(s.key.data(), 32, out.data());
  at = std::copy_n(s.salt.bytes.data(), 32, at);
  for (int i = 0; i < 8; ++i) *at++ = std::uint8_t(s.bytes >> (8 * i));
  std::copy_n(s.plain.bytes.data(), 32, at);
  return out;
}
Result<FileSecrets> decode_secrets(const crypto::Secret& in) {
  if (in.size() != kSecretsBytes) return fail(Errc::sealed, "what is sealed here is not a file's key");
  FileSecrets s;
  std::copy_n(in.data(), 32, s.key.data());
  std::copy_n(in.data() + 32, 32, s.salt.bytes.data());
  for (int i = 0; i < 8; ++i) s.bytes |= std::uint64_t(in.data()[64 + i]) << (8 * i);
  std::copy_n(in.data() + 72, 32, s.plain.bytes.data());
  return s;
}

Hash commitment(const FileSecrets& secrets, const SealHeader& header) {
  crypto::Hasher h(crypto::domain::kSealCommit);
  h.update(secrets.key.view());
  h.update(header_hash(header).view());
  return h.finish();
}

struct RingBinding {
  const Seal& seal;
  DOS_FIELDS(seal.format, seal.content_id, seal.padded, seal.key_commitment, seal.ring, seal.ring_epoch);
};
struct FileBinding {
  std::string purpose;
  ByteArray<16> content_id{};
  std::uint64_t padded = 0;
  Hash key_commitment;
  std::string account;
  std::uint32_t key_epoch = 0;
  DOS_FIELDS(purpose, content_id, padded, key_commitment, account, key_epoch);
};
Bytes file_binding(const Seal& seal, const std::string& account, std::uint32_t key_epoch) {
  return codec::encode(FileBinding{"file", seal.content_id, seal.padded, seal.key_commitment, account, key_epoch});
}

Status check_size(const Seal& seal) {
  if (seal.envelopes.size() > fs::kMaxEnvelopes || codec::encode(seal).size() > fs::kMaxSealBytes)
    return fail(Errc::limit, "a file has at most " + std::to_string(fs::kMaxEnvelopes) + " readers of its own: share its folder instead");
  return {};
}

struct SizeBinding {
  const Hash& hash;
  const fs::Id& ring;
  std::uint32_t epoch;
  DOS_FIELDS(hash, ring, epoch);
};

Result<FileSecrets> checked(const Seal& seal, Result<crypto::Secret> opened, const Hash& commit) {
  if (!opened) return std::unexpected(opened.error());
  DOS_ASSIGN(auto secrets, decode_secrets(*opened));
  const auto found = commitment(secrets, header_of(seal, secrets));
  if (!crypto::equal_secret(found.view(), seal.key_commitment.view()))
    return fail(Errc::content_mismatch, "the key in this seal is not the one that it commits to");
  if (padded_size(secrets.bytes) != seal.padded) return fail(Errc::content_mismatch, "the sealed size does not fit the file's");
  if (content_commit(secrets) != commit) return fail(Errc::content_mismatch, "the seal is not that of this content");
  return secrets;
}

}  // namespace

FileSecrets& FileSecrets::operator=(FileSecrets&& other) noexcept {
  if (this == &other) return *this;
  key.bytes = other.key.bytes;
  crypto::wipe(other.key.bytes);
  salt = other.salt;
  bytes = other.bytes;
  plain = other.plain;
  return *this;
}

Hash header_hash(const SealHeader& header) { return crypto::hash_of(crypto::domain::kSealHeader, header); }

Hash content_commit(const FileSecrets& secrets) { return crypto::hash_pair(crypto::domain::kFsContent, secrets.salt, secrets.plain); }
Hash public_commit(const Hash& plain) { return crypto::hash_pair(crypto::domain::kFsContent, Hash{}, plain); }

SealHeader header_of(const Seal& seal, const FileSecrets& secrets) {
  return {.format = seal.format, .content_id = seal.content_id, .salt = secrets.salt, .padded = seal.padded};
}

Result<Seal> decode_seal(BytesView bytes) {
  if (bytes.size() > fs::kMaxSealBytes) return fail(Errc::limit, "a seal has at most " + std::to_string(fs::kMaxSealBytes) + " bytes");
  DOS_ASSIGN(auto seal, codec::decode<Seal>(bytes, "a seal"));
  if (seal.format != kSealFormat) return fail(Errc::malformed, "a seal of format " + std::to_string(seal.format));
  if (seal.padded > kMaxBlobBytes || seal.padded != padded_size(seal.padded))
    return fail(Errc::malformed, "a seal with a size of no class");
  if (seal.envelopes.size() > fs::kMaxEnvelopes) return fail(Errc::malformed, "a seal with too many envelopes");
  for (std::size_t i = 1; i < seal.envelopes.size(); ++i)
    if (seal.envelopes[i - 1].account >= seal.envelopes[i].account) return fail(Errc::malformed, "a seal's envelopes are not in order");
  return seal;
}

Result<Seal> make_seal(const SealHeader& header, const FileSecrets& secrets, const RingKey& ring, const std::vector<FileReader>& readers,
                       Entropy& entropy) {
  Seal seal{.content_id = header.content_id,
            .padded = header.padded,
            .key_commitment = commitment(secrets, header),
            .ring = ring.directory,
            .ring_epoch = ring.epoch};
  seal.wrapped =
      wrap(crypto::domain::kRingFile, ring.key.view(), codec::encode(RingBinding{seal}), encode_secrets(secrets).view(), entropy);
  for (const auto& reader : readers) { DOS_ASSIGN(seal, add_reader(seal, secrets, reader, entropy)); }
  return seal;
}

Result<Seal> rewrap(const Seal& seal, const FileSecrets& secrets, const RingKey& to, bool keep_envelopes, Entropy& entropy) {
  Seal out = seal;
  if (!keep_envelopes) out.envelopes.clear();
  out.ring = to.directory;
  out.ring_epoch = to.epoch;
  out.wrapped = wrap(crypto::domain::kRingFile, to.key.view(), codec::encode(RingBinding{out}), encode_secrets(secrets).view(), entropy);
  DOS_TRY(check_size(out));
  return out;
}

Result<Seal> add_reader(const Seal& seal, const FileSecrets& secrets, const FileReader& reader, Entropy& entropy) {
  Seal out = remove_reader(seal, reader.account);
  DOS_ASSIGN(auto box,
             seal_box(reader.key.key, file_binding(out, reader.account, reader.key.epoch), encode_secrets(secrets).view(), entropy));
  fs::Envelope one{reader.account, reader.key.epoch, std::move(box)};
  const auto place =
      std::lower_bound(out.envelopes.begin(), out.envelopes.end(), one, [](const auto& a, const auto& b) { return a.account < b.account; });
  out.envelopes.insert(place, std::move(one));
  DOS_TRY(check_size(out));
  return out;
}

Seal remove_reader(Seal seal, std::string_view account) {
  std::erase_if(seal.envelopes, [&](const auto& e) { return e.account == account; });
  return seal;
}

Result<FileSecrets> open_seal(const Seal& seal, const RingKey& ring, const Hash& commit) {
  if (ring.directory != seal.ring || ring.epoch != seal.ring_epoch)
    return fail(Errc::sealed, "sealed under another folder key (epoch " + std::to_string(seal.ring_epoch) + ")");
  return checked(seal, unwrap(crypto::domain::kRingFile, ring.key.view(), codec::encode(RingBinding{seal}), seal.wrapped), commit);
}

Result<FileSecrets> open_seal(const Seal& seal, const Identity& me, const Hash& commit) {
  for (const auto& e : seal.envelopes)
    if (e.account == me.account())
      return checked(seal, me.open_box(e.key_epoch, e.box, file_binding(seal, e.account, e.key_epoch)), commit);
  return fail(Errc::sealed, "not sealed for " + me.account());
}

Result<Bytes> seal_size(const RingKey& ring, const Hash& hash, std::uint64_t bytes, Entropy& entropy) {
  codec::Encoder out;
  out.integer(ring.epoch);
  out.raw(wrap(crypto::domain::kRingSize, ring.key.view(), codec::encode(SizeBinding{hash, ring.directory, ring.epoch}),
               codec::encode(bytes), entropy));
  return std::move(out.out);
}

Result<std::uint32_t> sealed_size_epoch(BytesView sealed_size) {
  if (sealed_size.size() != kSealedSizeBytes) return fail(Errc::malformed, "a sealed size has 40 bytes");
  return codec::Decoder(sealed_size).integer<std::uint32_t>();
}

Result<std::uint64_t> open_size(const RingKey& ring, const Hash& hash, BytesView sealed_size) {
  DOS_ASSIGN(const auto epoch, sealed_size_epoch(sealed_size));
  if (epoch != ring.epoch) return fail(Errc::sealed, "sealed under another folder key (epoch " + std::to_string(epoch) + ")");
  DOS_ASSIGN(const auto plain, unwrap(crypto::domain::kRingSize, ring.key.view(),
                                      codec::encode(SizeBinding{hash, ring.directory, ring.epoch}), sealed_size.subspan(4)));
  return codec::decode<std::uint64_t>(plain.view(), "a size");
}

std::uint64_t padded_size(std::uint64_t bytes) {
  if (bytes <= 64) return 64;
  const unsigned e = 63 - std::countl_zero(bytes);              // floor(log2 bytes)
  const unsigned s = 64 - std::countl_zero(std::uint64_t(e));   // floor(log2 e) + 1
  const std::uint64_t mask = (std::uint64_t(1) << (e - s)) - 1;
  return (bytes + mask) & ~mask;
}

std::uint64_t sealed_bytes(std::uint64_t padded) {
  constexpr std::uint64_t plain = kChunkBytes - crypto::kAeadTagBytes;
  return padded + (padded + plain - 1) / plain * crypto::kAeadTagBytes;
}

}  // namespace dos::client
