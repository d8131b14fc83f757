// It says that it has content, by an offer or a question for a promise, as who took it in would: what others are about to store, and what
// nobody has. Who then asks it for a manifest or a chunk is told nothing, or that it has none, or the truth at the last moment.
#include "net/blob_pull.hpp"
#include "sim/liars/haves.hpp"

namespace dos::sim {
namespace {

constexpr std::uint64_t kMostLies = 400;  // claims of one run

class Claimer final : public Liar {
 public:
  Claimer(LiarEdges edges, Random random)
      : e_(edges), random_(random), entropy_(random.fork("entropy")), word_(edges.world, 200 * kMs, 2 * kSecond) {}
  std::vector<Bytes> sent(Machine to, const net::Frame& frame, Bytes whole) override {
    switch (frame.number) {
      case net::MessageOf<net::Manifest>::kNumber: return answer<net::Manifest>(to, frame, std::move(whole), net::kManifestWaitNs);
      case net::MessageOf<net::Chunk>::kNumber: return answer<net::Chunk>(to, frame, std::move(whole), net::kChunkWaitNs);
      default: break;
    }
    if (is_hello(frame)) return {std::move(whole)};
    for (; known_ < e_.world.known_content.size(); ++known_)
      for (Machine other = 0; other < e_.world.plan.validators(); ++other)
        if (other != e_.machine) claim(other, e_.world.known_content[known_]);
    if (word_.due(to, random_)) claim(to, made_up());
    return {std::move(whole)};
  }

 private:
  static void empty(net::Manifest& m) { m.manifest.reset(); }
  static void empty(net::Chunk& m) { m.bytes.reset(); }
  template <class T>
  std::vector<Bytes> answer(Machine to, const net::Frame& frame, Bytes whole, SimTime patience) {
    e_.world.counters.count(FaultKind::liar_claimed);
    switch (random_.below(4)) {
      case 0: break;
      case 1:
        if (auto m = codec::decode<T>(frame.body)) {
          empty(*m);
          if (auto none = net::encode_frame(*m)) return {std::move(*none)};
        }
        break;
      default:
        e_.world.schedule.after(just_within(e_.world, e_.machine, to, patience),
                                [this, to, whole = std::move(whole)] { e_.world.net.inject(e_.machine, to, whole); });
        break;
    }
    return {};
  }
  ledger::BlobManifest made_up() {
    ledger::BlobManifest m;
    m.chunks.resize(random_.between(1, 8));
    for (auto& c : m.chunks) entropy_.fill(c.bytes);
    m.bytes = m.chunks.size() * kChunkBytes;
    return m;
  }
  void claim(Machine to, const ledger::BlobManifest& manifest) {
    const auto root = ledger::blob_root(manifest);
    if (!root || lies_ >= kMostLies) return;
    ++lies_;
    net::StoreAsk ask;
    ask.ask = random_();
    ask.blobs = {{*root, manifest.bytes}};
    const auto leaf = ledger::stored_leaf(ask.blobs[0]);
    ask.promise.bytes = manifest.bytes;
    ask.promise.list_root = crypto::merkle_root(crypto::kStoredTree, std::span<const Hash>(&leaf, 1));
    const bool offers = random_.below(3) != 0, asks = !offers || random_.below(2) == 0;
    const auto offer = net::encode_frame(net::BlobOffer{manifest});
    const auto asked = net::encode_frame(ask);
    if (!offer || !asked) return;
    e_.world.counters.count(FaultKind::liar_claimed);
    e_.world.schedule.after(0, [this, to, offer = offers ? *offer : Bytes{}, asked = asks ? *asked : Bytes{}] {
      for (const auto* bytes : {&offer, &asked})
        if (!bytes->empty()) e_.world.net.inject(e_.machine, to, *bytes);
    });
  }

  LiarEdges e_;
  Random random_;
  SimEntropy entropy_;
  AtTimes word_;
  std::size_t known_ = 0;
  std::uint64_t lies_ = 0;
};

}  // namespace

std::unique_ptr<Liar> make_claimer(LiarEdges edges, Random random) { return std::make_unique<Claimer>(edges, random); }

}  // namespace dos::sim
