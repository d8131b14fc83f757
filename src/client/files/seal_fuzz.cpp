// No seal but the one that was made gives a file's secrets, and no chunk but its own opens.
#include "base/check.hpp"
#include "client/files/seal_stream.hpp"
#include "client/test_entropy.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace dos;
  using namespace dos::client;
  TestEntropy entropy;
  const Bytes plain(100, 7);
  MemorySource source(plain);
  RingKey ring{{}, 1, crypto::Secret(32)};
  auto stream = SealedStream::sealed(source, ContentKeys::draw(entropy));
  DOS_CHECK(stream);
  const auto content = content_of(*stream, &ring, {}, entropy);
  DOS_CHECK(content);
  Bytes changed = content->seal;
  for (std::size_t i = 0; i < size; ++i) changed[i % changed.size()] ^= data[i];
  for (BytesView in : {BytesView(changed), BytesView(data, size)}) {
    const auto seal = decode_seal(in);
    if (!seal) continue;
    DOS_CHECK(equal(codec::encode(*seal), in));
    if (open_seal(*seal, ring, content->commit)) DOS_CHECK(equal(seal->wrapped, decode_seal(content->seal)->wrapped));
  }
  Bytes chunk = std::get<Bytes>(content->where);
  const Bytes real = chunk;
  for (std::size_t i = 0; i < size; ++i) chunk[i % chunk.size()] ^= data[i];
  const auto seal = decode_seal(content->seal);
  DOS_CHECK(seal);
  auto secrets = open_seal(*seal, ring, content->commit);
  DOS_CHECK(secrets);
  const auto opened = OpenedStream::sealed(*seal, std::move(*secrets));
  if (opened->chunk(0, chunk)) DOS_CHECK(chunk == real);
  DOS_CHECK(!opened->chunk(0, BytesView(data, size)) || equal(BytesView(data, size), real));
  if (size == kSealedSizeBytes) (void)open_size(ring, stream->hash(), BytesView(data, size));
  return 0;
}
