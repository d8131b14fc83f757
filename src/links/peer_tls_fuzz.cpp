// Two ends of one link with somebody between them who cuts, changes, drops and adds bytes, and an end that speaks noise. An end that
// is open knows the other's true key; what it reads is what the other wrote, from the beginning on; untouched bytes always arrive.
#include "base/check.hpp"
#include "crypto/sign.hpp"
#include "links/peer_tls.hpp"
#include "serve/tls_identity.hpp"

namespace {
using namespace dos;
using namespace dos::links;

struct Identity {
  PeerTlsContext context;
  Hash id;
};
const Identity& identity(std::uint8_t n) {
  static const auto make = [](std::uint8_t seed_byte) {
    const Bytes seed(32, seed_byte);
    const auto tls = serve::tls_identity_of(seed, crypto::Suite::classic, "v1");
    DOS_CHECK(tls.has_value());
    auto context = PeerTlsContext::make(*tls, crypto::KeyType::ed25519);
    DOS_CHECK(context.has_value());
    return Identity{std::move(*context), crypto::key_id(crypto::SigningKey::from_seed(crypto::KeyType::ed25519, seed)->public_key())};
  };
  static const Identity all[] = {make(1), make(2)};
  return all[n];
}

struct End {
  PeerTls tls;
  Hash other;
  bool open = false, failed = false;
  Bytes read, wrote;
  End(std::uint8_t self, PeerTls::Side side)
      : tls(identity(self).context, side, [id = identity(1 - self).id](const Hash& key) { return key == id; }),
        other(identity(1 - self).id) {
    if (side == PeerTls::Side::dials) go_on();
  }
  void go_on() {
    if (!open && !failed) {
      const auto p = tls.handshake();
      open = p == PeerTls::Progress::open;
      failed = p == PeerTls::Progress::failed;
      if (open) DOS_CHECK(tls.peer() == other && !tls.refused());
    }
    Bytes buffer(700);
    while (open)
      if (const auto n = tls.read(buffer)) append(read, BytesView(buffer).first(n));
      else break;
    if (failed || tls.ended()) (void)tls.why();
  }
  void take(BytesView bytes) {
    if (bytes.empty()) return;
    tls.feed(bytes);
    go_on();
    tls.feed({});
  }
  void say(BytesView text) {
    if (open && !text.empty() && tls.write(text)) append(wrote, text);
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  BytesView rest(data, size);
  End a(0, PeerTls::Side::dials), b(1, PeerTls::Side::listens);
  bool untouched = true;
  for (int n = 0; n < 60 && rest.size() >= 4; ++n) {
    const std::uint8_t op = rest[0], at = rest[1], high = rest[2], value = rest[3];
    rest = rest.subspan(4);
    End& from = op & 1 ? b : a;
    End& to = op & 1 ? a : b;
    if (op & 2) from.say(rest.first(std::min<std::size_t>(rest.size(), value * 8u)));
    Bytes bytes = std::exchange(from.tls.out(), {});
    if (op >> 2 & 1 && !bytes.empty()) {
      switch (op >> 3 & 3) {
        case 0: bytes[(at | std::size_t(high) << 8) % bytes.size()] ^= std::uint8_t(value | 1); break;
        case 1: bytes.resize((at | std::size_t(high) << 8) % bytes.size()); break;
        case 2: {
          const auto noise = rest.first(std::min<std::size_t>(rest.size(), 1 + value));
          bytes.insert(bytes.begin() + std::ptrdiff_t(at % (bytes.size() + 1)), noise.begin(), noise.end());
          break;
        }
        default: append(bytes, Bytes(bytes));  // all of it twice
      }
      untouched = false;
    }
    if (op & 32) bytes = to_bytes(rest.first(std::min<std::size_t>(rest.size(), value))), untouched = false;
    const std::size_t cut = bytes.empty() ? 0 : at % (bytes.size() + 1);
    if (cut != 0) to.take(BytesView(bytes).first(cut));
    if (cut != bytes.size()) to.take(BytesView(bytes).subspan(cut));
  }
  while (!a.tls.out().empty() || !b.tls.out().empty()) {
    b.take(std::exchange(a.tls.out(), {}));
    a.take(std::exchange(b.tls.out(), {}));
  }
  for (const auto& [reader, writer] : {std::pair(&a, &b), std::pair(&b, &a)}) {
    DOS_CHECK(reader->read.size() <= writer->wrote.size() && starts_with(writer->wrote, reader->read));
    if (untouched) DOS_CHECK(reader->open && !reader->failed && reader->read == writer->wrote);
  }
  return 0;
}
