// N engines in one thread on a fake clock, with a caller as simple as can be: payloads are lists of numbers, a block's result
// is a hash over its parent's and its own id, journals are vectors of records. Everything an engine may be given happens by a
// seed: delay, loss, duplication, reordering, cuts, power loss, lost disks. What must never happen is checked at every output.
// Tests only.
#pragma once
#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <set>

#include "consensus/leader.hpp"
#include "consensus/make_simplex.hpp"
#include "consensus/test_node.hpp"
#include "consensus/test_votes_heard.hpp"
#include "consensus/vote_pool.hpp"
#include "consensus/votes.hpp"

namespace dos::consensus::test {

constexpr std::uint64_t kMs = 1'000'000;

// Sees all that engines take and give, in order (tests/model judges it).
struct Watcher {
  virtual ~Watcher() = default;
  virtual void begins(const ChainFacts& facts, const Tip& genesis) = 0;
  virtual void started(std::uint16_t i, const EngineSetup& setup) = 0;
  virtual void takes(std::uint16_t i, const Input& input, std::uint64_t now_ns, std::uint64_t wall_ms) = 0;
  virtual void gives(std::uint16_t i, const Output& output) = 0;  // carried out; a Persist: written
  virtual void rests(std::uint16_t i, const EngineStatus& status) = 0;
  virtual void released(std::uint16_t i, const std::vector<EngineRecord>& journal) = 0;  // this is left of it
};

struct ClusterOptions {
  std::vector<std::uint64_t> weights{1, 1, 1, 1};
  std::uint64_t seed = 1;
  std::uint64_t delay_min_ns = 200'000, delay_max_ns = 300'000;
  std::uint64_t loss = 0, twice = 0;       // of a thousand
  std::uint64_t execute_ns = 100'000;
  std::uint64_t max_unfinal_views = kMaxUnfinalViews, max_unfinal_bytes = kMaxUnfinalBytes;
  bool gossip = true;                      // a transaction reaches all validators
  std::set<std::uint16_t> liars;           // have no engine; tests sign for them
  crypto::KeyType keys = crypto::KeyType::ed25519;
  Watcher* watcher = nullptr;
};

class Cluster {
 public:
  using Options = ClusterOptions;
  using Node = ClusterNode;
  using FinalBlock = test::FinalBlock;

  explicit Cluster(Options options = {}) : options_(std::move(options)), random_(options_.seed) {
    const auto n = options_.weights.size();
    for (std::size_t i = 0; i < n; ++i) {
      const auto seed = crypto::plain_hash(as_bytes("validator " + std::to_string(i)));
      keys_.push_back(std::move(*crypto::SigningKey::from_seed(options_.keys, seed.view())));
      facts_.validators.members.push_back(
          {"v" + std::to_string(i + 1), options_.weights[i], keys_[i].public_key(), keys_[i].public_key(), {}});
    }
    facts_.chain = crypto::plain_hash(as_bytes("chain " + std::to_string(options_.seed)));
    genesis_ = {Height{0}, facts_.chain, crypto::plain_hash(as_bytes("genesis")), TimeMs{1000}, View{0}};
    nodes_.resize(n);
    cut_.assign(n, std::vector<bool>(n, false));
    if (options_.watcher) options_.watcher->begins(facts_, genesis_);
    for (std::uint16_t i = 0; i < n; ++i)
      if (!liar(i)) start(i);
  }

  // ---- what tests do
  std::size_t size() const { return nodes_.size(); }
  Node& node(std::uint16_t i) { return nodes_[i]; }
  EngineStatus status(std::uint16_t i) { return nodes_[i].engine->status(); }
  bool liar(std::uint16_t i) const { return options_.liars.contains(i); }
  std::uint64_t now() const { return now_; }
  Options& options() { return options_; }
  Random& random() { return random_; }
  const ChainFacts& facts() const { return facts_; }
  const Tip& genesis() const { return genesis_; }
  std::uint16_t leader(std::uint64_t view) const { return leader_of(facts_.validators, facts_.chain, View{view}); }

  void start(std::uint16_t i) {
    auto& n = nodes_[i];
    EngineSetup setup;
    setup.facts = facts_;
    setup.facts.voter = i;
    setup.key = &keys_[i];
    setup.timing.max_unfinal_views = options_.max_unfinal_views, setup.timing.max_unfinal_bytes = options_.max_unfinal_bytes;
    setup.records = n.journal;
    setup.journal_intact = n.intact, setup.sound_from = n.sound_from;
    ++n.boots;
    setup.key_unused = n.unused;
    n.unused = false;
    setup.tip = genesis_;
    restore_blocks(n);
    if (!n.finals.empty()) {
      const auto& f = n.finals.back();
      setup.tip = {f.header.height, ledger::block_id(f.header), f.result, f.header.time, f.header.view};
      setup.tip_proof = f.proof;
    }
    if (options_.watcher) options_.watcher->started(i, setup);
    n.entropy = std::make_unique<TestEntropy>(options_.seed * 1000 + i * 100 + n.boots);
    n.stopped.clear();
    n.inbox.clear();
    n.told_once = false;
    auto engine = make_simplex(std::move(setup), *n.entropy);
    ASSERT_TRUE(engine) << engine.error().detail;
    n.engine = std::move(*engine);
    n.up = true;
    give(i, Start{});
    for (std::uint16_t j = 0; j < size(); ++j)
      if (j != i && nodes_[j].up && !cut_[i][j]) {
        at(now_ + delay(), [this, i, j] {
          if (nodes_[i].up && nodes_[j].up) give(i, PeerUp{j});
        });
        at(now_ + delay(), [this, i, j] {
          if (nodes_[i].up && nodes_[j].up) give(j, PeerUp{i});
        });
      }
    tell_demand(i);
  }
  void power_off(std::uint16_t i) {
    nodes_[i].up = false;
    nodes_[i].engine.reset();
  }
  void lose_disk(std::uint16_t i) {  // keeps its keys
    auto& n = nodes_[i];
    n.journal.clear();
    n.headers.clear();
    n.served.clear();
    n.payloads.clear();
    n.results.clear();
    n.finals.clear();
    n.archived = 0;
    n.signed_high = {};
  }
  // What the journal says is also elsewhere: only the live records stay in it.
  void checkpoint(std::uint16_t i) {
    auto& n = nodes_[i];
    n.archived = n.finals.size();
    auto live = n.engine->live_records();
    n.journal.clear();
    write(n, live, {});
    for (const auto& r : live)
      if (r.kind == RecordKind::proposal) {
        const auto id = ledger::block_id(codec::decode<Proposal>(r.bytes)->header);
        n.journal.push_back(encode_contents(id, r.height, n.payloads.at(id)));
      }
    if (options_.watcher) options_.watcher->released(i, n.journal);
  }
  void cut(std::uint16_t a, std::uint16_t b) { cut_[a][b] = cut_[b][a] = true; }
  void isolate(std::uint16_t a) {
    for (std::uint16_t b = 0; b < size(); ++b)
      if (b != a) cut(a, b);
  }
  void heal() {
    for (std::uint16_t a = 0; a < size(); ++a)
      for (std::uint16_t b = 0; b < size(); ++b) {
        if (!cut_[a][b]) continue;
        cut_[a][b] = false;
        at(now_ + delay(), [this, a, b] {
          if (nodes_[a].up && !liar(b)) give(a, PeerUp{b});
        });
      }
  }
  std::uint64_t submit(std::uint16_t i) {
    const std::uint64_t tx = ++next_tx_;
    for (std::uint16_t j = 0; j < size(); ++j) {
      if (liar(j) || (j != i && (!options_.gossip || cut_[i][j]))) continue;
      if (j == i) add_to_pool(j, tx);  // pools outlive their nodes here: clients ask again
      else at(now_ + delay(), [this, j, tx] { add_to_pool(j, tx); });
    }
    return tx;
  }
  void ask_block(std::uint16_t i) {
    nodes_[i].wants_block = true;
    tell_demand(i);
  }
  void run_for(std::uint64_t ns) {
    const auto until = now_ + ns;
    while (step(until)) {}
    now_ = until;
  }
  bool run_until(const std::function<bool()>& done, std::uint64_t ns) {
    const auto until = now_ + ns;
    while (!done())
      if (!step(until)) {
        now_ = until;
        return done();
      }
    return true;
  }
  std::uint64_t height(std::uint16_t i) const { return nodes_[i].finals.size(); }
  std::uint64_t least_height() const {
    std::uint64_t least = UINT64_MAX;
    for (std::uint16_t i = 0; i < size(); ++i)
      if (!liar(i) && nodes_[i].up) least = std::min<std::uint64_t>(least, height(i));
    return least;
  }
  bool is_final(std::uint16_t i, std::uint64_t tx) const {
    for (const auto& f : nodes_[i].finals)
      if (const auto txs = txs_of_.find(f.header.payload.payload_hash); txs != txs_of_.end())
        if (std::find(txs->second.begin(), txs->second.end(), tx) != txs->second.end()) return true;
    return false;
  }
  bool idle() const {
    for (const auto& n : nodes_)
      if (n.up && n.engine->deadline_ns()) return false;
    return true;
  }

  // ---- what liars do
  ledger::Vote vote(std::uint16_t voter, std::vector<ledger::VoteItem> items) {
    TestEntropy entropy(++vote_seed_);
    auto v = make_vote(facts_.chain, facts_.epoch, voter, keys_[voter], std::move(items), entropy);
    EXPECT_TRUE(v);
    return *v;
  }
  // A block of the liar on a parent, whose payload carries these numbers.
  Proposal propose(std::uint16_t voter, View view, const ledger::Header* parent, const Hash& parent_result,
                   const std::vector<std::uint64_t>& txs, bool valid = true) {
    Proposal p;
    auto& h = p.header;
    h.chain = facts_.chain;
    h.height = Height{parent ? parent->height.value + 1 : 1};
    h.parent = parent ? ledger::block_id(*parent) : genesis_.id;
    h.time = TimeMs{std::max((parent ? parent->time.value : genesis_.time.value) + 1, 1'000'000 + now_ / kMs)};
    h.proposer = voter;
    h.parent_result = parent_result;
    h.valset = h.next_valset = ledger::valset_hash(facts_.validators);
    h.view = view;
    h.parent_view = parent ? parent->view : View{0};
    if (!valid) h.params = crypto::plain_hash(as_bytes("wrong"));
    set_payload(h, txs);
    p.vote = vote(voter, {{ledger::VoteKind::notar, view, ledger::block_id(h), Hash{}}});
    return p;
  }
  Bytes payload_of(const ledger::Header& h) const { return bytes_of_.at(h.payload.payload_hash); }
  // Bytes on the liar's own link.
  void say(std::uint16_t from, std::uint16_t to, Message message, bool with_payload = true) {
    send(from, to, std::move(message), with_payload);
  }
  void later(std::uint64_t ns, std::function<void()> run) { at(now_ + ns, std::move(run)); }
  void say_all(std::uint16_t from, const Message& message) {
    for (std::uint16_t to = 0; to < size(); ++to)
      if (!liar(to)) send(from, to, message);
  }
  // Called for every message that honest nodes send; true: the network swallows it.
  std::function<bool(std::uint16_t from, std::uint16_t to, const Message&)> swallow;
  std::function<void(std::uint16_t to, std::uint16_t from, const Message&)> liar_hears;
  // At a Fetch or CatchUp from a liar nothing comes; nor from a node with an engine at a Fetch, while this says so.
  std::function<bool(std::uint16_t holder)> keeps_blocks;

  Hash result_of(const ledger::Header& h) const {
    codec::Encoder e;
    codec::write(e, h.parent_result);
    codec::write(e, ledger::block_id(h));
    return crypto::plain_hash(e.out);
  }
  std::function<Hash(std::uint16_t node, const ledger::Header&)> wrong_result;  // a node that computes differently

  void give(std::uint16_t i, Input input) {
    auto& n = nodes_[i];
    if (!n.up) return;
    n.inbox.push_back(std::move(input));
    if (giving_.contains(i)) return;  // it is being served
    giving_.insert(i);
    while (n.up && !n.inbox.empty()) {
      auto next = std::move(n.inbox.front());
      n.inbox.pop_front();
      ++n.steps;
      if (options_.watcher) options_.watcher->takes(i, next, now_, wall(i));
      apply(i, n.engine->step(now_, wall(i), std::move(next)));
      if (options_.watcher && n.up) options_.watcher->rests(i, n.engine->status());
    }
    giving_.erase(i);
  }

  // Every vote that went out, by voter, view and kind: what P6 is checked against.
  const VotesHeard::All& votes_heard() const { return heard_.all(); }
  const std::vector<Hash>& final_chain() const { return chain_; }

 private:
  struct Event {
    std::uint64_t at, number;
    std::function<void()> run;
    bool operator>(const Event& o) const { return std::tie(at, number) > std::tie(o.at, o.number); }
  };

  std::uint64_t wall(std::uint16_t i) const { return 1'000'000 + now_ / kMs + nodes_[i].wall_skew_ms; }
  std::uint64_t delay() { return options_.delay_min_ns + random_.below(options_.delay_max_ns - options_.delay_min_ns + 1); }
  void at(std::uint64_t when, std::function<void()> run) { events_.emplace(std::pair(when, event_number_++), std::move(run)); }
  bool step(std::uint64_t until) {
    std::optional<std::uint16_t> ticking;
    std::uint64_t next = events_.empty() ? UINT64_MAX : events_.begin()->first.first;
    for (std::uint16_t i = 0; i < size(); ++i)
      if (nodes_[i].up)
        if (const auto d = nodes_[i].engine->deadline_ns(); d && *d < next) {
          next = *d;
          ticking = i;
        }
    if (next > until || next == UINT64_MAX) return false;
    now_ = std::max(now_, next);
    if (ticking) {
      give(*ticking, Tick{});
      const auto again = nodes_[*ticking].up ? nodes_[*ticking].engine->deadline_ns() : std::nullopt;
      EXPECT_TRUE(!again || *again > now_) << "a deadline that its own tick does not move";
      if (again && *again <= now_) ++now_;
      return true;
    }
    auto run = std::move(events_.begin()->second);
    events_.erase(events_.begin());
    run();
    return true;
  }

  void send(std::uint16_t from, std::uint16_t to, Message message, bool with_payload = true) {
    if (cut_[from][to]) return;
    if (liar(to)) {
      if (liar_hears) liar_hears(to, from, message);
      return;
    }
    if (swallow && swallow(from, to, message)) return;
    const int copies = random_.chance(options_.loss) ? 0 : random_.chance(options_.twice) ? 2 : 1;
    for (int c = 0; c < copies; ++c) {
      // What was sent crosses the wire as bytes.
      auto bytes = codec::encode(message);
      std::optional<Bytes> payload;
      if (const auto* p = std::get_if<Proposal>(&message); p != nullptr && with_payload)
        payload = bytes_of_.at(p->header.payload.payload_hash);
      at(now_ + delay(), [this, from, to, bytes = std::move(bytes), payload = std::move(payload)] {
        if (!nodes_[to].up || cut_[from][to]) return;
        auto message = codec::decode<Message>(bytes);
        ASSERT_TRUE(message);
        std::optional<Proposal> proposal;
        if (auto* p = std::get_if<Proposal>(&*message)) proposal = *p;
        if (proposal) learn(to, *proposal);
        give(to, Received{from, said(*message)});
        if (proposal && payload) hold(to, proposal->header, *payload);
      });
    }
  }
  void learn(std::uint16_t i, const Proposal& p) {
    const Hash id = ledger::block_id(p.header);
    nodes_[i].served.insert_or_assign(id, p);
    if (p.header.height.value > nodes_[i].finals.size()) nodes_[i].headers.emplace(id, p);
  }
  void hold(std::uint16_t i, const ledger::Header& h, const Bytes& payload) {
    auto& n = nodes_[i];
    if (!n.up) return;
    const Hash id = ledger::block_id(h);
    n.payloads[id] = payload;
    give(i, PayloadReady{id, h.payload.payload_hash == ledger::payload_hash(payload)});
    tell_demand(i);
  }
  void set_payload(ledger::Header& h, const std::vector<std::uint64_t>& txs, std::size_t pad = 0) {
    codec::Encoder e;
    codec::write(e, txs);
    e.out.resize(e.out.size() + pad);
    h.payload = {std::uint32_t(e.out.size()), ledger::payload_hash(e.out), Hash{}};
    h.tx_root = txs.empty() ? ledger::tx_root({}) : crypto::plain_hash(e.out);
    txs_of_[h.payload.payload_hash] = txs;
    bytes_of_[h.payload.payload_hash] = e.out;
  }

  void add_to_pool(std::uint16_t i, std::uint64_t tx) {
    if (!is_final(i, tx)) nodes_[i].pool.insert(tx);
    tell_demand(i, true);
  }
  void tell_demand(std::uint16_t i, bool again = false) {
    auto& n = nodes_[i];
    if (!n.up) return;
    const Demand demand{!n.pool.empty(), n.wants_block};
    if (!again && n.told_once && demand.pending == n.told.pending && demand.block == n.told.block) return;
    n.told = demand;
    n.told_once = true;
    give(i, demand);
  }

  void write(Node& n, const std::vector<EngineRecord>& records, const std::vector<Hash>& payloads) {
    for (const auto& r : records) {
      n.journal.push_back(r);
      if (r.kind == RecordKind::vote) wrote(n, *codec::decode<ledger::Vote>(r.bytes));
      if (r.kind == RecordKind::proposal) wrote(n, codec::decode<Proposal>(r.bytes)->vote);
    }
    for (const auto& id : payloads) {
      ASSERT_TRUE(n.payloads.contains(id)) << "asked to write a payload that is not held";
      n.journal.push_back(encode_contents(id, Height{0}, n.payloads.at(id)));
    }
  }
  void wrote(Node& n, const ledger::Vote& vote) {
    n.durable_votes.insert(vote.signature.bytes);
    if (&n == &nodes_[vote.ballot.voter])
      for (const auto& item : vote.ballot.items) n.signed_high = std::max(n.signed_high, item.view);
  }
  // As a node would: what the journal proves final is final, the rest is held for the engine.
  void restore_blocks(Node& n) {
    n.headers.clear();
    n.payloads.clear();
    n.results.clear();
    n.finals.resize(std::min(n.finals.size(), n.archived));
    const auto read = read_blocks(n.journal, simplex_readable);
    ASSERT_TRUE(read) << read.error().detail;
    for (const auto& [id, block] : read->blocks) {
      n.headers.emplace(id, block.proposal);
      n.served.insert_or_assign(id, block.proposal);
      n.payloads.emplace(id, block.payload);
    }
    if (!read->finals.empty() && read->finals.rbegin()->first > n.finals.size()) {
      const auto& proof = read->finals.rbegin()->second;
      std::vector<ledger::Header> path;
      for (Hash id = proof.form.item.id; id != genesis_.id && (n.finals.empty() || id != ledger::block_id(n.finals.back().header));) {
        const auto block = read->blocks.find(id);
        if (block == read->blocks.end()) return;  // it was adopted: fetched again
        path.push_back(block->second.proposal.header);
        id = path.back().parent;
      }
      for (auto h = path.rbegin(); h != path.rend(); ++h) n.finals.push_back({*h, result_of(*h), proof});
    }
  }

  void record_final(std::uint16_t i, const ledger::Header& h, const Hash& result, const FinalityProof& proof) {
    auto& n = nodes_[i];
    const Hash id = ledger::block_id(h);
    ASSERT_EQ(h.height.value, n.finals.size() + 1) << "node " << i << " skips a height";
    ASSERT_EQ(h.parent, n.finals.empty() ? genesis_.id : ledger::block_id(n.finals.back().header));
    if (chain_.size() < h.height.value) chain_.push_back(id);
    ASSERT_EQ(chain_[h.height.value - 1], id) << "two blocks are final at height " << h.height.value;
    n.finals.push_back({h, result, proof});
    for (const auto tx : txs_of_[h.payload.payload_hash]) n.pool.erase(tx);
    n.wants_block = false;
  }

  void apply(std::uint16_t i, Outputs outputs) {
    auto& n = nodes_[i];
    for (auto& output : outputs) {
      if (!n.up) return;
      const bool persists = std::holds_alternative<Persist>(output);
      if (options_.watcher && !persists) options_.watcher->gives(i, output);
      if (auto* o = std::get_if<Persist>(&output)) {
        ++n.persists;
        const bool dies = n.crash_in && (*n.crash_in)-- == 0;
        if (dies) n.crash_in.reset();
        if (!dies || n.crash_after) {
          write(n, o->records, o->payloads);
          if (options_.watcher) options_.watcher->gives(i, output);
        }
        if (dies) return power_off(i);
      } else if (auto* o = std::get_if<Send>(&output)) {
        if (const auto* p = std::get_if<Proposal>(&o->message)) {
          heard_.sends(i, n, p->vote, true);
          EXPECT_TRUE(n.payloads.contains(ledger::block_id(p->header))) << "node " << i << " proposes a block whose payload is not here";
          n.served.insert_or_assign(ledger::block_id(p->header), *p);
        }
        if (const auto v = heard_as<Votes>(o->message))
          for (const auto& vote : v->votes) heard_.sends(i, n, vote, false);
        for (std::uint16_t to = 0; to < size(); ++to)
          if (to != i && (o->to == to || o->to == Send::kEverybody)) send(i, to, *read_message(o->message));
      } else if (auto* o = std::get_if<Build>(&output)) {
        ++n.builds;
        build(i, *o);
      } else if (auto* o = std::get_if<Proposed>(&output)) {
        learn(i, {o->header, {}});
        n.payloads[o->id] = bytes_of_.at(o->header.payload.payload_hash);
        tell_demand(i);
      } else if (auto* o = std::get_if<Fetch>(&output)) {
        ++n.fetches;
        fetch(i, *o);
      } else if (auto* o = std::get_if<Execute>(&output)) {
        execute(i, o->id);
      } else if (auto* o = std::get_if<Finalize>(&output)) {
        EXPECT_TRUE(simplex_verifier().judge(facts_.chain, facts_.validators, o->proof));
        EXPECT_EQ(simplex_verifier().named(o->proof).id, o->ids.back());
        for (const auto& id : o->ids) {
          ASSERT_TRUE(n.results.contains(id)) << "final before it was executed";
          const auto header = n.headers.at(id).header;
          record_final(i, header, n.results.at(id), o->proof);
          n.headers.erase(id);
        }
        tell_demand(i);
      } else if (auto* o = std::get_if<CatchUp>(&output)) {
        ++n.catch_ups;
        catch_up(i, *o);
      } else if (auto* o = std::get_if<Drop>(&output)) {
        for (const auto& id : o->ids) {
          n.headers.erase(id);
          n.results.erase(id);
        }
        tell_demand(i);
      } else if (auto* o = std::get_if<Unload>(&output)) {
        for (const auto& id : o->ids) {
          ++n.unloads;
          EXPECT_EQ(n.payloads.erase(id), 1u) << "asked to let go of a payload that is not held";
          n.results.erase(id);
        }
      } else if (auto* o = std::get_if<Misbehaviour>(&output)) {
        EXPECT_TRUE(liar(o->voter)) << "evidence against an honest validator";
        for (const auto* vote : {&o->first, &o->second})
          EXPECT_TRUE(check_vote(facts_.chain, facts_.epoch, facts_.validators, *codec::decode<ledger::Vote>(*vote)));
        n.evidence.push_back(*o);
      } else if (auto* o = std::get_if<Punish>(&output)) {
        EXPECT_TRUE(liar(o->peer)) << "an honest peer is punished: " << o->why;
        n.punished.push_back(*o);
      } else if (auto* o = std::get_if<StopVoting>(&output)) {
        n.stopped = o->why;
      } else if (auto* o = std::get_if<Halt>(&output)) {
        n.halted = o->why;
      }
    }
  }
  void build(std::uint16_t i, const Build& ask) {
    auto& n = nodes_[i];
    std::set<std::uint64_t> carried;
    for (Hash id = ask.parent; n.headers.contains(id); id = n.headers.at(id).header.parent)
      for (const auto tx : txs_of_[n.headers.at(id).header.payload.payload_hash]) carried.insert(tx);
    std::vector<std::uint64_t> txs;
    for (const auto tx : n.pool)
      if (!carried.contains(tx) && !ask.only_empty) txs.push_back(tx);
    Built built;
    built.view = ask.view;
    built.empty = txs.empty() && !ask.even_empty;
    built.time = TimeMs{n.dates_ahead_ms ? wall(i) + *n.dates_ahead_ms : 0};
    ledger::Header h;
    set_payload(h, txs, ask.only_empty && !n.pads.second ? 0 : n.pads.first);
    built.payload = h.payload;
    built.tx_root = h.tx_root;
    n.inbox.push_front(built);
  }
  void execute(std::uint16_t i, const Hash& id) {
    auto& n = nodes_[i];
    ++n.executes;
    ASSERT_TRUE(n.headers.contains(id));
    ASSERT_TRUE(n.payloads.contains(id));
    const auto& h = n.headers.at(id).header;
    const bool valid = h.params.is_zero();
    const Hash result = wrong_result ? wrong_result(i, h) : result_of(h);
    if (valid) n.results[id] = result;
    if (n.answers) n.inbox.push_back(Executed{id, valid, result, options_.execute_ns});
  }
  void fetch(std::uint16_t i, const Fetch& f) {
    if (f.holders.empty()) return;
    const auto from = f.holders[random_.below(f.holders.size())];
    if (from == i || liar(from) || cut_[i][from] || (keeps_blocks && keeps_blocks(from)) || random_.chance(options_.loss)) return;
    at(now_ + delay() + delay(), [this, i, from, id = f.id] {
      auto& holder = nodes_[from];
      if (!holder.up || !nodes_[i].up || cut_[i][from] || !holder.payloads.contains(id)) return;
      std::optional<Proposal> p;
      if (const auto it = holder.served.find(id); it != holder.served.end()) p = it->second;
      if (!p) return;
      const auto payload = holder.payloads.at(id);
      learn(i, *p);
      give(i, Received{from, *p});
      hold(i, p->header, payload);
    });
  }
  void catch_up(std::uint16_t i, const CatchUp& c) {
    if (liar(c.from) || cut_[i][c.from]) return;
    at(now_ + delay() + delay(), [this, i, from = c.from] {
      if (!nodes_[from].up || !nodes_[i].up || cut_[i][from]) return;
      while (nodes_[i].up && nodes_[i].finals.size() < nodes_[from].finals.size()) {
        auto& n = nodes_[i];
        const auto f = nodes_[from].finals[n.finals.size()];
        const Hash id = ledger::block_id(f.header);
        n.payloads[id] = payload_of(f.header);
        n.results[id] = f.result;
        record_final(i, f.header, f.result, f.proof);
        n.archived = n.finals.size();
        n.headers.erase(id);
        give(i, Adopted{f.header, f.result, f.proof});
      }
      tell_demand(i);
    });
  }

  Options options_;
  Random random_;
  ChainFacts facts_;
  Tip genesis_;
  std::vector<crypto::SigningKey> keys_;
  std::vector<Node> nodes_;
  std::vector<std::vector<bool>> cut_;
  std::map<std::pair<std::uint64_t, std::uint64_t>, std::function<void()>> events_;
  std::uint64_t now_ = 1, event_number_ = 0, next_tx_ = 0, vote_seed_ = 0;
  std::set<std::uint16_t> giving_;
  std::map<Hash, std::vector<std::uint64_t>> txs_of_;  // by payload hash
  std::map<Hash, Bytes> bytes_of_;
  VotesHeard heard_;
  std::vector<Hash> chain_;
};

inline constexpr std::uint64_t kSecond = 1000 * kMs;

// At every honest node that runs.
inline bool final_everywhere(Cluster& c, std::uint64_t tx) {
  for (std::uint16_t i = 0; i < c.size(); ++i)
    if (!c.liar(i) && c.node(i).up && !c.is_final(i, tx)) return false;
  return true;
}

}  // namespace dos::consensus::test
