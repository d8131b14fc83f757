#include "client/files/seal_stream.hpp"

#include <unistd.h>

#include <sys/stat.h>
#include <cerrno>
#include <cstring>

#include "base/check.hpp"
#include "client/entropy.hpp"

namespace dos::client {
namespace {

constexpr std::uint64_t kPlainChunk = kChunkBytes - crypto::kAeadTagBytes;

// Chunk index, little-endian, three zeros, last flag (STREAM; Hoang, Reyhanitabar, Rogaway, Vizár 2015): chunks cannot be
// swapped, and a file cannot end early.
crypto::AeadNonce chunk_nonce(std::uint64_t index, bool last) {
  crypto::AeadNonce nonce{};
  for (int i = 0; i < 8; ++i) nonce[std::size_t(i)] = std::uint8_t(index >> (8 * i));
  nonce[11] = last ? 1 : 0;
  return nonce;
}

crypto::Aead content_cipher(const FileSecrets& secrets) {
  crypto::SecretArray<32> key;
  crypto::derive(crypto::domain::kSealKey, secrets.key.view(), key.span());
  return crypto::Aead(key.view());
}

std::uint64_t chunks_of(std::uint64_t bytes, std::uint64_t size) { return (bytes + size - 1) / size; }

std::unexpected<Error> changed(const std::string& what) { return fail(Errc::conflict, what + " changed while it was being read"); }

}  // namespace

Result<std::uint64_t> FileSource::size() {
  struct stat info{};
  if (::fstat(fd_, &info) != 0) return fail(Errc::host_io, name_ + ": " + std::strerror(errno));
  if (!S_ISREG(info.st_mode)) return fail(Errc::host_io, name_ + " is not a regular file");
  // Files that systems make up while they are read say 0; what grows right now has more, too.
  char more = 0;
  if (::pread(fd_, &more, 1, info.st_size) > 0) return fail(Errc::conflict, name_ + " has more bytes than its size says: copy it first");
  return std::uint64_t(info.st_size);
}

Status FileSource::read_at(std::uint64_t offset, std::span<std::uint8_t> out) {
  while (!out.empty()) {
    const auto n = ::pread(fd_, out.data(), out.size(), off_t(offset));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return fail(Errc::host_io, "cannot read " + name_ + ": " + std::strerror(errno));
    if (n == 0) return changed(name_);
    out = out.subspan(std::size_t(n));
    offset += std::uint64_t(n);
  }
  return {};
}

Status MemorySource::read_at(std::uint64_t offset, std::span<std::uint8_t> out) {
  if (offset > bytes_.size() || out.size() > bytes_.size() - offset) return changed("the content");
  std::copy_n(bytes_.data() + offset, out.size(), out.data());
  return {};
}

ContentKeys::ContentKeys(ContentKeys&& other) noexcept { *this = std::move(other); }
ContentKeys& ContentKeys::operator=(ContentKeys&& other) noexcept {
  if (this == &other) return *this;
  content_id = other.content_id;
  key.bytes = other.key.bytes;
  crypto::wipe(other.key.bytes);
  salt = other.salt;
  return *this;
}
ContentKeys ContentKeys::draw(Entropy& entropy) {
  ContentKeys keys;
  entropy.fill(keys.content_id);
  entropy.fill(keys.key.span());
  entropy.fill(keys.salt.bytes);
  return keys;
}

Result<SealedStream> SealedStream::sealed(ByteSource& source, ContentKeys keys, const Progress& progress) {
  SealedStream s;
  s.source_ = &source;
  DOS_ASSIGN(s.secrets_.bytes, source.size());
  if (s.secrets_.bytes > kMaxBlobBytes / 2) return fail(Errc::limit, "a file has at most 512 GiB");
  s.secrets_.key.bytes = keys.key.bytes;
  s.secrets_.salt = keys.salt;
  s.header_ = {.content_id = keys.content_id, .salt = keys.salt, .padded = padded_size(s.secrets_.bytes)};
  s.header_hash_ = client::header_hash(s.header_);
  s.aead_.emplace(content_cipher(s.secrets_));
  DOS_TRY(s.prepare(progress));
  return s;
}

Result<SealedStream> SealedStream::open_to_all(ByteSource& source, const Progress& progress) {
  SealedStream s;
  s.source_ = &source;
  s.public_ = true;
  DOS_ASSIGN(s.secrets_.bytes, source.size());
  if (s.secrets_.bytes > kMaxBlobBytes / 2) return fail(Errc::limit, "a file has at most 512 GiB");
  s.header_.padded = s.secrets_.bytes;
  DOS_TRY(s.prepare(progress));
  return s;
}

std::uint64_t SealedStream::chunks() const { return chunks_of(header_.padded, public_ ? kChunkBytes : kPlainChunk); }

Result<Bytes> SealedStream::make_chunk(std::uint64_t index, crypto::Hasher* plain) const {
  const std::uint64_t step = public_ ? kChunkBytes : kPlainChunk;
  const std::uint64_t begin = index * step, end = std::min(begin + step, header_.padded);
  const std::uint64_t filled = begin < secrets_.bytes ? std::min(end, secrets_.bytes) - begin : 0;
  Bytes out(std::size_t(end - begin) + (public_ ? 0 : crypto::kAeadTagBytes));
  if (filled > 0) DOS_TRY(source_->read_at(begin, std::span(out).first(std::size_t(filled))));
  if (plain != nullptr) plain->update(BytesView(out).first(std::size_t(filled)));
  if (!public_)
    aead_->seal(chunk_nonce(index, index + 1 == chunks()), header_hash_.view(), BytesView(out).first(std::size_t(end - begin)), out);
  return out;
}

Status SealedStream::prepare(const Progress& progress) {
  crypto::Hasher plain;
  manifest_.bytes = public_ ? header_.padded : sealed_bytes(header_.padded);
  Bytes whole;
  for (std::uint64_t i = 0; i < chunks(); ++i) {
    DOS_ASSIGN(auto chunk, make_chunk(i, &plain));
    manifest_.chunks.push_back(crypto::plain_hash(chunk));
    if (in_place()) whole = std::move(chunk);
    if (progress) progress(std::min(secrets_.bytes, (i + 1) * (public_ ? kChunkBytes : kPlainChunk)));
  }
  DOS_ASSIGN(const auto size, source_->size());
  if (size != secrets_.bytes) return changed("the file");
  secrets_.plain = plain.finish();
  commit_ = public_ ? public_commit(secrets_.plain) : content_commit(secrets_);
  if (in_place()) {
    hash_ = crypto::hash(crypto::domain::kData, whole);
    return {};
  }
  DOS_ASSIGN(hash_, ledger::blob_root(manifest_));
  return {};
}

Result<Bytes> SealedStream::chunk(std::uint64_t index) {
  if (index >= chunks()) return in_place() && index == 0 ? Result<Bytes>(Bytes{}) : fail(Errc::usage, "no such chunk");
  DOS_ASSIGN(auto chunk, make_chunk(index, nullptr));
  if (crypto::plain_hash(chunk) != manifest_.chunks[index]) return changed("the file");
  return chunk;
}

Result<fs::Content> content_of(SealedStream& stream, const RingKey* ring, const std::vector<FileReader>& readers, Entropy& entropy) {
  DOS_CHECK(stream.is_public() == (ring == nullptr));
  fs::Content content{.commit = stream.commit(), .is_public = stream.is_public(), .bytes = stream.shown_bytes()};
  if (stream.in_place()) {
    DOS_ASSIGN(content.where, stream.chunk(0));
  } else {
    content.where = stream.blob();
  }
  if (ring == nullptr) return content;
  DOS_ASSIGN(content.sealed_size, seal_size(*ring, stream.hash(), stream.secrets().bytes, entropy));
  DOS_ASSIGN(const auto seal, make_seal(stream.header(), stream.secrets(), *ring, readers, entropy));
  content.seal = codec::encode(seal);
  return content;
}

Result<OpenedStream> OpenedStream::sealed(const Seal& seal, FileSecrets secrets) {
  OpenedStream s;
  s.header_ = header_of(seal, secrets);
  s.header_hash_ = client::header_hash(s.header_);
  s.aead_.emplace(content_cipher(secrets));
  s.secrets_ = std::move(secrets);
  s.commit_ = content_commit(s.secrets_);
  return s;
}

Result<OpenedStream> OpenedStream::open_to_all(std::uint64_t bytes, const Hash& commit) {
  if (bytes > kMaxBlobBytes) return fail(Errc::content_mismatch, "larger than a file may be");
  OpenedStream s;
  s.public_ = true;
  s.header_.padded = s.secrets_.bytes = bytes;
  s.commit_ = commit;
  return s;
}

std::uint64_t OpenedStream::chunks() const { return chunks_of(header_.padded, public_ ? kChunkBytes : kPlainChunk); }

Result<Bytes> OpenedStream::chunk(std::uint64_t index, BytesView ciphertext) const {
  const std::uint64_t step = public_ ? kChunkBytes : kPlainChunk;
  if (index >= chunks()) return fail(Errc::content_mismatch, "there are more chunks than the file has");
  const std::uint64_t begin = index * step, size = std::min(step, header_.padded - begin);
  if (ciphertext.size() != size + (public_ ? 0 : crypto::kAeadTagBytes))
    return fail(Errc::content_mismatch, "chunk " + std::to_string(index) + " has " + std::to_string(ciphertext.size()) + " bytes");
  if (public_) return to_bytes(ciphertext);
  Bytes out(std::size_t(size), 0);
  if (!aead_->open(chunk_nonce(index, index + 1 == chunks()), header_hash_.view(), ciphertext, out))
    return fail(Errc::content_mismatch, "chunk " + std::to_string(index) + " is not what was sealed");
  const std::size_t filled = begin < secrets_.bytes ? std::size_t(std::min(size, secrets_.bytes - begin)) : 0;
  for (std::size_t i = filled; i < out.size(); ++i)
    if (out[i] != 0) return fail(Errc::content_mismatch, "the padding of chunk " + std::to_string(index) + " is not empty");
  out.resize(filled);
  return out;
}

Result<Bytes> OpenedStream::next(BytesView ciphertext) {
  if (public_ && chunks() == 0 && ciphertext.empty()) return Bytes{};  // an empty public file
  DOS_ASSIGN(auto plain, chunk(at_, ciphertext));
  ++at_;
  hasher_.update(plain);
  return plain;
}

Status OpenedStream::finish() const {
  if (at_ != chunks()) return fail(Errc::content_mismatch, std::to_string(at_) + " of " + std::to_string(chunks()) + " chunks came");
  const auto plain = hasher_.finish();
  const bool right = public_ ? public_commit(plain) == commit_ : plain == secrets_.plain;
  if (!right) return fail(Errc::content_mismatch, "the content is not what the entry commits to");
  return {};
}

}  // namespace dos::client
