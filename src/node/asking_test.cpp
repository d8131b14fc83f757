// What a stranger may make a node do: work is paid for before it is done, and none is done twice.
#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <thread>

#include "api/handler.hpp"
#include "base/test_code.hpp"
#include "modules/fs/calls.hpp"
#include "modules/fs/new_id.hpp"
#include "node/test_network.hpp"
#include "replica/content_service.hpp"

namespace dos::node {
namespace {

using namespace testnet;

ledger::SubmitAnswer submit_as(Node& node, std::vector<Bytes> txs, const api::Source& source) {
  std::promise<Result<ledger::SubmitAnswer>> answer;
  node.submit({std::move(txs)}, true, 20'000, [&](Result<ledger::SubmitAnswer> a) { answer.set_value(std::move(a)); }, source);
  return *answer.get_future().get();
}

Errc refusal_of(const ledger::SubmitAnswer& a, std::size_t i) {
  const auto* refused = std::get_if<ledger::Refused>(&a.outcomes[i].is);
  return refused != nullptr ? Errc(refused->code) : Errc{};
}

// The system's, which can be told to do something the second time that a thread of neither kind asks it: the first time is before a
// long answer begins, the second in its first pause.
struct PausingClock final : Clock {
  os::SystemClock below;
  std::thread::id asks, makes_blocks;
  std::function<void()> second;
  std::atomic<bool> armed = false;  // what stands above is set
  std::atomic<int> calls = 0;
  std::uint64_t wall_ms() override { return below.wall_ms(); }
  std::uint64_t monotonic_ns() override {
    const auto here = std::this_thread::get_id();
    if (armed && here != asks && here != makes_blocks && ++calls == 2) second();
    return below.monotonic_ns();
  }
};

TEST(Asking, a_walk_into_the_past_is_paid_piece_by_piece_and_long_ones_have_a_thread_of_their_own) {
  Network net;
  PausingClock clock;
  auto node = Node::open(net.config(), key_of("v1"), key_of("n1", crypto::KeyType::ml_dsa_65), {clock, net.entropy, net.log}, 20'000);
  ASSERT_TRUE(node) << node.error().detail;
  constexpr int kBlocks = 900;  // each moves the purses of alice, bob and the fees
  for (int i = 0; i < kBlocks; ++i) submit(**node, {codec::encode(net.pay(std::uint64_t(i + 1)))});
  ledger::StateQuery query;
  query.at = Height{1};
  for (const char* who : {"alice", "bob"}) query.items.push_back(ledger::KeyItem{ledger::purse_key(who), true});
  query.items.push_back(ledger::KeyItem{ledger::purse_key(ledger::kFeePurse), true});
  const auto before = spent(**node);
  std::promise<std::pair<std::thread::id, Result<ledger::StateAnswer>>> told;
  (*node)->state(query, [&](Result<ledger::StateAnswer> a) { told.set_value({std::this_thread::get_id(), std::move(a)}); }, stranger(2));
  const auto [thread, answer] = told.get_future().get();
  ASSERT_TRUE(answer) << answer.error().detail;
  EXPECT_NE(thread, std::this_thread::get_id());
  const auto view = proof::verify(answer->proof, answer->anchor.parts.state_root);
  ASSERT_TRUE(view);
  const auto* purse = *view->find(ledger::purse_key("bob"));
  EXPECT_EQ(codec::decode<ledger::Purse>(*purse->data)->balance.value, 10'000 * kMicroPerCredit);
  EXPECT_GE(spent(**node) - before, 3 * kBlocks * api::kWorkPerRead);
  // About the present it is one read each, and answered at once.
  const auto between = spent(**node);
  query.at = std::nullopt;
  std::thread::id at_once;
  (*node)->state(query, [&](Result<ledger::StateAnswer> a) {
    EXPECT_TRUE(a);
    at_once = std::this_thread::get_id();
  });
  EXPECT_EQ(at_once, std::this_thread::get_id());
  EXPECT_LT(spent(**node) - between, 100u);
  // In the pauses of a long one the chain is free: a block becomes final before the walk goes on.
  std::promise<std::thread::id> loop;
  (*node)->submit({{codec::encode(net.pay(1'000))}}, true, 20'000,
                  [&](Result<ledger::SubmitAnswer>) { loop.set_value(std::this_thread::get_id()); });
  clock.makes_blocks = loop.get_future().get();
  clock.asks = std::this_thread::get_id();
  const auto block = std::make_shared<std::promise<void>>();
  bool came = false;
  clock.second = [&] {
    (*node)->submit({{codec::encode(net.pay(2'000))}}, true, 20'000, [block](Result<ledger::SubmitAnswer>) { block->set_value(); });
    came = block->get_future().wait_for(std::chrono::seconds(10)) == std::future_status::ready;
  };
  clock.armed = true;
  query.at = Height{1};
  std::promise<Result<ledger::StateAnswer>> again;
  (*node)->state(query, [&](Result<ledger::StateAnswer> a) { again.set_value(std::move(a)); }, stranger(5));
  const auto beside = again.get_future().get();
  clock.armed = false;
  ASSERT_TRUE(beside) << beside.error().detail;
  EXPECT_TRUE(proof::verify(beside->proof, beside->anchor.parts.state_root));
  EXPECT_GE(clock.calls, 2);
  EXPECT_TRUE(came) << "the chain was locked in the pause";
}

TEST(Asking, who_has_spent_all_is_refused_and_costs_nothing_more) {
  Network net;
  auto node = net.open();
  ASSERT_TRUE(node) << node.error().detail;
  ledger::StateQuery query;
  query.items.push_back(ledger::KeyItem{ledger::params_key(), true});
  // Nobody may spend this much at once, so the answer does not hang on the time.
  EXPECT_EQ((*node)->charge(stranger(1), api::kSourceWork.burst + 1), api::Budgets::kNeverMs);
  std::size_t refused = 0;
  for (int i = 0; i < 100'000 && refused == 0; ++i) refused += (*node)->charge(stranger(1), api::kSourceWork.burst / 2).has_value();
  EXPECT_EQ(refused, 1u);
  EXPECT_TRUE(read(**node, query)) << "this machine has a budget of its own";
}

TEST(Asking, what_is_asked_twice_in_one_question_is_read_once) {
  Network net;
  auto node = net.open();
  ASSERT_TRUE(node) << node.error().detail;
  ledger::PathItem path;
  path.components = {"home", "alice"};
  path.want = ledger::PathItem::kDirectories | ledger::PathItem::kRings | ledger::PathItem::kList;
  ledger::StateQuery one, many;
  one.items.push_back(path);
  for (std::size_t i = 0; i < api::kMaxStateItems; ++i) many.items.push_back(path);
  const auto before = spent(**node);
  const auto a = read(**node, one);
  const auto between = spent(**node);
  const auto b = read(**node, many);
  ASSERT_TRUE(a && b);
  EXPECT_LE(spent(**node) - between, between - before + api::kMaxStateItems * api::kWorkPerRead);
  EXPECT_EQ(codec::encode(a->proof), codec::encode(b->proof));
  many.items.push_back(path);
  EXPECT_EQ(code_of(read(**node, many)), Errc::limit);
}

TEST(Asking, the_keys_of_a_folder_are_looked_for_once_in_a_question) {
  Network net;
  auto node = net.open();
  ASSERT_TRUE(node) << node.error().detail;
  ledger::StateQuery query;
  for (std::size_t i = 0; i < api::kMaxStateItems; ++i) {
    ledger::PathItem path;
    path.components = {"home", "alice", "absent-" + std::to_string(i)};
    path.want = ledger::PathItem::kRings;
    query.items.push_back(path);
  }
  const auto before = spent(**node);
  ASSERT_TRUE(read(**node, query));
  // Each item is paid, its entry looked up, and proved; the three folders of all of them come on top.
  EXPECT_LE(spent(**node) - before, (3 * api::kMaxStateItems + 64) * api::kWorkPerRead);
}

TEST(Asking, the_newest_eight_keys_of_a_folder_come_with_a_path_and_older_ones_by_number) {
  Network net;
  auto node = net.open();
  ASSERT_TRUE(node) << node.error().detail;
  const auto home = fs::new_id("alice", {});
  std::uint32_t epochs = 0;
  const auto renew = [&] {
    fs::Ring ring{home, ++epochs, {}};
    ring.ring.envelopes.push_back({"alice", 1, Bytes(40, 1)});
    ring.ring.commitment = Hash{{1}};
    ledger::Transaction t;
    t.chain = net.chain;
    t.sender = {ledger::AccountSender{"alice", "active"}};
    t.valid_until = TimeMs{net.clock.wall_ms() + 60'000};
    t.limits = {Gas{2'000'000}, 20'000, Credits{kMicroPerCredit}};
    t.calls.push_back({ledger::kFsModule, fs::kRing, {ledger::Literal{codec::encode(ring)}}});
    t.access.push_back({ledger::Absent{fs::ring_key(home, epochs)}});
    if (epochs > 1) t.access.push_back({ledger::Read{fs::ring_key(home, epochs - 1), std::nullopt}});
    for (auto dir : {home, fs::new_id("home.", {}), fs::kRoot}) t.access.push_back({ledger::Read{fs::directory_key(dir), std::nullopt}});
    const auto a = submit(**node, {codec::encode(net.sign(t, "alice"))});
    const auto* final = std::get_if<ledger::Final>(&a.outcomes[0].is);
    ASSERT_TRUE(final);
    ASSERT_EQ(final->proof.receipt.status, ledger::TxStatus::ok) << final->proof.receipt.detail;
  };
  // The epochs whose keys come with their data.
  const auto come = [&](auto item) {
    ledger::StateQuery query;
    query.items.push_back(std::move(item));
    const auto answer = read(**node, query);
    std::vector<std::uint32_t> out;
    const auto view = answer ? proof::verify(answer->proof, answer->anchor.parts.state_root) : std::unexpected(answer.error());
    EXPECT_TRUE(view) << view.error().detail;
    for (const auto& r : view->records())
      if (starts_with(r.leaf.key, fs::ring_prefix(home)) && r.data) out.push_back(read_be<std::uint32_t>(BytesView(r.leaf.key).last(4)));
    return out;
  };
  ledger::PathItem path;
  path.components = {"home", "alice"};
  path.want = ledger::PathItem::kRings;
  while (epochs < fs::kRingsOnPath) renew();
  EXPECT_EQ(come(path), (std::vector<std::uint32_t>{1, 2, 3, 4, 5, 6, 7, 8}));
  renew();
  EXPECT_EQ(come(path), (std::vector<std::uint32_t>{2, 3, 4, 5, 6, 7, 8, 9}));
  EXPECT_EQ(come(ledger::RangeItem{fs::ring_prefix(home), {}, 1, true}), (std::vector<std::uint32_t>{1}));
}

TEST(Asking, who_waits_for_a_height_is_not_answered_by_the_thread_that_makes_blocks) {
  Network net;
  auto node = net.open();
  ASSERT_TRUE(node) << node.error().detail;
  std::promise<std::thread::id> answered, block;
  ledger::StateQuery query;
  query.min_height = Height{2};
  query.items.push_back(ledger::KeyItem{ledger::params_key(), true});
  (*node)->state(query, [&](Result<ledger::StateAnswer> a) {
    EXPECT_TRUE(a);
    answered.set_value(std::this_thread::get_id());
  });
  (*node)->submit({{codec::encode(net.pay(1))}}, true, 20'000,
                  [&](Result<ledger::SubmitAnswer>) { block.set_value(std::this_thread::get_id()); });
  EXPECT_NE(answered.get_future().get(), block.get_future().get());
}

TEST(Asking, a_transaction_stands_in_a_request_once_whatever_its_witnesses) {
  Network net;
  auto node = net.open();
  ASSERT_TRUE(node) << node.error().detail;
  const auto tx = net.pay(1);
  auto other = tx;
  other.witnesses.push_back({ledger::PreimageWitness{Bytes{1}}});
  const auto a = submit(**node, {codec::encode(tx), codec::encode(other)});
  EXPECT_TRUE(std::holds_alternative<ledger::Final>(a.outcomes[0].is));
  EXPECT_EQ(refusal_of(a, 1), Errc::malformed);
}

TEST(Asking, final_transactions_of_one_block_cost_one_look_at_it) {
  Network net;
  auto node = net.open();
  ASSERT_TRUE(node) << node.error().detail;
  std::vector<Bytes> txs;
  for (int i = 0; i < 200; ++i) txs.push_back(codec::encode(net.pay(std::uint64_t(i + 1))));
  const auto a = submit(**node, txs);
  const auto txid = a.outcomes[7].txid;
  ASSERT_TRUE(std::holds_alternative<ledger::Final>(a.outcomes[7].is));
  const auto again = submit(**node, txs);
  for (std::size_t i = 0; i < txs.size(); ++i) {
    EXPECT_EQ(again.outcomes[i].txid, a.outcomes[i].txid);
    EXPECT_TRUE(std::holds_alternative<ledger::Final>(again.outcomes[i].is));
  }
  const auto before = spent(**node);
  for (int i = 0; i < 2; ++i) {
    bool final = false;
    (*node)->transaction(txid, [&](Result<ledger::SubmitAnswer> a) { final = a.has_value(); }, stranger(3));
    ASSERT_TRUE(final);
  }
  EXPECT_EQ(spent(**node), before) << "its block is at hand";
}

// The threads of HTTP are few, and the loop may be at a block or a sync.
TEST(Asking, what_nobody_knows_holds_up_no_thread_until_the_loop_has_time) {
  Network net;
  auto node = net.open();
  ASSERT_TRUE(node) << node.error().detail;
  std::promise<void> busy, go_on;
  (*node)->submit({{codec::encode(net.pay(1))}}, true, 20'000, [&](Result<ledger::SubmitAnswer>) {
    busy.set_value();
    go_on.get_future().wait();
  });
  busy.get_future().wait();
  std::promise<Errc> told;
  std::atomic<bool> said = false;
  (*node)->transaction(Hash{{7}}, [&](Result<ledger::SubmitAnswer> a) {
    said = true;
    told.set_value(a ? Errc::internal : a.error().code);
  });
  EXPECT_FALSE(said);
  go_on.set_value();
  EXPECT_EQ(told.get_future().get(), Errc::not_found);
}

TEST(Asking, signatures_are_paid_for_and_wrong_ones_many_times_over) {
  Network net;
  auto node = net.open();
  ASSERT_TRUE(node) << node.error().detail;
  const auto junk = [&](std::uint64_t n) {
    auto tx = net.pay(n);
    std::get<ledger::SigWitness>(tx.witnesses[0].is).signature =
        std::get<ledger::SigWitness>(net.pay(n + 1'000'000).witnesses[0].is).signature;
    return codec::encode(tx);
  };
  const auto liar = stranger(4);
  const auto before = spent(**node);
  std::vector<Bytes> txs;
  for (std::uint64_t i = 0; i < 200; ++i) txs.push_back(junk(i));
  const auto a = submit_as(**node, txs, liar);
  std::size_t judged = 0;
  for (std::size_t i = 0; i < txs.size(); ++i) judged += refusal_of(a, i) != Errc::busy;
  EXPECT_GT(judged, 0u);
  EXPECT_GE(spent(**node) - before, judged * (1 + kJunkFactor) * api::kWorkPerSignature);
  const auto honest = spent(**node);
  EXPECT_TRUE(std::holds_alternative<ledger::Final>(submit(**node, {codec::encode(net.pay(5))}).outcomes[0].is));
  EXPECT_LT(spent(**node) - honest, kJunkFactor * api::kWorkPerSignature);
}

TEST(Asking, a_request_that_was_answered_holds_no_place) {
  Network net;
  auto node = net.open();
  ASSERT_TRUE(node) << node.error().detail;
  for (int i = 0; i < 3; ++i) submit(**node, {codec::encode(net.pay(std::uint64_t(i + 1)))});
  EXPECT_NE((*node)->metrics().find("\ndos_receipt_waits 0\n"), std::string::npos);
}

TEST(Asking, every_budget_and_queue_is_shown_with_its_limit) {
  Network net;
  auto node = net.open();
  ASSERT_TRUE(node) << node.error().detail;
  const auto text = (*node)->metrics();
  for (const char* series :
       {"dos_ask_sources", "dos_ask_sources_limit", "dos_ask_work", "dos_ask_refused", "dos_long_questions", "dos_long_questions_limit",
        "dos_height_waits", "dos_height_waits_limit", "dos_unclaimed_blob_bytes", "dos_unclaimed_blob_bytes_limit"})
    EXPECT_NE(text.find("\n" + std::string(series) + " "), std::string::npos) << series;
}

}  // namespace
}  // namespace dos::node
