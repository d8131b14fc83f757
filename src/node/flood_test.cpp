// What one validator sends without end fills nobody's memory.
#include <gtest/gtest.h>

#include "consensus/leader.hpp"
#include "consensus/votes.hpp"
#include "net/framing.hpp"
#include "node/metrics.hpp"
#include "replica/content_service.hpp"
#include "replica/ordering.hpp"
#include "replica/test_cluster.hpp"

namespace dos::node {
namespace {

using replica::testnet::Cluster;

struct Flood : ::testing::Test {
  Cluster c{4};
  static constexpr std::size_t kLiar = 3;

  void SetUp() override {
    ASSERT_TRUE(c.run(5'000, [&] { return c.all_at(1); }));
  }
  replica::Replica& asked() { return *c.machines[0].replica; }
  std::optional<LinkId> link(std::size_t with = kLiar) {
    for (const auto& [id, to] : c.machines[0].links.links)
      if (to == with) return id;
    return std::nullopt;
  }
  template <class M>
  void send(const M& message, std::size_t from = kLiar) {
    if (!link(from)) {
      c.link(0, from);
      c.run(10, [] { return false; });
    }
    asked().link_bytes(*link(from), *net::encode_frame(message));
  }
  net::ProposeFrame proposal(View view, std::uint16_t proposer, std::uint8_t n, std::size_t size = 200'000) {
    net::ProposeFrame frame;
    const Bytes payload(size, n);
    auto& h = frame.proposal.header;
    h.chain = c.chain;
    h.height = Height{asked().chain().tip().height.value + 1};
    h.parent = asked().chain().tip().id;
    h.view = view;
    h.parent_view = asked().chain().tip().view;
    h.parent_result = asked().chain().tip().result;
    h.proposer = proposer;
    h.valset = h.next_valset = ledger::valset_hash(c.genesis.validators);
    h.payload = {std::uint32_t(payload.size()), ledger::payload_hash(payload), Hash{}};
    h.tx_root = ledger::payload_hash(payload);
    frame.body = net::WholePayload{payload};
    return frame;
  }
  void sign(net::ProposeFrame& frame, std::uint16_t voter, std::size_t key = kLiar) {
    const ledger::VoteItem item{ledger::VoteKind::notar, frame.proposal.header.view, ledger::block_id(frame.proposal.header), Hash{}};
    frame.proposal.vote = *consensus::make_vote(c.chain, Epoch{0}, voter, c.votes[key], {item}, c.entropy);
  }
  // A block without transactions, on one that is not here, so that it cannot be judged.
  net::ProposeFrame on_nothing(View view, std::uint16_t proposer, std::uint32_t n) {
    auto frame = proposal(view, proposer, 0);
    auto& h = frame.proposal.header;
    Bytes number;
    append_be(number, n);
    h.parent = crypto::plain_hash(number);
    h.parent_view = View{view.value - 1};
    ++h.height.value;
    const Bytes payload = codec::encode(ledger::Payload{});
    h.payload = {std::uint32_t(payload.size()), ledger::payload_hash(payload), Hash{}};
    h.tx_root = ledger::tx_root({});
    frame.body = net::WholePayload{payload};
    sign(frame, proposer, proposer);
    return frame;
  }
  std::uint64_t current() { return asked().status().engine.current.value; }
  // Up to that view all before it are given up by three of four, at one moment.
  void go_to(std::uint64_t view) {
    while (current() < view) {
      const auto before = current();
      const ledger::VoteItem item{ledger::VoteKind::null, View{before}, Hash{}, Hash{}};
      for (std::uint16_t voter = 1; voter < 4; ++voter)
        send(consensus::Votes{{*consensus::make_vote(c.chain, Epoch{0}, voter, c.votes[voter], {item}, c.entropy)}}, voter);
      ASSERT_GT(current(), before);
    }
  }
  std::vector<View> led(std::uint16_t who, std::uint64_t upto) {
    std::vector<View> out;
    const auto now = asked().status().engine.current.value;
    for (auto v = now; v <= now + upto; ++v)
      if (consensus::leader_of(asked().chain().facts().validators, c.chain, View{v}) == who) out.push_back(View{v});
    return out;
  }
  // Its views among those whose payloads are taken: this one and the next. Blocks are made until there is one.
  std::vector<View> near() {
    for (int n = 1; led(kLiar, consensus::kFetchAhead).empty() && n < 64; ++n) {
      const auto next = asked().chain().tip().height.value + 1;
      std::vector<replica::PoolEntry> one;
      one.push_back(c.pay(n, 0));
      if (!asked().submit(std::move(one)).front() || !c.run(5'000, [&] { return c.all_at(next); })) break;
    }
    return led(kLiar, consensus::kFetchAhead);
  }
  std::uint64_t kept_bytes() {
    const auto q = asked().status().queues;
    return q[replica::Queue::blocks].bytes + q[replica::Queue::rebuilds].bytes;
  }
};

TEST_F(Flood, proposers_that_are_made_up_leave_nothing_whatever_their_view) {
  const auto before = asked().chain().unfinal().tree().size();
  for (std::uint16_t i = 0; i < 60; ++i) send(proposal(View{1'000'000ull + i}, std::uint16_t(4 + i), std::uint8_t(i)));  // far ahead
  for (std::uint16_t i = 0; i < 20; ++i)
    send(proposal(View{asked().status().engine.current.value + 1}, std::uint16_t(100 + i), std::uint8_t(i)));
  EXPECT_EQ(asked().chain().unfinal().tree().size(), before);
  EXPECT_LT(kept_bytes(), 100'000u);
}

TEST_F(Flood, a_leaders_name_without_its_signature_leaves_nothing_and_costs_the_link) {
  for (const auto view : led(1, 16)) {
    auto frame = proposal(view, 1, std::uint8_t(view.value));
    sign(frame, 1);  // with another validator's key
    send(frame);
    EXPECT_FALSE(link());
  }
  EXPECT_LT(kept_bytes(), 100'000u);
}

TEST_F(Flood, a_leader_that_signs_what_it_likes_has_a_few_payloads_kept) {
  const auto views = near();
  ASSERT_FALSE(views.empty());
  for (int round = 0; round < 8; ++round)
    for (const auto view : views) {
      auto frame = proposal(view, kLiar, std::uint8_t(view.value * 8 + round));
      sign(frame, kLiar);
      send(frame);
    }
  const auto q = asked().status().queues;
  EXPECT_EQ(q[replica::Queue::unproved].entries,
            std::min<std::uint64_t>(replica::kUnprovedBlocks, consensus::kHeadersAView * views.size()));
  EXPECT_LE(q[replica::Queue::headers].entries, consensus::kHeadersAView * views.size());
  EXPECT_LE(kept_bytes(), replica::kUnprovedBlocks * (200'000 + replica::kBlockBytes));
}

TEST_F(Flood, a_payload_that_a_weak_set_voted_for_is_proved_though_this_node_did_not) {
  for (int n = 1; led(kLiar, 1) != std::vector{View{asked().status().engine.current.value + 1}}; ++n) {  // the next view's
    ASSERT_LT(n, 64);
    const auto next = asked().chain().tip().height.value + 1;
    std::vector<replica::PoolEntry> one;
    one.push_back(c.pay(n, 0));
    ASSERT_TRUE(asked().submit(std::move(one)).front());
    ASSERT_TRUE(c.run(5'000, [&] { return c.all_at(next); }));
  }
  const auto frame = on_nothing(led(kLiar, 1).front(), kLiar, 0);
  const auto& h = frame.proposal.header;
  send(frame);
  const auto kept = [&](replica::Queue q) { return asked().status().queues[q].entries; };
  EXPECT_EQ(kept(replica::Queue::blocks), 1u);
  EXPECT_EQ(kept(replica::Queue::unproved), 1u);
  const ledger::VoteItem item{ledger::VoteKind::notar, h.view, ledger::block_id(h), Hash{}};
  send(consensus::Votes{{*consensus::make_vote(c.chain, Epoch{0}, 1, c.votes[1], {item}, c.entropy)}});
  EXPECT_EQ(kept(replica::Queue::blocks), 1u);
  EXPECT_EQ(kept(replica::Queue::unproved), 0u);
}

// The greatest number that a leader can be trusted with: of three views of its own that are not long over, two headers each.
TEST_F(Flood, a_leader_has_four_payloads_kept_unasked_and_the_fifth_waits_for_an_old_one_to_go) {
  constexpr std::uint64_t kSpan = consensus::kPayloadViewsKept + consensus::kFetchAhead;
  const auto mine = led(kLiar, 500);
  std::size_t at = 0;
  while (at + 2 < mine.size() && mine[at + 2].value > mine[at].value + kSpan) ++at;
  ASSERT_LT(at + 2, mine.size());
  std::vector<net::ProposeFrame> frames;
  const auto kept = [&](replica::Queue q) { return asked().status().queues[q].entries; };
  for (std::size_t i = at; i < at + 3; ++i) {
    go_to(mine[i].value - consensus::kFetchAhead);
    for (std::size_t n = 0; n < consensus::kHeadersAView; ++n) {
      frames.push_back(on_nothing(mine[i], kLiar, std::uint32_t(frames.size())));
      send(frames.back());
      ASSERT_EQ(kept(replica::Queue::headers), frames.size());
      EXPECT_EQ(kept(replica::Queue::unproved), std::min<std::uint64_t>(frames.size(), replica::kUnprovedBlocks)) << frames.size();
    }
  }
  ASSERT_EQ(frames.size(), replica::kUnprovedBlocks + 2);
  for (std::size_t i = 0; i < frames.size(); ++i)  // what is here stays, the newcomer does not come in
    EXPECT_EQ(asked().chain().unfinal().tree().find(ledger::block_id(frames[i].proposal.header)) != nullptr, i < replica::kUnprovedBlocks)
        << i;
  EXPECT_TRUE(link());
  // It counts against its leader alone: another one's payload is taken beside them.
  std::optional<View> other;
  for (auto v = current() - consensus::kPayloadViewsKept; v <= current() + consensus::kFetchAhead; ++v)
    if (consensus::leader_of(asked().chain().facts().validators, c.chain, View{v}) == 1) other = View{v};
  ASSERT_TRUE(other);
  send(on_nothing(*other, 1, 100), 1);
  EXPECT_EQ(kept(replica::Queue::unproved), replica::kUnprovedBlocks + 1);
  // The first view is over by now: its two go, and two more of the leader's are taken.
  send(frames[4]);
  EXPECT_EQ(kept(replica::Queue::unproved), replica::kUnprovedBlocks + 1);
  go_to(mine[at].value + consensus::kPayloadViewsKept + 1);
  const auto left = kept(replica::Queue::unproved);
  EXPECT_LE(left, replica::kUnprovedBlocks - 1);
  send(frames[4]);
  EXPECT_EQ(kept(replica::Queue::unproved), left + 1);
}

TEST_F(Flood, payloads_come_on_their_leaders_own_link) {
  const auto views = near();
  ASSERT_FALSE(views.empty());
  auto frame = proposal(views.back(), kLiar, 7);
  sign(frame, kLiar);
  LinkId other = 0;
  for (const auto& [id, to] : c.machines[0].links.links)
    if (to == 1) other = id;
  asked().link_bytes(other, *net::encode_frame(frame));
  EXPECT_EQ(asked().status().queues[replica::Queue::unproved].entries, 0u);
  EXPECT_EQ(asked().status().queues[replica::Queue::headers].entries, 1u);
  send(frame);
  EXPECT_EQ(asked().status().queues[replica::Queue::unproved].entries, 1u);
}

TEST_F(Flood, a_signature_that_no_key_made_costs_its_sender_the_link_and_one_that_is_merely_early_does_not) {
  const auto gossip = [&](const ledger::SignedTransaction& tx) { send(net::Gossip{{codec::encode(tx)}}); };
  auto forged = c.pay(1, 1).tx;
  std::get<ledger::SigWitness>(forged.witnesses[0].is).signature.bytes[7] ^= 1;
  const auto before = asked().status().pool_refused;
  gossip(forged);
  EXPECT_FALSE(link());
  EXPECT_EQ(asked().status().pool_refused, before + 1);
  auto early = c.pay(2, 1).tx;  // by a key that this node may hear of with the next block
  std::get<ledger::SigWitness>(early.witnesses[0].is).key = crypto::plain_hash(as_bytes("later"));
  gossip(early);
  EXPECT_TRUE(link());
  auto poor = c.pay(3, 1).tx;
  poor.tx.valid_until = TimeMs{1};  // too late by now: time passed on the way
  gossip(poor);
  EXPECT_TRUE(link());
  send(net::Gossip{{Bytes(40, 0xff)}});
  EXPECT_FALSE(link());
  gossip(c.pay(4, 1).tx);
  EXPECT_EQ(asked().status().pool_count, 1u);
}

TEST_F(Flood, signatures_that_gossip_makes_this_node_check_are_bounded_a_peer) {
  auto early = c.pay(1, 1).tx;  // its key is not known: refused, and nobody's fault
  std::get<ledger::SigWitness>(early.witnesses[0].is).key = crypto::plain_hash(as_bytes("later"));
  const Bytes encoded = codec::encode(early);
  const std::size_t in_frame = 60'000 / encoded.size();
  const net::Gossip frame{std::vector<Bytes>(in_frame, encoded)};
  for (std::uint64_t taken = 0; taken < replica::kGossipSignatures.burst; taken += 2 * in_frame)
    send(frame);  // the look-up, and one witness
  EXPECT_TRUE(link());
  const auto fresh = codec::encode(c.pay(2, 1).tx);
  send(net::Gossip{{fresh}});
  EXPECT_EQ(asked().status().pool_count, 0u);  // it has caused too much
  for (const auto& [id, to] : std::map(c.machines[0].links.links))
    if (to == 1) asked().link_bytes(id, *net::encode_frame(net::Gossip{{fresh}}));  // another has not
  EXPECT_EQ(asked().status().pool_count, 1u);
}

TEST_F(Flood, gossip_that_adds_nothing_makes_no_leader_look_through_its_pool) {
  c.kill(1);
  c.kill(2);  // what waits goes on waiting
  std::vector<replica::PoolEntry> waits;
  waits.push_back(c.pay(1, 0));
  const auto known = codec::encode(waits[0].tx);
  ASSERT_TRUE(asked().submit(std::move(waits)).front());
  auto late = c.pay(2, 0).tx;
  late.tx.valid_until = TimeMs{1};
  const auto before = asked().status().demands;
  for (int i = 0; i < 10; ++i) send(net::Gossip{{known, codec::encode(late)}});
  EXPECT_EQ(asked().status().demands, before);
  send(net::Gossip{{codec::encode(c.pay(3, 0).tx)}});
  EXPECT_EQ(asked().status().demands, before + 1);
}

TEST(ContentService, pulled_content_has_an_uploader_of_its_own_for_each_asker_and_for_none) {
  EXPECT_NE(replica::uploader_of(0), replica::uploader_of(std::nullopt));
  EXPECT_NE(replica::uploader_of(0), replica::uploader_of(256));
}

TEST_F(Flood, parents_that_nobody_has_are_forgotten_once_nobody_looks_for_them) {
  const auto size = [&] { return asked().status().queues[replica::Queue::wanted]; };
  std::uint32_t named = 0;
  while (named < size().most_entries + 50) {
    const View next{current() + consensus::kFetchAhead};
    const auto leader = consensus::leader_of(asked().chain().facts().validators, c.chain, next);
    for (std::size_t n = 0; leader != 0 && n < consensus::kHeadersAView; ++n) send(on_nothing(next, leader, named++), leader);
    c.clock.ns += 600'000'000'000;  // however long the engine waits before it asks
    asked().wake();
    go_to(next.value);
    ASSERT_LE(size().entries, size().most_entries) << named;
  }
  EXPECT_GT(size().entries, net::kMaxFetches / 2u);  // they were looked for
}

TEST_F(Flood, who_asks_for_transactions_pays_for_the_payload_that_is_taken_apart) {
  // A block of another's: what this node proposed itself is at hand in parts.
  for (std::uint64_t n = 0; n == 0 || asked().status().engine.current.value == 0 ||
                            consensus::leader_of(asked().chain().facts().validators, c.chain, asked().chain().tip().view) == 0;) {
    ASSERT_LT(n, 1'000u);
    std::vector<replica::PoolEntry> many;
    for (int i = 0; i < 60; ++i) many.push_back(c.pay(++n, 0));
    for (const auto& good : asked().submit(std::move(many))) ASSERT_TRUE(good);
    ASSERT_TRUE(c.run(5'000, [&] { return asked().status().pool_count == 0; }));
  }
  Bytes payload;
  ASSERT_TRUE(chain::read_block(asked().chain().finals().archive(), asked().chain().tip().height, &payload));
  const net::GetTransactions ask{asked().chain().tip().id, {0}};
  const auto answer = net::answer_transactions(ask, *codec::decode<ledger::Payload>(payload));
  ASSERT_TRUE(answer);
  const auto each = payload.size() + net::encode_frame(*answer)->size();
  c.clock.ns += 10'000'000'000;  // all budgets are whole
  const auto held = [&] {
    asked().wake();  // another turn
    return asked().status().queues[replica::Queue::questions].entries;
  };
  ASSERT_EQ(held(), 0u);
  // A budget may be overdrawn by one answer, and then its owner waits.
  for (std::uint64_t n = 0; n < (net::kByteWork.burst + each - 1) / each; ++n) {
    send(ask);
    ASSERT_EQ(held(), 0u) << n;
  }
  send(ask);
  EXPECT_EQ(held(), 1u);
  send(ask, 1);
  EXPECT_EQ(held(), 1u) << "another one does not wait for it";
  // What is not here costs a look for it.
  const net::GetTransactions nothing{crypto::plain_hash(as_bytes("not here")), {0}};
  for (std::uint64_t n = 0; n < net::kReadWork.burst; ++n) {
    send(nothing, 2);
    ASSERT_EQ(held(), 1u) << n;
  }
  send(nothing, 2);
  EXPECT_EQ(held(), 2u);
  c.clock.ns += 1'000'000'000;
  EXPECT_EQ(held(), 0u);
}

TEST_F(Flood, the_network_goes_on_beside_it) {
  for (int round = 0; round < 30; ++round) {
    for (const auto view : led(kLiar, 16)) {
      auto frame = proposal(view, kLiar, std::uint8_t(round), 50'000);
      sign(frame, kLiar);
      send(frame);
    }
    send(net::GetRange{Height{1}, kMaxRangeBlocks});
    send(net::GetTransactions{asked().chain().tip().id, {0}});
    c.run(20, [] { return false; });
  }
  ASSERT_FALSE(c.machines[0].stopped);
  std::vector<replica::PoolEntry> entries;
  entries.push_back(c.pay(5, 0));
  ASSERT_TRUE(asked().submit(std::move(entries)).front());
  EXPECT_TRUE(c.run(20'000, [&] {
    for (std::size_t i = 0; i < 3; ++i)
      if (c.machines[i].mine == 0 && i == 0) return false;
    return true;
  }));
  EXPECT_LE(asked().status().queues[replica::Queue::unproved].entries, asked().status().queues[replica::Queue::unproved].most_entries);
}

TEST(Metrics, every_queue_is_shown_with_its_bounds) {
  replica::QueueSizes queues;
  queues[replica::Queue::unproved] = {3, 4, 5, 6};
  const auto text = Metrics{}.text({}, queues);
  for (const auto& row : replica::kQueueRows)
    for (const char* series : {"dos_queue_entries", "dos_queue_bytes", "dos_queue_entries_limit", "dos_queue_bytes_limit"})
      EXPECT_NE(text.find(std::string(series) + "{queue=\"" + std::string(row.name) + "\"} "), std::string::npos) << row.name;
  EXPECT_NE(text.find("dos_queue_entries{queue=\"unproved\"} 3\n"), std::string::npos);
  EXPECT_NE(text.find("dos_queue_bytes_limit{queue=\"unproved\"} 6\n"), std::string::npos);
}

}  // namespace
}  // namespace dos::node
