// Bytes from a peer: cut into slices by the input itself, through the frame reader into the dispatcher. Nothing crashes, what
// is handed up is within its limits and has one encoding, memory stays within what arrived.
#include <cstdlib>

#include <algorithm>

#include "net/message_table.hpp"
#include "net/peers.hpp"

using namespace dos;
using namespace dos::net;

namespace {

struct Edges final : Transport, Clock, Entropy, Log {
  void start(LinkEvents&) override {}
  void keep_linked(std::vector<PeerAddress>) override {}
  void send(LinkId, Bytes) override {}
  std::uint64_t queued_bytes(LinkId) const override { return 0; }
  void close(LinkId) override {}
  std::uint64_t wall_ms() override { return 1'700'000'000'000; }
  std::uint64_t monotonic_ns() override { return now; }
  void fill(std::span<std::uint8_t> out) override { std::ranges::fill(out, std::uint8_t(7)); }
  void write(LogLevel, std::string_view, std::string_view) override {}
  std::uint64_t now = 1;
};

struct Checking final : PeerHandler {
  BytesView sent;  // the body last framed
  void peer_up(std::uint16_t, Height) override {}
  void peer_down(std::uint16_t) override {}
  void received(std::uint16_t from, AnyMessage any) override {
    std::visit([&](const auto& message) { look(from, message); }, any);
  }
  void look(std::uint16_t, const std::monostate&) { std::abort(); }
  void look(std::uint16_t from, const consensus::EngineMessage& message) {
    if (from != 1 || !of_engine(message.kind) || !equal(message.body, sent)) std::abort();
  }
  template <class M>
  void look(std::uint16_t from, const M& message) {
    if (from != 1 || !check_limits(message)) std::abort();
    if (!equal(codec::encode(message), sent)) std::abort();
  }
};

// Asks for what is about to come: else an answer would not be looked at.
template <class Question>
void ask(Peers& peers, std::uint16_t answer, BytesView body, std::size_t key_bytes) {
  Hash id;
  BytesView key = body.first(std::min(key_bytes, body.size()));
  if (answer == MessageOf<BlockFrame>::kNumber) {
    codec::Decoder d(body);
    ledger::Header header;
    codec::read(d, header);
    id = ledger::block_id(header);
    key = id.view();
  }
  Bytes question = to_bytes(key);
  question.resize(codec::encode(Question{}).size());
  if (auto q = codec::decode<Question>(question)) peers.send(1, *q);
}

void ask_for(Peers& peers, std::uint16_t answer, BytesView body) {
#define DOS_ROW(Question, Answer, key) \
  if (answer == MessageOf<Answer>::kNumber) ask<Question>(peers, answer, body, key);
  DOS_NET_ANSWERS(DOS_ROW)
#undef DOS_ROW
  if (answer == kEngineAnswer)
    peers.send(1, consensus::EngineMessage(kEngineQuestion, to_bytes(body.first(std::min(kEngineKeyBytes, body.size())))));
}

const ledger::ValidatorSet& validators() {
  static const ledger::ValidatorSet set = [] {
    ledger::ValidatorSet s;
    for (int i = 0; i < 2; ++i) {
      const auto key = *crypto::SigningKey::from_seed(crypto::KeyType::ed25519, Bytes(32, std::uint8_t(i + 1)));
      s.members.push_back({"v" + std::to_string(i + 1), 1, key.public_key(), key.public_key(), ""});
    }
    return s;
  }();
  return set;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 3) return 0;
  const BytesView in(data, size);
  // The stream as it is.
  FrameReader reader;
  std::size_t arrived = 0;
  for (BytesView rest = in; !rest.empty();) {
    auto slice = rest.first(std::min<std::size_t>(rest.size(), 1 + data[0]));
    rest = rest.subspan(slice.size());
    arrived += slice.size();
    bool lost = false;
    while (!slice.empty() && !lost) {
      const auto frame = reader.read(slice);
      lost = !frame;
      if (frame && !*frame) break;
    }
    if (lost) break;
    if (reader.held_bytes() > std::max<std::size_t>(2 * arrived, 64 * 1024)) std::abort();
  }
  // Well-formed frames with bodies from the input: u8 row, u8 length.
  Edges edges;
  Checking handler;
  const auto key = *crypto::SigningKey::from_seed(crypto::KeyType::ed25519, Bytes(32, 1));
  Peers peers({Hash{}, &validators(), 0, &key, "fuzz", ""}, {edges, edges, edges, edges}, handler);
  peers.link_up(1, crypto::key_id(validators().members[1].node_key));
  Hello hello;
  hello.validator = 1;
  peers.link_bytes(1, *encode_frame(hello));
  for (BytesView rest = in; rest.size() >= 2;) {
    const auto& row = message_rows()[rest[0] % message_rows().size()];
    const std::size_t bytes = std::min<std::size_t>({rest.size() - 2, std::size_t(rest[1]) * 8, row.max_bytes});
    handler.sent = rest.subspan(2, bytes);
    if (rest[1] % 4 != 0) ask_for(peers, row.number, handler.sent);
    peers.link_bytes(1, encode_frame(row.number, handler.sent));
    rest = rest.subspan(2 + bytes);
    edges.now += 1'000'000;
    peers.wake();
  }
  return 0;
}
