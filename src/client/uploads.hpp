// Uploads to go on with: the keys of a sealed file while its upload is under way, so that starting again gives the same
// ciphertext for the same plaintext and only missing chunks are sent. Files of mode 0600, removed after success.
#pragma once
#include "client/places.hpp"
#include "client/seal_stream.hpp"

namespace dos::client {

// `target` names where it goes: chain, folder and name, as the caller likes; `stream` was made with the keys of `keys_for`.
struct UploadKeys {
  ContentKeys keys;
  std::optional<Hash> plain;  // set: recorded for this plaintext; the caller goes on only if stream.secrets().plain is equal
};
// The recorded keys for `target`, else fresh ones. A damaged or foreign record is dropped: the upload then starts anew.
Result<UploadKeys> upload_keys(const Places& places, BytesView target, Entropy& entropy);
// A sealed stream for `source`, going on where an upload of the same plaintext to the same target stopped.
Result<SealedStream> resumable_stream(const Places& places, BytesView target, ByteSource& source, Entropy& entropy,
                                      const SealedStream::Progress& progress = {});
Status forget_upload(const Places& places, BytesView target);  // after success

}  // namespace dos::client
