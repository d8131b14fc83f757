#include "replica/replica.hpp"

#include <algorithm>

#include "base/version.hpp"
#include "net/peers.hpp"
#include "net/tip_asks.hpp"
#include "replica/content_service.hpp"
#include "replica/ordering.hpp"
#include "replica/router.hpp"

namespace dos::replica {
namespace {

constexpr std::uint64_t kExpireEveryNs = 1'000'000'000;
constexpr std::uint64_t kLateMs = 5'000;  // other validators' clocks: what is older than that by ours is in no block of theirs

// The addresses that this node was told win over those of the genesis.
ledger::ValidatorSet addressed(ledger::ValidatorSet set, const std::map<std::string, std::string>& peers) {
  for (auto& m : set.members)
    if (const auto it = peers.find(m.name); it != peers.end()) m.address = it->second;
  return set;
}

}  // namespace

struct Replica::Parts final : net::PeerHandler, net::TipSigner, OrderingEvents {
  struct TipWait {  // acknowledged further than this node is: their blocks are on their way
    Height height;
    std::uint64_t due_ns = 0;
    std::vector<ledger::TipAck> acks;
    std::function<void(Result<ledger::TipAnswer>)> done;
  };

  Parts(ReplicaConfig c, std::unique_ptr<chain::Chain> opened, const crypto::SigningKey& vote, const crypto::SigningKey& node,
        ReplicaEdges e, ReplicaEvents& ev)
      : config(std::move(c)),
        chain(std::move(opened)),
        set(addressed(chain->facts().validators, config.peers)),
        vote_key(vote),
        edges(e),
        events(ev),
        peers({chain->facts().chain, &set, chain->facts().voter, &node, std::string("dosd ") + kVersion, config.listen},
              {e.transport, e.chain.clock, e.chain.entropy, e.chain.log}, *this),
        desk(*chain, config.pool, e.chain.clock, peers, config.gossip_wait_ns,
             [this](const Hash& txid, const Error& why) { events.refused(txid, why); }),
        content(chain->facts(), chain->content(), vote, e.chain, peers, {config.room, config.aside}),
        tips(chain->facts(), peers, e.chain.clock, *this) {}

  std::uint64_t now() const { return edges.chain.clock.monotonic_ns(); }
  bool alone() const { return set.members.size() == 1; }

  // ---- net::PeerHandler
  void peer_up(std::uint16_t peer, Height height) override {
    desk.peer_up(peer);
    content.peer_up(peer);
    ordering->peer_up(peer, height);
  }
  void peer_down(std::uint16_t peer) override {
    desk.peer_down(peer);
    content.peer_down(peer);
    tips.peer_down(peer);
    ordering->peer_down(peer);
  }
  void received(std::uint16_t from, net::AnyMessage message) override { router.pass(from, std::move(message)); }

  // Every message has its part, before the first link comes up.
  Status share_out() {
    router.call<net::Gossip>([this](std::uint16_t from, net::Gossip m) {
      const auto before = desk.added();
      const auto taken = desk.received(from, std::move(m));
      if (desk.added() != before) ordering->demand();  // else a leader would look through its pool once more for nothing
      return taken;
    });
    router.to<net::TipAsk, net::TipSaid>(tips);
    ordering->take_messages(router);
    content.take_messages(router);
    return router.whole();
  }

  // ---- net::TipSigner
  Result<net::TipSaid> say_tip(std::uint64_t ask, const Hash& nonce_root) override {
    const auto engine = ordering->status();
    if (!engine.acks) return fail(Errc::not_ready, engine.why_not);  // it does not know how far its key has voted
    net::TipSaid said{ask, {chain->facts().epoch, nonce_root, std::max(engine.fin_voted, chain->tip().height)}, {}};
    DOS_ASSIGN(said.signature, crypto::sign(vote_key, crypto::domain::kTipAck, chain->facts().chain, said.body, edges.chain.entropy));
    return said;
  }

  Height reached() const override { return chain->tip().height; }

  // ---- OrderingEvents
  void committed(chain::MadeBlock made) override {
    std::vector<Included> mine;
    for (std::uint32_t i = 0; i < made.receipts.size(); ++i)
      if (desk.finish(made.receipts[i].txid)) mine.push_back({made.receipts[i].txid, i});
    desk.block_final();
    peers.final_height(made.anchor.header.height);
    content.want_missing();
    events.final_block(made, mine);
    tips.block_final();
    answer_tips();
  }
  void punish(std::uint16_t peer, const std::string& why) override { peers.punish(peer, why); }
  void stopped(const Error& why) override {
    halted = true;
    events.halted(why);
  }

  // ---- freshness
  void tip_acked(std::vector<ledger::TipAck> acks, std::uint64_t due_ns, std::function<void(Result<ledger::TipAnswer>)> done) {
    // The least height up to which a strong set says that there is nothing above: this node should be there when it answers.
    std::vector<std::pair<Height, std::uint64_t>> said;
    for (const auto& a : acks) said.emplace_back(a.body.fin_voted, set.members[a.validator].weight);
    std::sort(said.begin(), said.end());
    Height need = said.empty() ? Height{0} : said.back().first;
    std::uint64_t weight = 0;
    for (const auto& [height, w] : said)
      if (ledger::strong(weight += w, set.total())) {
        need = height;
        break;
      }
    tip_waits.push_back({need, due_ns, std::move(acks), std::move(done)});
    answer_tips();
  }
  void answer_tips() {
    const auto at = now();
    std::vector<TipWait> ready;
    std::erase_if(tip_waits, [&](TipWait& w) {
      if (w.height > chain->tip().height && at < w.due_ns && !halted) return false;
      ready.push_back(std::move(w));
      return true;
    });
    for (auto& w : ready) {
      std::optional<ledger::Anchor> anchor;
      {
        const chain::ReadHold hold(chain->finals().lock());
        anchor = chain->finals().anchor();
      }
      if (anchor) w.done(ledger::TipAnswer{std::move(*anchor), std::move(w.acks)});
      else w.done(fail(Errc::not_ready, "no block is final yet"));
    }
  }

  // ---- what is kept for others
  QueueSizes queues() const {
    QueueSizes all;
    const auto n = set.members.size();
    const auto put = [&](Queue q, net::Peers::Held held, std::uint64_t most_entries, std::uint64_t most_bytes) {
      all[q] = {held.entries, held.bytes, most_entries, most_bytes};
    };
    ordering->measure(all);
    content.measure(all);
    put(Queue::questions, peers.questions(), n * net::kMaxHeldQuestions, n * net::kMaxHeldQuestionBytes);
    put(Queue::owed, peers.owed(), n * net::kAnswerKinds * net::kMaxOwed, 0);
    put(Queue::half_read, peers.half_read(), n * net::kMaxLinksPerPeer, n * net::kMaxLinksPerPeer * 4ull * kMaxFrameBytes);
    put(Queue::held_back, peers.held_back(), 0, n * net::kMaxLinksPerPeer * net::kMaxHeldBytes);
    put(Queue::unsent, peers.unsent(), n * net::kMaxLinksPerPeer, n * net::kMaxLinksPerPeer * kMaxLinkQueueBytes);
    put(Queue::pool, {desk.pool().count(), desk.pool().bytes()}, config.pool.count, config.pool.bytes);
    put(Queue::gossip, {desk.gossip().known(), desk.gossip().waiting_bytes()}, net::kMaxGossipKnown, 0);
    put(Queue::tip_asks, {tips.waiting() + tip_waits.size(), 0}, 0, 0);
    return all;
  }

  // ---- the pool's clock
  void expire() {
    if (desk.pool().count() == 0) return;
    const auto wall = edges.chain.clock.wall_ms();
    const TimeMs over{std::max(chain->tip().time.value, alone() ? wall : wall - std::min(wall, kLateMs))};
    desk.expire(over);
  }

  ReplicaConfig config;
  std::unique_ptr<chain::Chain> chain;
  ledger::ValidatorSet set;  // with the addresses that this node was told
  const crypto::SigningKey& vote_key;
  ReplicaEdges edges;
  ReplicaEvents& events;
  Router router{[this](std::uint16_t peer, const std::string& why) { punish(peer, why); }};
  net::Peers peers;
  TransactionDesk desk;
  ContentService content;
  net::TipAsks tips;
  std::unique_ptr<Ordering> ordering;
  std::vector<TipWait> tip_waits;
  std::uint64_t expire_ns = 0;
  bool halted = false;
};

Replica::Replica(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Replica::~Replica() = default;

Result<std::unique_ptr<Replica>> Replica::open(ReplicaConfig config, chain::ChainDisks disks, const crypto::SigningKey& vote_key,
                                               const crypto::SigningKey& node_key, ReplicaEdges edges, ReplicaEvents& events) {
  DOS_ASSIGN(auto chain, chain::Chain::open(std::move(config.chain), disks, vote_key.public_key(), edges.chain, std::move(config.sharing)));
  if (chain->facts().validators.members[chain->facts().voter].node_key != node_key.public_key())
    return fail(Errc::no_key, "node.key is not the node key of this validator in the genesis");
  const auto timing = config.timing;
  const bool key_unused = config.key_unused;
  auto parts = std::make_unique<Parts>(std::move(config), std::move(chain), vote_key, node_key, edges, events);
  auto& p = *parts;
  DOS_ASSIGN(p.ordering, Ordering::make(*p.chain, p.desk, vote_key, timing, key_unused, edges.chain, p.peers, p));
  DOS_TRY(p.share_out());
  return std::unique_ptr<Replica>(new Replica(std::move(parts)));
}

void Replica::start() {
  auto& p = *parts_;
  p.ordering->start();
  if (p.halted) return;
  p.content.want_missing();
  if (auto started = p.peers.start(p.chain->tip().height); !started) return p.stopped(started.error());
  p.edges.transport.start(*this);
}

void Replica::wake() {
  auto& p = *parts_;
  if (p.halted) return;
  p.ordering->wake_ranges();  // before other questions: who pulls content must not starve its own catching up
  p.peers.wake();
  p.desk.wake();
  p.content.wake();
  p.tips.wake();
  p.answer_tips();
  if (const auto at = p.now(); at >= p.expire_ns) {
    p.expire_ns = at + kExpireEveryNs;
    p.expire();
  }
  p.ordering->wake();
  if (p.content.failure() && !p.halted) p.stopped(*p.content.failure());
}

std::optional<std::uint64_t> Replica::wakeup_ns() const {
  const auto& p = *parts_;
  if (p.halted) return std::nullopt;
  std::optional<std::uint64_t> first;
  const auto earlier = [&](std::optional<std::uint64_t> at) {
    if (at && (!first || *at < *first)) first = at;
  };
  for (const auto at :
       {p.peers.deadline_ns(), p.desk.deadline_ns(), p.content.deadline_ns(), p.tips.deadline_ns(), p.ordering->deadline_ns()})
    earlier(at);
  for (const auto& w : p.tip_waits) earlier(w.due_ns);
  if (p.desk.pool().count() > 0) earlier(p.expire_ns);
  return first;
}

void Replica::link_up(LinkId link, const Hash& peer) {
  if (!parts_->halted) parts_->peers.link_up(link, peer);
}
void Replica::link_bytes(LinkId link, BytesView bytes) {
  if (!parts_->halted) parts_->peers.link_bytes(link, bytes);
}
void Replica::link_down(LinkId link) {
  if (!parts_->halted) parts_->peers.link_down(link);
}

std::vector<Status> Replica::submit(std::vector<PoolEntry> entries, const std::function<void(std::size_t place)>& taken) {
  auto& p = *parts_;
  std::vector<Status> answers;
  const auto before = p.desk.added();
  for (auto& entry : entries) {
    answers.push_back(p.halted ? fail(Errc::not_ready, "the node stopped") : p.desk.submit(std::move(entry)));
    if (answers.back() && taken) taken(answers.size() - 1);
  }
  if (!p.halted && p.desk.added() != before) p.ordering->demand();
  return answers;
}

void Replica::ask_tip(const Hash& nonce, std::uint64_t timeout_ms, std::function<void(Result<ledger::TipAnswer>)> done,
                      std::function<void(std::size_t asked, std::size_t sharing)> begun) {
  auto& p = *parts_;
  const auto due = p.now() + timeout_ms * 1'000'000;
  auto shared = std::make_shared<std::function<void(Result<ledger::TipAnswer>)>>(std::move(done));
  auto asked = p.tips.ask(
      nonce, timeout_ms,
      [this, due, shared](std::vector<ledger::TipAck> acks) { parts_->tip_acked(std::move(acks), due, std::move(*shared)); },
      std::move(begun));
  if (!asked) (*shared)(std::unexpected(asked.error()));
}

void Replica::ask_stored(std::vector<ledger::BlobRef> blobs, std::uint64_t timeout_ms,
                         std::function<void(Result<ledger::StoredAnswer>)> done, const std::function<Status()>& pay) {
  parts_->content.ask_stored(std::move(blobs), timeout_ms, std::move(done), pay);
}

void Replica::upload_begun() { parts_->content.upload_begun(); }

void Replica::chunk_here(const Hash& root, std::uint32_t index) { parts_->content.chunk_here(root, index); }
Standing Replica::standing(const Hash& txid) const { return parts_->desk.standing(txid); }

chain::Chain& Replica::chain() { return *parts_->chain; }

ReplicaStatus Replica::status() const {
  const auto& p = *parts_;
  ReplicaStatus s;
  s.engine = p.ordering->status();
  s.tip = p.chain->tip();
  s.linked.assign(p.set.members.size(), false);
  for (const auto peer : p.peers.linked()) s.linked[peer] = true;
  s.linked[p.chain->facts().voter] = true;
  s.catching_up = p.ordering->catching_up();
  s.pool_count = p.desk.pool().count();
  s.pool_bytes = p.desk.pool().bytes();
  s.pool_payers = p.desk.pool().payers();
  s.pool_bare_keys = p.desk.pool().bare_keys();
  s.pool_refused = p.desk.refused();
  s.demands = p.ordering->demands();
  s.missing_blobs = p.chain->content().missing_count();
  s.work = p.chain->counters();
  s.queues = p.queues();
  return s;
}

Status Replica::checkpoint() { return parts_->halted ? Status{} : parts_->ordering->checkpoint(); }
std::vector<Hash> Replica::drain() {
  std::vector<Hash> all;
  for (const auto& entry : parts_->desk.pool().drain()) all.push_back(entry->txid);
  return all;
}

}  // namespace dos::replica
