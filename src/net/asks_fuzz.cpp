// Asking all validators for acknowledgements and storage promises: each asker is answered once, with signatures that hold and nobody
// twice, whatever the peers say and whenever they go.
#include "net/fuzz_world.hpp"
#include "net/store_asks.hpp"
#include "net/tip_asks.hpp"

using namespace dos;
using namespace dos::net;

namespace {

struct Committee {
  std::vector<crypto::SigningKey> keys;
  consensus::ChainFacts facts{Hash{{7}}, Epoch{0}, {}, 0};
  Committee() {
    for (std::uint8_t i = 0; i < 5; ++i) {
      keys.push_back(std::move(*crypto::SigningKey::from_seed(crypto::KeyType::ed25519, Bytes(32, std::uint8_t(i + 1)))));
      facts.validators.members.push_back({"v" + std::to_string(i + 1), 1, keys.back().public_key(), keys.back().public_key(), ""});
    }
  }
};
const Committee& committee() {
  static const Committee c;
  return c;
}
struct NoEntropy final : Entropy {
  void fill(std::span<std::uint8_t> out) override { std::ranges::fill(out, std::uint8_t(1)); }
} no_entropy;

Result<TipSaid> say(std::uint16_t who, std::uint64_t ask, const Hash& nonce_root) {
  TipSaid said{ask, {Epoch{0}, nonce_root, Height{9}}, {}};
  DOS_ASSIGN(said.signature, crypto::sign(committee().keys[who], crypto::domain::kTipAck, committee().facts.chain, said.body, no_entropy));
  return said;
}

struct Asker final : TipSigner {
  fuzz::World world;
  TipAsks tips{committee().facts, world, world, *this};
  StoreAsks stores{committee().facts, world, world};
  std::vector<std::pair<std::uint16_t, AnyMessage>> asks;
  int open = 0;
  std::vector<int> answered;
  Height reached() const override { return Height{7}; }
  Result<TipSaid> say_tip(std::uint64_t ask, const Hash& root) override { return say(0, ask, root); }

  void ask_tip(std::uint8_t number) {
    const Hash nonce{{number}};
    const auto which = answered.size();
    answered.push_back(0);
    const auto asked = tips.ask(nonce, 1 + number, [this, which, nonce](std::vector<ledger::TipAck> acks) {
      DOS_CHECK(++answered[which] == 1);
      int last = -1;
      for (const auto& a : acks) {
        DOS_CHECK(int(a.validator) > last);
        last = a.validator;
        const auto root = crypto::merkle_climb(crypto::kNonceTree, crypto::merkle_leaf(crypto::kNonceTree, nonce.view()), a.path);
        DOS_CHECK(root && *root == a.body.nonce_root);
        DOS_CHECK(crypto::verify(committee().keys[a.validator].public_key(), crypto::domain::kTipAck, committee().facts.chain, a.body,
                                 a.signature));
      }
    });
    DOS_CHECK(asked.has_value());
  }
  void ask_store(std::uint8_t number) {
    const ledger::StoredPromise promise{Epoch{0}, Hash{{number}}, number, TimeMs{1}};
    const auto which = answered.size();
    answered.push_back(0);
    const auto asked = stores.ask(promise, {{Hash{{number}}, number}}, std::nullopt, 1 + number * 20u,
                                  [this, which, promise](std::vector<ledger::StoredSignature> all) {
                                    DOS_CHECK(++answered[which] == 1);
                                    int last = -1;
                                    for (const auto& s : all) {
                                      DOS_CHECK(int(s.validator) > last);
                                      last = s.validator;
                                      DOS_CHECK(crypto::verify(committee().keys[s.validator].public_key(), crypto::domain::kStored,
                                                               committee().facts.chain, promise, s.signature));
                                    }
                                  });
    DOS_CHECK(asked || ++answered[which] == 1);  // busy: not taken, never answered
  }
  void answer(std::uint16_t from, const AnyMessage& ask, unsigned lie) {
    const std::uint16_t signer = lie == 1 ? (from + 1) % 5 : from;
    if (const auto* t = std::get_if<TipAsk>(&ask)) {
      auto said = say(signer, t->ask, t->nonce_root);
      DOS_CHECK(said.has_value());
      if (lie == 2) said->body.fin_voted = Height{1000};
      if (lie == 3) said->ask += 1;
      tips.received(from, std::move(*said));
    } else if (const auto* s = std::get_if<StoreAsk>(&ask)) {
      DOS_CHECK(check_store_ask(*s) || s->blobs.size() == 1);
      StoreSaid said{s->ask, std::uint16_t(lie == 4 ? 7 : 0), {}};
      auto signature = crypto::sign(committee().keys[signer], crypto::domain::kStored, committee().facts.chain, s->promise, no_entropy);
      DOS_CHECK(signature.has_value());
      said.signature = std::move(*signature);
      if (lie == 2) said.signature.bytes[3] ^= 1;
      if (lie == 3) said.ask += 1;
      stores.received(from, std::move(said));
    }
  }
  void sort_sent() {
    for (auto& m : world.sent)
      if (!std::holds_alternative<TipSaid>(m.second)) asks.push_back(std::move(m));
    world.sent.clear();
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Asker a;
  BytesView rest(data, size);
  for (int n = 0; n < 100; ++n) {
    const auto s = fuzz::next_step(rest);
    if (!s) break;
    switch (s->what % 8) {
      case 0: a.ask_tip(s->number); break;
      case 1: a.ask_store(s->number); break;
      case 2:
      case 3:
        if (!a.asks.empty()) {
          const auto at = a.asks.begin() + std::ptrdiff_t(s->number % a.asks.size());
          const auto [from, ask] = *at;
          if ((s->what & 0x40) == 0) a.asks.erase(at);
          a.answer(from, ask, s->what % 8 == 2 ? 0 : 1 + s->number % 4);
        }
        break;
      case 4:
        if (auto m = codec::decode<TipSaid>(s->more)) a.tips.received(s->who, std::move(*m));
        if (auto m = codec::decode<StoreSaid>(s->more)) a.stores.received(s->who, std::move(*m));
        a.tips.received(s->who, TipAsk{s->number, Hash{{s->number}}});
        break;
      case 5:
        a.world.up.erase(s->who);
        a.tips.peer_down(s->who), a.stores.peer_down(s->who);
        break;
      case 6: a.world.up.insert(s->who); break;
      default: a.world.now += std::uint64_t(s->number) * 10'000'000; fuzz::wake(a.world, a.tips), fuzz::wake(a.world, a.stores);
    }
    a.sort_sent();
  }
  for (int i = 0; i < 4; ++i) {
    a.world.now += 10'000'000'000;
    fuzz::wake(a.world, a.tips), fuzz::wake(a.world, a.stores);
  }
  for (const int times : a.answered) DOS_CHECK(times == 1);
  return 0;
}
