// A file's bytes to ciphertext chunks and back, one chunk in memory at a time (docs/spec/sealing.md).
#pragma once
#include <functional>

#include <optional>

#include "client/files/seal.hpp"
#include "crypto/aead.hpp"
#include "ledger/blob.hpp"

namespace dos::client {

struct ByteSource {
  virtual ~ByteSource() = default;
  virtual Result<std::uint64_t> size() = 0;
  virtual Status read_at(std::uint64_t offset,
                         std::span<std::uint8_t> out) = 0;  // whole span, or conflict if it ends before
};
class FileSource final : public ByteSource {  // does not own the descriptor
 public:
  explicit FileSource(int fd, std::string name) : fd_(fd), name_(std::move(name)) {}
  Result<std::uint64_t> size() override;
  Status read_at(std::uint64_t offset, std::span<std::uint8_t> out) override;

 private:
  int fd_;
  std::string name_;
};
class MemorySource final : public ByteSource {
 public:
  explicit MemorySource(BytesView bytes) : bytes_(bytes) {}
  Result<std::uint64_t> size() override { return bytes_.size(); }
  Status read_at(std::uint64_t offset, std::span<std::uint8_t> out) override;

 private:
  BytesView bytes_;
};

struct ContentKeys {  // fresh for every revision; kept in a resume record while an upload is under way
  ByteArray<16> content_id{};
  crypto::SecretArray<32> key;
  Hash salt;
  ContentKeys() = default;
  ContentKeys(ContentKeys&&) noexcept;
  ContentKeys& operator=(ContentKeys&&) noexcept;
  static ContentKeys draw(Entropy& entropy);
};

// From plaintext to what is uploaded. `prepare` reads the source once for the hashes; `chunk` reads it again, and gives
// conflict ("changed while it was being read") if what it reads is not what was hashed: such bytes never leave.
class SealedStream {
 public:
  using Progress = std::function<void(std::uint64_t bytes_done)>;
  static Result<SealedStream> sealed(ByteSource& source, ContentKeys keys, const Progress& progress = {});
  static Result<SealedStream> open_to_all(ByteSource& source, const Progress& progress = {});  // --public: no encryption

  bool is_public() const { return public_; }
  bool in_place() const { return manifest_.bytes <= kInlineContentBytes; }  // goes into the object, not into a blob
  const ledger::BlobManifest& manifest() const { return manifest_; }
  const Hash& hash() const { return hash_; }  // EntryMeta.hash: blob root, or H(kData, bytes) when in place
  const Hash& commit() const { return commit_; }  // fs::Content.commit
  std::uint64_t shown_bytes() const { return header_.padded; }  // fs::Content.bytes: padded, or exact when public
  const SealHeader& header() const { return header_; }
  const FileSecrets& secrets() const { return secrets_; }
  ledger::BlobRef blob() const { return {hash_, manifest_.bytes}; }
  Result<Bytes> chunk(std::uint64_t index);  // ciphertext, checked against the manifest

 private:
  SealedStream() = default;
  std::uint64_t chunks() const;
  Result<Bytes> make_chunk(std::uint64_t index, crypto::Hasher* plain) const;
  Status prepare(const Progress& progress);
  ByteSource* source_ = nullptr;  // outlives the stream
  bool public_ = false;
  std::optional<crypto::Aead> aead_;
  SealHeader header_;
  FileSecrets secrets_;
  Hash header_hash_, hash_, commit_;
  ledger::BlobManifest manifest_;
};

// The whole fs::Content of a stream (`where` filled when in place, else the blob). `ring` null: public.
Result<fs::Content> content_of(SealedStream& stream, const RingKey* ring, const std::vector<FileReader>& readers, Entropy& entropy);

// From ciphertext chunks, in order, to plaintext. Each chunk is authenticated before its bytes are given out; `finish` says
// that all are there and that they are the bytes committed to.
class OpenedStream {
 public:
  static Result<OpenedStream> sealed(const Seal& seal, FileSecrets secrets);
  static Result<OpenedStream> open_to_all(std::uint64_t bytes, const Hash& commit);
  std::uint64_t bytes() const { return public_ ? header_.padded : secrets_.bytes; }  // exact
  std::uint64_t chunks() const;
  Result<Bytes> next(BytesView ciphertext);  // plaintext without padding. content_mismatch
  Status finish() const;  // content_mismatch, naming what is missing
  // Chunk `index` alone, for ranges; not counted in `finish`.
  Result<Bytes> chunk(std::uint64_t index, BytesView ciphertext) const;
  Hash plain() const { return hasher_.finish(); }

 private:
  OpenedStream() = default;
  bool public_ = false;
  std::optional<crypto::Aead> aead_;
  SealHeader header_;
  FileSecrets secrets_;
  Hash header_hash_, commit_;
  std::uint64_t at_ = 0;
  crypto::Hasher hasher_;
};

}  // namespace dos::client
