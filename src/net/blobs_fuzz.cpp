// Pulling blobs, serving chunks and promising to store, among peers that answer anything: what is in flight stays within its
// limits, no chunk is taken twice, nothing is complete that lacks a chunk, every ask for a promise is answered once; and once
// all is well again everything that was wanted and that an honest peer holds arrives.
#include "net/chunk_server.hpp"
#include "net/fuzz_world.hpp"
#include "net/store_asks.hpp"

using namespace dos;
using namespace dos::net;

namespace {

struct Blob {
  ledger::BlobManifest manifest;
  Hash root;
};
const std::vector<Blob>& blobs() {
  static const auto all = [] {
    std::vector<Blob> out;
    for (std::uint64_t i = 0; i < 8; ++i) {
      Blob b;
      b.manifest.bytes = i == 0 ? 0 : i * i * kChunkBytes / 2 + 1;
      for (std::uint64_t c = 0; c < ledger::chunk_count(b.manifest.bytes); ++c)
        b.manifest.chunks.push_back(crypto::plain_hash(as_bytes(std::to_string(i) + "/" + std::to_string(c))));
      b.root = *ledger::blob_root(b.manifest);
      out.push_back(std::move(b));
    }
    std::ranges::sort(out, {}, &Blob::root);
    return out;
  }();
  return all;
}
const Blob* blob_of(const Hash& root) {
  for (const auto& b : blobs())
    if (b.root == root) return &b;
  return nullptr;
}

struct Node final : BlobTarget, BlobSource, PromiseSigner {
  fuzz::World world;
  std::map<Hash, std::set<std::uint32_t>> have;
  std::set<Hash> complete;
  bool full = false, damaged = false;
  std::map<std::pair<std::uint16_t, std::uint64_t>, int> owed;  // promises asked for, not answered
  BlobPull pull{0, world, world, *this};
  ChunkServer server{world, world, *this};
  StoreDuties duties{world, world, pull, *this};

  Result<std::vector<std::uint32_t>> begin_blob(const Hash& root, const ledger::BlobManifest& manifest) override {
    if (full) return fail(Errc::disk_full, "no room");
    const auto r = ledger::blob_root(manifest);
    DOS_CHECK(r && *r == root);
    std::vector<std::uint32_t> missing;
    for (std::uint32_t i = 0; i < manifest.chunks.size(); ++i)
      if (!have[root].contains(i)) missing.push_back(i);
    return missing;
  }
  Status put_chunk(const Hash& root, std::uint32_t index, BytesView bytes) override {
    if (full) return fail(Errc::busy, "later");
    if (damaged) return fail(Errc::limit, "never");
    const auto* b = blob_of(root);
    if (!b || !equal(bytes, BytesView(b->manifest.chunks.at(index).bytes))) return fail(Errc::content_mismatch, "another chunk");
    DOS_CHECK(have[root].insert(index).second);
    server.chunk_here(root, index);
    return {};
  }
  void blob_complete(const Hash& root) override {
    if (const auto* b = blob_of(root)) DOS_CHECK(have[root].size() == b->manifest.chunks.size());
    complete.insert(root);
    duties.blob_complete(root);
  }
  void blob_given_up(const Hash& root, const Error& why) override { duties.blob_given_up(root, why); }
  bool held(const Hash& root) const {
    const auto* b = blob_of(root);
    const auto at = have.find(root);
    return b && complete.contains(root) &&
           (b->manifest.chunks.empty() || (at != have.end() && at->second.size() == b->manifest.chunks.size()));
  }
  Result<std::optional<ledger::BlobManifest>> manifest_of(const Hash& root) override {
    if (damaged) return fail(Errc::disk, "unreadable");
    return held(root) ? std::optional(blob_of(root)->manifest) : std::nullopt;
  }
  Result<std::optional<Bytes>> chunk_of(const Hash& root, std::uint32_t index) override {
    if (damaged) return fail(Errc::disk, "unreadable");
    const auto* b = blob_of(root);
    if (!b || !have[root].contains(index)) return std::nullopt;
    return std::optional(to_bytes(b->manifest.chunks[index].view()));
  }
  bool holds(const ledger::BlobRef& blob) override { return held(blob.root); }
  void promise(const ledger::StoredPromise&, std::span<const ledger::BlobRef> list, Signed done) override {
    for (const auto& b : list) DOS_CHECK(held(b.root));
    done(crypto::Signature{crypto::KeyType::ed25519, Bytes(64)});
  }

  void check() {
    DOS_CHECK(pull.in_flight() <= kChunksInFlight && pull.wanted_count() <= kMaxWantedBlobs);
    DOS_CHECK(duties.under_way() <= 3 * kMaxStoreDuties);
  }
  // What was sent since: questions of ours are kept to be answered, answers of ours settle what was owed.
  std::vector<std::pair<std::uint16_t, AnyMessage>> asks;
  void sort_sent() {
    for (auto& [to, message] : world.sent) {
      if (const auto* said = std::get_if<StoreSaid>(&message)) DOS_CHECK(owed.erase({to, said->ask}) == 1);
      else if (std::holds_alternative<GetManifest>(message) || std::holds_alternative<GetChunk>(message)) asks.emplace_back(to, message);
      else DOS_CHECK(std::holds_alternative<Manifest>(message) || std::holds_alternative<Chunk>(message));
    }
    world.sent.clear();
  }
  void answer(std::uint16_t from, const AnyMessage& ask, unsigned lie) {  // 0: the truth
    if (const auto* m = std::get_if<GetManifest>(&ask)) {
      const auto* b = blob_of(m->root);
      Manifest said{m->root, b ? std::optional(b->manifest) : std::nullopt};
      if (lie == 1) said.manifest.reset();
      if (lie == 2) said.manifest = blobs()[0].manifest;
      if (lie == 3 && said.manifest) said.manifest->bytes ^= 1;
      pull.received(from, std::move(said));
    } else if (const auto* c = std::get_if<GetChunk>(&ask)) {
      const auto* b = blob_of(c->root);
      Chunk said{c->root, c->index, b ? std::optional(to_bytes(b->manifest.chunks.at(c->index).view())) : std::nullopt};
      if (lie == 1) said.bytes.reset();
      if (lie == 2) said.bytes = Bytes{1};
      if (lie == 3) ++said.index;
      pull.received(from, std::move(said));
    }
  }
};

void step(Node& node, const fuzz::Step& s) {
  const auto& blob = blobs()[s.number % blobs().size()];
  auto& world = node.world;
  switch (s.what % 14) {
    case 0: (void)node.pull.want(blob.root, PullReason(s.number / 8 % 3), s.number & 0x80 ? std::optional(s.who) : std::nullopt); break;
    case 1: (void)node.pull.offered(s.who, {blob.manifest}); break;
    case 2:
      if (auto m = codec::decode<BlobOffer>(s.more)) (void)node.pull.offered(s.who, std::move(*m));
      if (auto m = codec::decode<Manifest>(s.more)) node.pull.received(s.who, std::move(*m));
      if (auto m = codec::decode<Chunk>(s.more)) node.pull.received(s.who, std::move(*m));
      if (auto m = codec::decode<GetChunk>(s.more)) node.server.received(s.who, *m);
      break;
    case 3:
    case 4:
    case 5:
      if (!node.asks.empty()) {
        const auto at = node.asks.begin() + std::ptrdiff_t(s.number % node.asks.size());
        const auto [from, ask] = *at;
        if ((s.what & 0x40) == 0) node.asks.erase(at);  // else it may be answered twice
        node.answer(from, ask, s.what % 14 == 5 ? 1 + s.number % 3 : 0);
      }
      break;
    case 6: {
      if (!world.up.contains(s.who)) break;
      StoreAsk ask{s.number, {}, {}};
      std::vector<Hash> leaves;
      for (std::size_t i = 0; i < blobs().size(); ++i)
        if (s.more.empty() || (s.more[0] >> i & 1)) ask.blobs.push_back({blobs()[i].root, blobs()[i].manifest.bytes});
      for (const auto& b : ask.blobs) leaves.push_back(ledger::stored_leaf(b)), ask.promise.bytes += b.bytes;
      ask.promise.list_root = crypto::merkle_root(crypto::kStoredTree, leaves);
      const bool fresh = node.owed.emplace(std::pair(s.who, ask.ask), 0).second;
      if (!node.duties.received(s.who, std::move(ask)) && fresh) node.owed.erase({s.who, s.number});
      break;
    }
    case 7: node.server.received(s.who, GetManifest{blob.root}); break;
    case 8: node.server.received(s.who, GetChunk{blob.root, std::uint32_t(s.more.empty() ? 0 : s.more[0] % 40), s.number > 127}); break;
    case 9:
      world.up.erase(s.who);
      node.pull.peer_down(s.who), node.server.peer_down(s.who), node.duties.peer_down(s.who);
      std::erase_if(node.asks, [&](const auto& a) { return a.first == s.who; });
      node.sort_sent();
      std::erase_if(node.owed, [&](const auto& o) { return o.first.first == s.who; });
      break;
    case 10:
      if (world.up.insert(s.who).second) node.pull.peer_up(s.who);
      break;
    case 11: world.now += std::uint64_t(s.number) * s.number * 1'000'000; [[fallthrough]];
    case 12: fuzz::wake(world, node.pull), fuzz::wake(world, node.server), fuzz::wake(world, node.duties); break;
    default:
      node.full = s.number & 1;
      node.damaged = (s.number & 6) == 6;
      if (s.number & 8) node.pull.drop_promise(blob.root);
      if (s.number & 16) {  // an upload brought it here
        for (std::uint32_t i = 0; i < blob.manifest.chunks.size(); ++i) node.have[blob.root].insert(i);
        node.complete.insert(blob.root);
        node.pull.here(blob.root);
        node.duties.blob_complete(blob.root);
      }
  }
  node.sort_sent();
  node.check();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Node node;
  BytesView rest(data, size);
  for (int n = 0; n < 400; ++n) {
    const auto s = fuzz::next_step(rest);
    if (!s) break;
    step(node, *s);
  }
  // All is well again: whoever is asked answers with the truth, in time.
  node.full = node.damaged = false;
  for (int round = 0; round < 1000 && (node.pull.wanted_count() > 0 || node.duties.under_way() > 0); ++round) {
    for (auto asks = std::exchange(node.asks, {}); const auto& [from, ask] : asks) node.answer(from, ask, 0);
    node.sort_sent();
    if (!node.asks.empty()) continue;
    std::uint64_t due = node.world.now + 10'000'000'000;
    for (const auto& d : {node.pull.deadline_ns(), node.server.deadline_ns(), node.duties.deadline_ns()})
      due = std::min(due, d.value_or(due));
    node.world.now = std::max(node.world.now, due);
    fuzz::wake(node.world, node.pull), fuzz::wake(node.world, node.server), fuzz::wake(node.world, node.duties);
    node.sort_sent();
    node.check();
  }
  for (const auto& b : blobs()) DOS_CHECK(!node.pull.wanted(b.root));
  DOS_CHECK(node.owed.empty());
  return 0;
}
