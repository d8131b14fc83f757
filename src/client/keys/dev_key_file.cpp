#include "client/keys/dev_key_file.hpp"

#include "base/check.hpp"

namespace dos::client {
namespace {

constexpr std::string_view kMagic = "DOSDEVKEY1";

}  // namespace

Bytes encode_dev_key(const Identity& identity) {
  DOS_CHECK(identity.development());
  DevKey key;
  key.account = identity.account();
  key.chain = identity.chain();
  key.suite = identity.suite();
  key.index = identity.index();
  std::copy_n(identity.master().data(), kMasterBytes, key.master.data());
  codec::Encoder e;
  e.out.reserve(kMaxDevKeyBytes);  // never grows: no unwiped copy
  e.raw(as_bytes(kMagic));
  codec::write(e, key);
  return std::move(e.out);
}

Result<Identity> decode_dev_key(BytesView file) {
  if (file.size() > kMaxDevKeyBytes || !starts_with(file, as_bytes(kMagic))) return fail(Errc::malformed, "not a development key file");
  codec::Decoder d(file.subspan(kMagic.size()));
  DevKey key;
  codec::read(d, key);
  if (!d.done() || !ledger::valid_account_name(key.account)) return fail(Errc::malformed, "not the encoding of a development key");
  DOS_ASSIGN(auto identity, Identity::from_master(key.account, key.suite, key.master, key.index));
  identity.mark_development(key.chain);
  return identity;
}

}  // namespace dos::client
