// For tests: replicas in one thread, on folders of their own, over links and a clock of memory. Everything arrives, in order,
// after a tenth of a millisecond, unless the test takes a link or a replica away. No clock and no randomness of the machine: a test
// has one outcome.
#pragma once
#include <deque>

#include "chain/test_genesis.hpp"
#include "replica/replica.hpp"
#include "replica/transaction_desk.hpp"
#include "tests/support/fixed_entropy.hpp"

namespace dos::replica::testnet {

using namespace chain::testnet;

struct ManualClock final : Clock {
  std::uint64_t wall_ms() override { return 1'800'000'000'000 + ns / 1'000'000; }
  std::uint64_t monotonic_ns() override { return ns; }
  std::uint64_t ns = 1'000'000'000;
};

class Cluster {
 public:
  struct Machine;
  struct Links final : Transport {
    Cluster* cluster = nullptr;
    std::size_t own = 0;
    LinkEvents* events = nullptr;
    std::map<LinkId, std::size_t> links;  // to whom
    void start(LinkEvents& e) override { events = &e; }
    void keep_linked(std::vector<PeerAddress>) override {}
    void send(LinkId link, Bytes bytes) override {
      if (const auto it = links.find(link); it != links.end()) cluster->carry(own, it->second, link, std::move(bytes));
    }
    std::uint64_t queued_bytes(LinkId) const override { return 0; }
    void close(LinkId link) override {
      if (const auto it = links.find(link); it != links.end()) cluster->unlink(own, it->second, false);
    }
  };
  struct Machine final : ReplicaEvents {
    std::unique_ptr<Disk> state, journal, archive, blobs, code;
    Links links;
    std::unique_ptr<Replica> replica;
    std::vector<chain::MadeBlock> made;
    std::size_t mine = 0;
    std::optional<Error> stopped;
    void final_block(const chain::MadeBlock& m, const std::vector<Included>& own) override {
      made.push_back(m);
      mine += own.size();
    }
    void refused(const Hash&, const Error& why) override { last_refusal = why; }
    void halted(const Error& why) override { stopped = why; }
    std::optional<Error> last_refusal;
  };

  explicit Cluster(std::size_t n) : machines(n) {
    genesis = make_genesis();
    genesis.time = TimeMs{clock.wall_ms() - 1000};
    genesis.salt = crypto::plain_hash(as_bytes("cluster"));  // who leads follows from it
    genesis.validators.members.clear();
    for (std::size_t i = 0; i < n; ++i)
      genesis.validators.members.push_back({name(i), 1, key_of(name(i)).public_key(), node_key(i).public_key(), ""});
    chain = ledger::genesis_hash(genesis);
    for (std::size_t i = 0; i < n; ++i) {  // before any replica refers to them
      votes.push_back(key_of(name(i)));
      nodes.push_back(node_key(i));
    }
    for (std::size_t i = 0; i < n; ++i) start(i, true);
    for (std::size_t a = 0; a < n; ++a)
      for (std::size_t b = a + 1; b < n; ++b) link(a, b);
  }

  static std::string name(std::size_t i) { return "v" + std::to_string(i + 1); }
  static crypto::SigningKey node_key(std::size_t i) { return key_of("n" + std::to_string(i + 1), crypto::KeyType::ml_dsa_65); }

  void start(std::size_t i, bool first = false) {
    auto& m = machines[i];
    const auto root = folder.path + "/" + name(i);
    m.state = std::move(*os::open_posix_disk(root + "/state"));
    m.journal = std::move(*os::open_posix_disk(root + "/journal"));
    m.archive = std::move(*os::open_posix_disk(root + "/archive"));
    m.blobs = std::move(*os::open_posix_disk(root + "/blobs"));
    m.code = std::move(*os::open_posix_disk(code_folder()));
    m.links = {};
    m.links.cluster = this;
    m.links.own = i;
    ReplicaConfig config;
    config.chain.genesis = codec::encode(genesis);
    config.chain.modules = os::modules_in(DOS_TEST_MODULES);
    config.chain.rules = syscalls::system_rules();
    config.chain.code_key = code_key();
    config.chain.engine = engine;
    config.chain.checkpoint.bytes = checkpoint_bytes;
    config.key_unused = first;
    config.aside = [this](auto work, auto then) {
      if (slow_disk) waiting_work.emplace_back(std::move(work), std::move(then));
      else then(work());
    };
    auto opened = Replica::open(std::move(config), {*m.state, *m.journal, *m.archive, *m.blobs, *m.code}, votes[i], nodes[i],
                                {{clock, entropy, log}, m.links}, m);
    if (!opened) throw std::runtime_error(opened.error().detail);
    m.replica = std::move(*opened);
    m.stopped.reset();
    m.replica->start();
  }
  // As a power cut would: nothing is told to anybody, and nothing is written.
  void kill(std::size_t i) {
    for (std::size_t other = 0; other < machines.size(); ++other)
      if (other != i) unlink(i, other, true);
    std::erase_if(wire_, [i](const auto& w) { return w.to == i; });
    machines[i].replica.reset();
  }
  void link(std::size_t a, std::size_t b) {
    if (!machines[a].replica || !machines[b].replica) return;
    const LinkId at_a = ++last_link_, at_b = ++last_link_;
    machines[a].links.links[at_a] = b;
    machines[b].links.links[at_b] = a;
    ends_[{a, b}] = {at_a, at_b};
    machines[a].replica->link_up(at_a, crypto::key_id(nodes[b].public_key()));
    machines[b].replica->link_up(at_b, crypto::key_id(nodes[a].public_key()));
  }
  void link_all(std::size_t i) {
    for (std::size_t other = 0; other < machines.size(); ++other)
      if (other != i) link(std::min(i, other), std::max(i, other));
  }
  void unlink(std::size_t a, std::size_t b, bool tell_a) {
    const bool swapped = a > b;
    const auto it = ends_.find({std::min(a, b), std::max(a, b)});
    if (it == ends_.end()) return;
    const auto [low, high] = it->second;
    const LinkId at_a = swapped ? high : low, at_b = swapped ? low : high;
    ends_.erase(it);
    machines[a].links.links.erase(at_a);
    machines[b].links.links.erase(at_b);
    std::erase_if(wire_, [&](const auto& w) { return w.link == at_a || w.link == at_b; });
    if (tell_a && machines[a].replica) machines[a].replica->link_down(at_a);
    if (machines[b].replica) machines[b].replica->link_down(at_b);
  }

  // Until `done` or for so many milliseconds; whether it was done.
  bool run(std::uint64_t ms, const std::function<bool()>& done) {
    const auto end = clock.ns + ms * 1'000'000;
    while (clock.ns < end) {
      if (done()) return true;
      clock.ns += 100'000;
      auto arriving = std::exchange(wire_, {});
      while (!arriving.empty()) {
        auto w = std::move(arriving.front());
        arriving.pop_front();
        auto& m = machines[w.to];
        if (m.replica && m.links.links.contains(w.link)) m.replica->link_bytes(w.link, w.bytes);
      }
      bool idle = wire_.empty();
      for (auto& m : machines) {
        if (!m.replica) continue;
        const auto at = m.replica->wakeup_ns();
        if (at && *at <= clock.ns) m.replica->wake(), idle = false;
      }
      if (!idle) continue;
      std::uint64_t next = end;
      for (auto& m : machines)
        if (m.replica)
          if (const auto at = m.replica->wakeup_ns()) next = std::min(next, *at);
      if (wire_.empty()) clock.ns = std::max(clock.ns, next);
    }
    return done();
  }
  bool all_at(std::uint64_t height) {
    for (auto& m : machines)
      if (m.replica && m.replica->chain().tip().height.value < height) return false;
    return true;
  }
  PoolEntry pay(std::uint64_t micro, std::size_t at) {
    ledger::Transaction t;
    t.chain = chain;
    t.sender = {ledger::AccountSender{"alice", "active"}};
    t.valid_until = TimeMs{clock.wall_ms() + 60'000 + paid_++};  // two of one millisecond and amount are not the same transaction
    t.limits = {Gas{2'000'000}, 8'000, Credits{0}};
    t.calls.push_back({ledger::kCreditModule, credit::kPay, {ledger::Literal{codec::encode(credit::Pay{"alice", "bob", Credits{micro}})}}});
    t.access = {{ledger::Debit{ledger::purse_key("alice"), Credits{micro}}},
                {ledger::Deposit{ledger::purse_key("bob")}},
                {ledger::Read{ledger::account_key("bob"), std::nullopt}}};
    const auto key = key_of("alice");
    const auto txid = ledger::txid(t);
    ledger::SigWitness w{"", crypto::key_id(key.public_key()),
                         *crypto::sign(key, crypto::domain::kSignTx, chain, ledger::TxToSign{txid}, entropy)};
    ledger::SignedTransaction tx{std::move(t), {{std::move(w)}}};
    auto& c = machines[at].replica->chain();
    auto entry = Admission(c, clock).admit(codec::encode(tx), tx, txid);
    if (!entry) throw std::runtime_error(entry.error().detail);
    return std::move(*entry);
  }
  std::uint64_t balance(std::size_t at, const std::string& who) {
    auto& c = machines[at].replica->chain();
    const chain::WriteHold hold(c.finals().lock());
    return codec::decode<ledger::Purse>((*c.finals().store().view().get(ledger::purse_key(who)))->data)->balance.value;
  }
  Hash root(std::size_t at) {
    auto& c = machines[at].replica->chain();
    const chain::WriteHold hold(c.finals().lock());
    return c.finals().store().root();
  }

  Folder folder;
  ManualClock clock;
  dos::test::CountingEntropy entropy;
  QuietLog log;
  ledger::Genesis genesis;
  Hash chain;
  std::uint64_t checkpoint_bytes = 16ull << 20;
  const consensus::EngineRow* engine = nullptr;  // that of the genesis
  bool slow_disk = false;  // content that goes to the disk waits until the test does it
  std::deque<std::pair<std::move_only_function<Status()>, std::move_only_function<void(Status)>>> waiting_work;
  std::vector<crypto::SigningKey> votes, nodes;
  std::vector<Machine> machines;

 private:
  struct Wire {
    std::size_t to;
    LinkId link;  // at the receiver
    Bytes bytes;
  };
  void carry(std::size_t from, std::size_t to, LinkId link, Bytes bytes) {
    const auto& [low, high] = ends_.at({std::min(from, to), std::max(from, to)});
    wire_.push_back({to, link == low ? high : low, std::move(bytes)});
  }
  std::deque<Wire> wire_;
  std::map<std::pair<std::size_t, std::size_t>, std::pair<LinkId, LinkId>> ends_;
  LinkId last_link_ = 0;
  std::uint64_t paid_ = 0;
};

}  // namespace dos::replica::testnet
