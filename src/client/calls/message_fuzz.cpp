// No box but the one that was sealed opens as a message.
#include "base/check.hpp"
#include "client/calls/message.hpp"
#include "client/test_entropy.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace dos;
  using namespace dos::client;
  TestEntropy entropy;
  const auto bob = Identity::from_master("bob", crypto::Suite::classic, Bytes(32, 1));
  DOS_CHECK(bob);
  const auto sent = seal_message("alice", "bob", account_of(*bob), "hello", entropy);
  DOS_CHECK(sent);
  const msg::MessageMeta meta{"alice", sent->id, TimeMs{1}, sent->key_epoch, sent->size_class};
  Bytes box = sent->box;
  for (std::size_t i = 0; i < size; ++i) box[i % box.size()] ^= data[i];
  if (open_message(*bob, meta, box)) DOS_CHECK(box == sent->box);
  if (open_message(*bob, meta, BytesView(data, size))) DOS_CHECK(equal(BytesView(data, size), sent->box));
  return 0;
}
