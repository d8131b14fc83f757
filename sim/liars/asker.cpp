// Questions without end, each of which costs the asked one more than the asker: ranges, blocks, chunks, promises, acknowledgements,
// claims of addresses. And answers that nobody asked for. What it aims at is the others' time.
#include "sim/liars/floods.hpp"

namespace dos::sim {
namespace {

constexpr std::uint64_t kMostBursts = 60;  // of one run: they are what takes its time
constexpr std::uint64_t kQuestions = 11, kAnswers = 4;  // kinds of them

class Asker final : public Liar {
 public:
  Asker(LiarEdges edges, Random random) : e_(edges), random_(random), entropy_(random.fork("entropy")) {}
  std::vector<Bytes> sent(Machine, const net::Frame& frame, Bytes whole) override {
    for (const auto& vote : votes_in(frame))
      for (const auto& item : vote.ballot.items)
        if (item.kind != ledger::VoteKind::null) seen_ = item.id;
    std::vector<Bytes> out{std::move(whole)};
    if (is_hello(frame) || bursts_ >= kMostBursts || random_.below(10) != 0) return out;
    ++bursts_;
    const auto kind = random_.below(kQuestions + kAnswers);
    const bool large = kind == 4 || kind == 7 || kind >= kQuestions;
    for (std::uint64_t n = large ? 8 : random_.between(20, 200); n > 0; --n) {
      auto encoded = kind < kQuestions ? question(kind) : answer(kind - kQuestions);
      if (!encoded) continue;
      e_.world.counters.count(kind < kQuestions ? FaultKind::liar_asked : FaultKind::liar_answered);
      out.push_back(std::move(*encoded));
    }
    return out;
  }

 private:
  Hash drawn() {
    Hash h;
    entropy_.fill(h.bytes);
    return h;
  }
  Hash block() { return random_.below(2) == 0 ? seen_ : drawn(); }
  Result<Bytes> question(std::uint64_t kind) {
    switch (kind) {
      case 0: return net::encode_frame(net::GetRange{Height{random_.between(1, 40)}, kMaxRangeBlocks});
      case 1: return net::encode_frame(net::GetBlock{block()});
      case 2: {
        net::GetTransactions ask{block(), {}};
        for (std::uint32_t i = 0, n = std::uint32_t(random_.between(1, 2'000)); i < n; ++i) ask.places.push_back(i);
        return net::encode_frame(ask);
      }
      case 3: return net::encode_frame(net::TipAsk{random_(), drawn()});
      case 4: return net::encode_frame(promise());
      case 5: return net::encode_frame(net::GetManifest{drawn()});
      case 6: return net::encode_frame(net::GetChunk{drawn(), std::uint32_t(random_.below(9)), true});
      case 7: return net::encode_frame(offer());
      case 8: return net::encode_frame(addresses());
      case 9: {
        consensus::Have have{Epoch{0}, {}};
        for (int i = 0; i < 64; ++i) have.certificates.push_back({ledger::VoteKind::notar, View{random_.below(200)}, drawn(), Hash{}});
        return net::encode_frame(have);
      }
      default: return net::encode_frame(consensus::SignedAsk{Epoch{0}, drawn()});
    }
  }
  Result<Bytes> answer(std::uint64_t kind) {
    const Bytes content(random_.between(1, 20'000), std::uint8_t(random_()));
    switch (kind) {
      case 0: {
        net::Range range{Height{random_.between(1, 40)}, {}};
        range.blocks.resize(random_.between(1, kMaxRangeBlocks));
        for (auto& b : range.blocks) b.payload = content;
        return net::encode_frame(range);
      }
      case 1: return net::encode_frame(net::Chunk{drawn(), std::uint32_t(random_.below(9)), content});
      case 2: return net::encode_frame(net::Manifest{drawn(), offer().manifest});
      default: return net::encode_frame(net::BlockFrame{{}, content});
    }
  }
  net::StoreAsk promise() {
    net::StoreAsk ask;
    ask.ask = random_();
    for (int i = 0; i < 256; ++i) ask.blobs.push_back({drawn(), random_.between(1, 1 << 20)});
    std::ranges::sort(ask.blobs, {}, [](const auto& b) { return b.root; });
    std::vector<Hash> leaves;
    for (const auto& b : ask.blobs) {
      leaves.push_back(ledger::stored_leaf(b));
      ask.promise.bytes += b.bytes;
    }
    ask.promise.list_root = crypto::merkle_root(crypto::kStoredTree, leaves);
    return ask;
  }
  net::BlobOffer offer() {
    net::BlobOffer offer;
    offer.manifest.chunks.resize(random_.between(1, 64));
    for (auto& c : offer.manifest.chunks) c = drawn();
    offer.manifest.bytes = offer.manifest.chunks.size() * kChunkBytes;
    return offer;
  }
  // One's own claim, newer each time, as often as a frame has room for; or a single one that is right.
  net::Addresses addresses() {
    net::Addresses all;
    for (std::uint64_t n = random_.below(2) == 0 ? 1 : 256; n > 0; --n) {
      net::SignedAddress a{
          {std::uint16_t(e_.validator), "v" + std::to_string(e_.validator + 1) + ":7000", TimeMs{1'900'000'000'000 + ++claims_}}, {}};
      if (auto s = crypto::sign(e_.setting.node_keys[e_.validator], crypto::domain::kAddress, e_.setting.chain, a.claim, entropy_))
        a.signature = std::move(*s);
      all.addresses.push_back(std::move(a));
    }
    return all;
  }

  LiarEdges e_;
  Random random_;
  SimEntropy entropy_;
  Hash seen_;
  std::uint64_t bursts_ = 0, claims_ = 0;
};

}  // namespace

std::unique_ptr<Liar> make_asker(LiarEdges edges, Random random) { return std::make_unique<Asker>(edges, random); }

}  // namespace dos::sim
