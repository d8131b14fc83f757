// Uploads to go on with: the keys of a sealed file while its upload is under way, so that starting again gives the same
// ciphertext for the same plaintext and only missing chunks are sent (docs/spec/keys-on-disk.md). Mode 0600, removed after
// success.
#pragma once
#include "client/files/seal_stream.hpp"
#include "client/home/places.hpp"

namespace dos::client {

inline constexpr std::uint64_t kResumableBytes = 1u << 20;  // smaller files start anew

struct UploadRecord {
  Hash plain;  // BLAKE3 of the plaintext
  ByteArray<16> content_id{};
  ByteArray<32> key{};  // of the content
  Hash salt;
  ~UploadRecord() { crypto::wipe(key); }
  DOS_FIELDS(plain, content_id, key, salt);
};

// A sealed stream for `source`, with the recorded keys if an upload of the same plaintext to the same target was begun, else
// with fresh ones, which are recorded. `target` says where it goes, as the caller likes: chain, folder and name. Recorded
// keys never seal another plaintext: nothing leaves before the plaintext's hash is compared.
Result<SealedStream> resumable_stream(const Places& places, BytesView target, ByteSource& source, Entropy& entropy,
                                      const SealedStream::Progress& progress = {});
Status forget_upload(const Places& places, BytesView target);  // after success

}  // namespace dos::client
