// Sealed files (docs/spec/sealing.md): what goes into fs::Content.seal, and keys in and out of it. The bytes themselves:
// seal_stream.hpp. A file's secrets are wrapped under the ring key of the folder it stands in, and for single readers in
// envelopes of their own; neither chain nor place is bound into the ciphertext, so moving and copying rewraps 104 bytes.
#pragma once
#include "client/files/rings.hpp"

namespace dos::client {

inline constexpr std::uint8_t kSealFormat = 1;

// What every chunk is bound to; the salt is known to readers only.
struct SealHeader {
  std::uint8_t format = kSealFormat;
  ByteArray<16> content_id{};  // drawn by the writer for this revision
  Hash salt;  // of the revision
  std::uint32_t chunk_bytes = kChunkBytes;  // of ciphertext
  std::uint64_t padded = 0;  // plaintext with its padding
  DOS_FIELDS(format, content_id, salt, chunk_bytes, padded);
};
Hash header_hash(const SealHeader& header);  // H(kSealHeader, BCS(header))

// What readers learn. Wiped when destroyed.
struct FileSecrets {
  crypto::SecretArray<32> key;  // of the content
  Hash salt;
  std::uint64_t bytes = 0;  // exact
  Hash plain;  // BLAKE3 of the plaintext
  FileSecrets() = default;
  FileSecrets(FileSecrets&& other) noexcept { *this = std::move(other); }
  FileSecrets& operator=(FileSecrets&& other) noexcept;
};
Hash content_commit(const FileSecrets& secrets);  // H(kFsContent, salt || BLAKE3(plaintext)): fs::Content.commit
Hash public_commit(const Hash& plain);  // the same with salt zero

struct Seal {  // fs::Content.seal, BCS
  std::uint8_t format = kSealFormat;
  ByteArray<16> content_id{};
  std::uint64_t padded = 0;
  Hash key_commitment;  // H(kSealCommit, key || header hash), checked before anything is decrypted
  fs::Id ring{};  // the folder under whose ring key `wrapped` is
  std::uint32_t ring_epoch = 0;
  Bytes wrapped;  // FileSecrets
  std::vector<fs::Envelope> envelopes;  // FileSecrets for single readers, ascending by account
  DOS_FIELDS(format, content_id, padded, key_commitment, ring, ring_epoch, wrapped, envelopes);
};
Result<Seal> decode_seal(BytesView bytes);  // malformed; limit over kMaxSealBytes
SealHeader header_of(const Seal& seal, const FileSecrets& secrets);

struct FileReader {  // of one file (chmod bob+r FILE), not through a folder
  std::string account;
  ledger::EncryptionKey key;
};

// A new seal. `header` and `secrets` come from a SealedStream. limit: too many readers (share the folder instead).
Result<Seal> make_seal(const SealHeader& header, const FileSecrets& secrets, const RingKey& ring, const std::vector<FileReader>& readers,
                       Entropy& entropy);
// mv and cp: the same content under another folder's ring key. Envelopes of single readers stay with `mv`, not with `cp`.
Result<Seal> rewrap(const Seal& seal, const FileSecrets& secrets, const RingKey& to, bool keep_envelopes, Entropy& entropy);
// chmod NAME+r / NAME-r on a file. Taking away protects later revisions only (they get fresh keys).
Result<Seal> add_reader(const Seal& seal, const FileSecrets& secrets, const FileReader& reader, Entropy& entropy);
Seal remove_reader(Seal seal, std::string_view account);

// The secrets: by the ring key if there is one, else by an envelope for `me`. sealed: neither opens; the key commitment is
// checked, and `commit` (fs::Content.commit) against what came out: content_mismatch.
Result<FileSecrets> open_seal(const Seal& seal, const RingKey& ring, const Hash& commit);
Result<FileSecrets> open_seal(const Seal& seal, const Identity& me, const Hash& commit);

// ---- exact sizes in listings: fs::EntryMeta.sealed_size, opened with the folder's ring key without fetching the seal.
inline constexpr std::size_t kSealedSizeBytes = 40;  // u32 epoch, nonce 12, u64 sealed, tag 16
// `hash`: of the ciphertext, as EntryMeta.hash.
Result<Bytes> seal_size(const RingKey& ring, const Hash& hash, std::uint64_t bytes, Entropy& entropy);
Result<std::uint32_t> sealed_size_epoch(BytesView sealed_size);  // which epoch of the folder's ring key opens it
Result<std::uint64_t> open_size(const RingKey& ring, const Hash& hash, BytesView sealed_size);

// Padded plaintext size (Padmé; PURBs, PoPETs 2019): at most 12 % more, at least 64.
std::uint64_t padded_size(std::uint64_t bytes);
std::uint64_t sealed_bytes(std::uint64_t padded);  // of ciphertext: 16 more for every chunk

}  // namespace dos::client
