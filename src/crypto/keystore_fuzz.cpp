// A key file is refused, or is the one encoding of what was read; nothing is derived from a passphrase here, so that no
// input can cost more than its length.
#include "base/check.hpp"
#include "crypto/keystore.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace dos;
  const BytesView in(data, size);
  Bytes with_magic = to_bytes(crypto::kKeyFileMagic);
  append(with_magic, in);
  for (BytesView file : {in, BytesView(with_magic)})
    if (const auto read = crypto::read_key_file(file)) {
      DOS_CHECK(crypto::check_kdf(read->header.kdf));
      DOS_CHECK(equal(codec::encode(*read), file.subspan(crypto::kKeyFileMagic.size())));
    }
  return 0;
}
