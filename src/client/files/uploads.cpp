#include "client/files/uploads.hpp"

#include "client/home/private_file.hpp"

namespace dos::client {
namespace {

constexpr std::string_view kMagic = "DOSUPLOAD1";
constexpr std::size_t kMaxRecordBytes = 256;

std::filesystem::path record_file(const Places& places, BytesView target) {
  return places.uploads() / hex(crypto::plain_hash(target).view());
}

}  // namespace

Result<SealedStream> resumable_stream(const Places& places, BytesView target, ByteSource& source, Entropy& entropy,
                                      const SealedStream::Progress& progress) {
  DOS_ASSIGN(const auto size, source.size());
  if (size < kResumableBytes) return SealedStream::sealed(source, ContentKeys::draw(entropy), progress);
  const auto file = record_file(places, target);
  // A record that is absent or damaged, or of another plaintext, costs an upload from the start and nothing else.
  if (auto bytes = read_private(file, kMaxRecordBytes); bytes && starts_with(*bytes, as_bytes(kMagic))) {
    auto record = codec::decode<UploadRecord>(BytesView(*bytes).subspan(kMagic.size()), "an upload record");
    crypto::wipe(*bytes);
    if (record) {
      ContentKeys keys;
      keys.content_id = record->content_id;
      keys.key.bytes = record->key;
      keys.salt = record->salt;
      DOS_ASSIGN(auto stream, SealedStream::sealed(source, std::move(keys), progress));
      if (stream.secrets().plain == record->plain) return stream;
    }
  }
  auto keys = ContentKeys::draw(entropy);
  UploadRecord record;
  record.content_id = keys.content_id;
  record.key = keys.key.bytes;
  record.salt = keys.salt;
  DOS_ASSIGN(auto stream, SealedStream::sealed(source, std::move(keys), progress));
  record.plain = stream.secrets().plain;
  auto bytes = to_bytes(kMagic);
  append(bytes, codec::encode(record));
  auto written = write_private(file, bytes);
  crypto::wipe(bytes);
  if (!written) return std::unexpected(written.error());
  return stream;
}

Status forget_upload(const Places& places, BytesView target) {
  DOS_TRY(remove_file(record_file(places, target)));
  return {};
}

}  // namespace dos::client
