// Whole parts over whole links: an upload is pulled along by two nodes, and a chain is caught up with, while links are cut,
// sends are lost and repeated.
#include "net/blob_pull.hpp"
#include "net/block_sync.hpp"
#include "net/chunk_server.hpp"
#include "net/test_net.hpp"

namespace dos::net::test {
namespace {

struct Node final : PeerHandler, BlobTarget, BlobSource, SyncTarget {
  Node(std::uint16_t self, const Committee& c, FakeNetwork& net, FakeClock& clock, Log& log)
      : entropy(self + 1),
        peers({c.facts.chain, &c.facts.validators, self, &c.node_keys[self], "dos/test", ""}, {net.end(self), clock, entropy, log}, *this),
        pull(self, peers, clock, *this),
        server(peers, clock, *this),
        sync(peers, clock, *this) {
    net.end(self).start(peers);
    EXPECT_TRUE(peers.start(Height{0}));
  }
  void wake() {
    peers.wake();
    pull.wake();
    server.wake();
    sync.wake();
  }
  std::optional<std::uint64_t> deadline() const {
    std::optional<std::uint64_t> due;
    for (const auto d : {peers.deadline_ns(), pull.deadline_ns(), server.deadline_ns(), sync.deadline_ns()})
      if (d) due = due ? std::min(*due, *d) : *d;
    return due;
  }

  void peer_up(std::uint16_t peer, Height) override {
    pull.peer_up(peer);
    if (goal.value > 0) sync.catch_up(peer, goal, Height{height});
  }
  void peer_down(std::uint16_t peer) override {
    pull.peer_down(peer);
    server.peer_down(peer);
    sync.peer_down(peer);
  }
  void received(std::uint16_t from, AnyMessage any) override {
    const auto taken = [&](auto& m) {
      if constexpr (requires { take(from, std::move(m)); }) take(from, std::move(m));
    };
    std::visit(taken, any);
  }
  void take(std::uint16_t from, BlobOffer m) { EXPECT_TRUE(pull.offered(from, std::move(m))); }
  void take(std::uint16_t from, GetManifest m) { server.received(from, std::move(m)); }
  void take(std::uint16_t from, Manifest m) { pull.received(from, std::move(m)); }
  void take(std::uint16_t from, GetChunk m) { server.received(from, std::move(m)); }
  void take(std::uint16_t from, Chunk m) { pull.received(from, std::move(m)); }
  void take(std::uint16_t from, Range m) { sync.received(from, std::move(m)); }
  void take(std::uint16_t from, GetRange m) {
    peers.send(from, *answer_range(m, [&](Height h) -> Result<std::optional<FinalBlock>> {
                 if (h.value > height) return std::optional<FinalBlock>{};
                 FinalBlock b;
                 b.anchor.header.height = h;
                 b.payload = Bytes(2000, std::uint8_t(h.value));
                 return std::optional(b);
               }));
  }

  // blobs: one manifest and what is here of it
  std::optional<ledger::BlobManifest> manifest;
  std::map<std::uint32_t, Bytes> chunks;
  bool complete = false;
  Result<std::vector<std::uint32_t>> begin_blob(const Hash&, const ledger::BlobManifest& m) override {
    manifest = m;
    std::vector<std::uint32_t> missing;
    for (std::uint32_t i = 0; i < m.chunks.size(); ++i)
      if (!chunks.contains(i)) missing.push_back(i);
    return missing;
  }
  Status put_chunk(const Hash& root, std::uint32_t index, BytesView bytes) override {
    if (crypto::plain_hash(bytes) != manifest->chunks[index]) return fail(Errc::content_mismatch);
    chunks[index] = to_bytes(bytes);
    server.chunk_here(root, index);
    return {};
  }
  void blob_complete(const Hash&) override { complete = true; }
  void blob_given_up(const Hash&, const Error&) override {}
  Result<std::optional<ledger::BlobManifest>> manifest_of(const Hash&) override { return manifest; }
  Result<std::optional<Bytes>> chunk_of(const Hash&, std::uint32_t index) override {
    const auto at = chunks.find(index);
    return at == chunks.end() ? std::nullopt : std::optional(at->second);
  }

  std::uint64_t height = 0;
  Height goal;
  Status adopt(std::uint16_t, FinalBlock block) override {
    EXPECT_EQ(block.anchor.header.height.value, height + 1);
    ++height;
    return {};
  }

  FakeEntropy entropy;
  Peers peers;
  BlobPull pull;
  ChunkServer server;
  BlockSync sync;
};

struct Trio {
  Committee committee{3};
  FakeClock clock;
  NullLog log;
  FakeNetwork net;
  std::deque<Node> nodes;
  std::mt19937_64 random;
  std::map<std::pair<std::size_t, std::size_t>, LinkId> links;

  explicit Trio(std::uint64_t seed) : net(3, seed), random(seed) {
    for (std::uint16_t i = 0; i < 3; ++i) nodes.emplace_back(i, committee, net, clock, log);
    connect_all();
  }
  void connect_all() {
    for (std::size_t a = 0; a < 3; ++a)
      for (std::size_t b = a + 1; b < 3; ++b) {
        auto& link = links[{a, b}];
        if (link == 0 || !net.is_up(link)) link = net.connect(a, b, committee.node_id(a), committee.node_id(b)).first;
      }
  }
  std::uint64_t cut_ns = 0;  // the next link
  void turn(bool faults) {
    net.lose_percent = faults ? 5 : 0;
    net.repeat_percent = faults ? 5 : 0;
    net.run();
    if (faults && clock.ns >= cut_ns) {  // thrice as often as a link of a peer may come up in the long run
      cut_ns = clock.ns + 1'000'000'000 / (3 * kLinksPerSecond);
      net.cut(std::next(links.begin(), std::ptrdiff_t(random() % links.size()))->second);
    }
    std::uint64_t due = clock.ns + 1'000'000;
    for (const auto& n : nodes)
      if (const auto d = n.deadline()) due = std::min(due, std::max(*d, clock.ns + 1));
    clock.ns = due;
    for (auto& n : nodes) n.wake();
    if (random() % 10 == 0) connect_all();
  }
};

struct Upload {
  ledger::BlobManifest manifest;
  std::vector<Bytes> content;
  Hash root;
};
Upload upload_of(std::uint32_t chunks, std::size_t bytes_of_the_last, std::uint64_t first_byte) {  // each chunk full of another byte
  Upload u;
  for (std::uint32_t i = 0; i < chunks; ++i) {
    u.content.emplace_back(i + 1 == chunks ? bytes_of_the_last : kChunkBytes, std::uint8_t(i + first_byte));
    u.manifest.bytes += u.content.back().size();
    u.manifest.chunks.push_back(crypto::plain_hash(u.content.back()));
  }
  u.root = *ledger::blob_root(u.manifest);
  return u;
}

TEST(Transfer, an_upload_is_on_all_nodes_though_links_fail_and_sends_are_lost) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    Trio t(seed);
    const auto [manifest, content, root] = upload_of(30, 1000, seed);
    t.nodes[0].manifest = manifest;
    t.net.run();
    t.nodes[0].peers.send_all(BlobOffer{manifest});
    t.net.run();
    for (std::uint16_t i = 1; i < 3; ++i) EXPECT_TRUE(t.nodes[i].pull.wanted(root));
    for (int i = 0; i < 60'000 && !(t.nodes[1].complete && t.nodes[2].complete); ++i) {
      if (i % 20 == 0 && t.nodes[0].chunks.size() < content.size()) {
        const auto index = std::uint32_t(t.nodes[0].chunks.size());
        t.nodes[0].chunks[index] = content[index];
        t.nodes[0].server.chunk_here(root, index);
      }
      t.turn(true);
    }
    for (std::uint16_t i = 1; i < 3; ++i) {
      ASSERT_TRUE(t.nodes[i].complete) << "seed " << seed;
      for (std::uint32_t c = 0; c < content.size(); ++c) EXPECT_EQ(t.nodes[i].chunks[c], content[c]);
    }
  }
}

TEST(Transfer, without_faults_an_upload_is_elsewhere_as_soon_as_it_is_here) {
  Trio t(9);
  const auto [manifest, content, root] = upload_of(12, kChunkBytes, 0);
  t.nodes[0].manifest = manifest;
  t.net.run();
  t.nodes[0].peers.send_all(BlobOffer{manifest});
  t.net.run();
  const auto before = t.clock.ns;
  for (std::uint32_t i = 0; i < content.size(); ++i) {
    t.nodes[0].chunks[i] = content[i];
    t.nodes[0].server.chunk_here(root, i);
    t.net.run();
    for (std::uint16_t n = 1; n < 3; ++n) EXPECT_TRUE(t.nodes[n].chunks.contains(i));
  }
  EXPECT_EQ(t.clock.ns, before);  // no timer had a part in it
  EXPECT_TRUE(t.nodes[1].complete && t.nodes[2].complete);
}

TEST(Transfer, a_node_catches_up_though_links_fail_and_sends_are_lost) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    Trio t(seed);
    t.nodes[0].height = t.nodes[1].height = 2000;
    t.net.run();
    t.nodes[2].goal = Height{2000};
    for (std::uint16_t p = 0; p < 2; ++p) t.nodes[2].sync.catch_up(p, Height{2000}, Height{0});
    for (int i = 0; i < 100'000 && t.nodes[2].height < 2000; ++i) {
      t.turn(true);
      if (!t.nodes[2].sync.running())  // as the engine does when it next hears of final blocks
        for (const auto p : t.nodes[2].peers.linked()) t.nodes[2].sync.catch_up(p, Height{2000}, Height{t.nodes[2].height});
    }
    EXPECT_EQ(t.nodes[2].height, 2000u) << "seed " << seed;
  }
}

}  // namespace
}  // namespace dos::net::test
