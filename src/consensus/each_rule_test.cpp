// Each rule of rules.hpp by itself, at its edges. Four validators of equal weight: three are strong, two are weak.
#include <gtest/gtest.h>

#include "consensus/rules.hpp"

namespace dos::consensus {
namespace {

using ledger::VoteItem;
using ledger::VoteKind;

constexpr std::uint16_t kMe = 3;

struct EachRule : ::testing::Test {
  ChainFacts facts = four();
  VotePool pool{facts};
  VoteTree tree{Hash{}};
  Views views;
  Own own;
  Finality final;

  EachRule() {
    final.tip = {Height{4}, Hash{{40}}, Hash{{41}}, TimeMs{1000}, View{10}};
    views.cur = views.null_low = View{11};
  }
  static ChainFacts four() {
    ChainFacts f;
    f.voter = kMe;
    for (const char* name : {"a", "b", "c", "d"}) f.validators.members.push_back({name, 1, {}, {}, ""});
    return f;
  }
  rules::Seen seen() const { return {pool, tree, views, own, final}; }

  static VoteItem notar(const Block& b) { return {VoteKind::notar, b.header().view, b.id, Hash{}}; }
  static VoteItem null(std::uint64_t view) { return {VoteKind::null, View{view}, Hash{}, Hash{}}; }
  static VoteItem fin(const Block& b, const Hash& result) { return {VoteKind::final, b.header().view, b.id, result}; }
  void vote(const VoteItem& item, std::initializer_list<std::uint16_t> voters) {
    for (const auto voter : voters) {
      ledger::Vote vote;
      vote.ballot = {Epoch{0}, voter, {item}};
      ASSERT_TRUE(pool.take(vote, View{0}, View{1000}, VotePool::Trust::checked));
    }
  }
  // On the last final block, unless it has another parent.
  Block& add(std::uint64_t view, const Block* parent = nullptr, std::uint64_t later_ms = 100) {
    Proposal p;
    auto& h = p.header;
    h.view = View{view};
    h.parent = parent ? parent->id : final.tip.id;
    h.parent_view = parent ? parent->header().view : final.tip.view;
    h.height = Height{(parent ? parent->header().height : final.tip.height).value + 1};
    h.time = TimeMs{(parent ? parent->header().time : final.tip.time).value + later_ms};
    h.parent_result = parent ? result_of(*parent) : final.tip.result;
    return tree.add(std::move(p));
  }
  static Hash result_of(const Block& b) { return Hash{{std::uint8_t(100 + b.header().view.value)}}; }
  Block& executed(Block& b) {
    tree.hold(b);
    b.result = result_of(b);
    return b;
  }
};

TEST_F(EachRule, a_pause_begins_above_the_bound_and_doubles_up_to_the_greatest) {
  EXPECT_EQ(rules::pause_ns(20, 20), 0u);
  EXPECT_EQ(rules::pause_ns(21, 20), kUnfinalPauseNs);
  EXPECT_EQ(rules::pause_ns(20 + kUnfinalPauseDoubles - 1, 20), kUnfinalPauseNs);
  EXPECT_EQ(rules::pause_ns(20 + kUnfinalPauseDoubles, 20), 2 * kUnfinalPauseNs);
  EXPECT_EQ(rules::pause_ns(20 + 10 * kUnfinalPauseDoubles, 20), kMaxUnfinalPauseNs);
  EXPECT_EQ(rules::pause_ns(UINT64_MAX, 20), kMaxUnfinalPauseNs);
}

TEST_F(EachRule, views_without_a_final_block_are_counted_from_the_tips) {
  EXPECT_EQ(seen().unfinal_views(), 1u);
  final.tip.view = View{12};
  EXPECT_EQ(seen().unfinal_views(), 0u);
}

TEST_F(EachRule, a_header_goes_ahead_of_its_record_right_above_the_last_own_vote_only) {
  own.signed_high = View{10};
  EXPECT_TRUE(rules::may_go_ahead(own, View{11}));
  EXPECT_FALSE(rules::may_go_ahead(own, View{12}));
  own.unsure = View{11};
  EXPECT_FALSE(rules::may_go_ahead(own, View{11}));
}

TEST_F(EachRule, m1_a_view_is_left_by_a_strong_set_and_for_a_block_that_is_certified_or_final) {
  auto& b = add(12);
  vote(notar(b), {0, 1});
  executed(b);
  EXPECT_FALSE(rules::leaves_by(seen()));
  vote(notar(b), {2});
  EXPECT_EQ(rules::leaves_by(seen()), notar(b));  // also of a later view
  b.result.reset();
  EXPECT_FALSE(rules::leaves_by(seen()));
  final.known.insert(b.id);
  EXPECT_EQ(rules::leaves_by(seen()), notar(b));
  vote(null(11), {0, 1, 2});
  EXPECT_EQ(rules::leaves_by(seen()), notar(b));  // the highest first
  views.cur = View{13};
  EXPECT_FALSE(rules::leaves_by(seen()));
}

TEST_F(EachRule, m1_null_leaves_the_current_view_only_and_final_any) {
  vote(null(12), {0, 1, 2});
  EXPECT_FALSE(rules::leaves_by(seen()));
  vote(null(11), {0, 1, 2});
  EXPECT_EQ(rules::leaves_by(seen()), null(11));
  const VoteItem f{VoteKind::final, View{13}, Hash{{1}}, Hash{{2}}};  // of a block that is not here
  vote(f, {0, 1, 2});
  EXPECT_EQ(rules::leaves_by(seen()), f);
}

TEST_F(EachRule, m2_a_parent_has_notar_and_is_certified_or_is_final) {
  const auto on_tip = rules::parent_at(seen(), final.tip.id, View{10});
  ASSERT_TRUE(on_tip && on_tip->executed);
  EXPECT_FALSE(rules::parent_at(seen(), final.tip.id, View{9}));
  auto& b = executed(add(11));
  EXPECT_FALSE(rules::parent_at(seen(), b.id, View{11}));
  vote(notar(b), {0, 1, 2});
  EXPECT_FALSE(rules::parent_at(seen(), b.id, View{12}));
  const auto parent = rules::parent_at(seen(), b.id, View{11});
  ASSERT_TRUE(parent && parent->executed);
  EXPECT_EQ(parent->result, result_of(b));
  b.result.reset();
  EXPECT_FALSE(rules::parent_at(seen(), b.id, View{11}));
  final.known.insert(b.id);
  ASSERT_TRUE(rules::parent_at(seen(), b.id, View{11}));
  vote(fin(b, Hash{{7}}), {0, 1, 2});
  EXPECT_EQ(rules::parent_at(seen(), b.id, View{11})->result, Hash{{7}});  // as those computed it who made it final
  EXPECT_FALSE(rules::parent_at(seen(), b.id, View{11})->executed);
  tree.mark_bad(b);
  EXPECT_FALSE(rules::parent_at(seen(), b.id, View{11}));
}

TEST_F(EachRule, m2_the_best_parent_is_the_highest_over_views_that_are_all_nullified) {
  EXPECT_EQ(rules::best_parent(seen())->id, final.tip.id);
  auto& b = executed(add(11));
  vote(notar(b), {0, 1, 2});
  views.cur = View{13};
  EXPECT_EQ(rules::best_parent(seen())->id, b.id);
  views.null_low = View{12};  // Z of 12 is held
  EXPECT_EQ(rules::best_parent(seen())->id, b.id);
  views.null_low = View{13};  // it is not
  EXPECT_FALSE(rules::best_parent(seen()));
}

TEST_F(EachRule, m2_a_leader_wants_an_empty_block_at_once_in_time_or_not_at_all) {
  const auto same = [](const rules::Wanted& w, bool block, bool even_empty, std::optional<std::uint64_t> again) {
    return w.block == block && w.even_empty == even_empty && w.look_again_at == again;
  };
  EXPECT_TRUE(same(rules::wants_block({}, false, 50, 60), false, false, {}));
  EXPECT_TRUE(same(rules::wants_block({}, true, 70, 60), true, false, {}));
  for (auto reason : {&rules::Reasons::overdue, &rules::Reasons::others_want, &rules::Reasons::asked}) {
    rules::Reasons why;
    why.*reason = true;
    EXPECT_TRUE(same(rules::wants_block(why, false, 50, 60), true, true, {}));
  }
  rules::Reasons under_way;
  under_way.asked = under_way.under_way = true;
  rules::Reasons unfinal, undecided;
  unfinal.unfinal_work = undecided.undecided = true;
  for (const auto& why : {under_way, unfinal, undecided}) {
    EXPECT_TRUE(same(rules::wants_block(why, false, 59, 60), false, false, 60));
    EXPECT_TRUE(same(rules::wants_block(why, true, 59, 60), true, false, 60));
    EXPECT_TRUE(same(rules::wants_block(why, false, 60, 60), true, true, {}));
  }
}

TEST_F(EachRule, m3_a_header_follows_its_parent_in_height_time_and_result) {
  const auto tip = *rules::parent_at(seen(), final.tip.id, View{10});
  const auto good = add(11, nullptr, 1).header();
  EXPECT_TRUE(rules::follows(good, tip));
  auto h = good;
  h.height = Height{6};
  EXPECT_FALSE(rules::follows(h, tip));
  h = good;
  h.time = final.tip.time;
  EXPECT_FALSE(rules::follows(h, tip));
  h = good;
  h.parent_result = Hash{{9}};
  EXPECT_FALSE(rules::follows(h, tip));
  auto unknown = tip;
  unknown.result.reset();
  EXPECT_TRUE(rules::follows(h, unknown));
}

TEST_F(EachRule, m3_null_is_held_for_each_view_between) {
  views.cur = View{14};
  views.null_low = View{13};
  EXPECT_TRUE(rules::nulls_between(views, View{12}));
  EXPECT_TRUE(rules::nulls_between(views, View{13}));
  EXPECT_FALSE(rules::nulls_between(views, View{11}));
}

TEST_F(EachRule, m3_a_time_ahead_waits_and_one_just_behind_its_parents_is_believed_twice_as_far) {
  const auto tip = *rules::parent_at(seen(), final.tip.id, View{10});
  auto h = add(11).header();  // at 1100
  EXPECT_EQ(rules::early_ms(h, tip, 1000, 100), 0u);
  EXPECT_EQ(rules::early_ms(h, tip, 999, 100), 1u);
  EXPECT_EQ(rules::early_ms(h, tip, 5000, 100), 0u);
  h.time = TimeMs{1001};
  EXPECT_EQ(rules::early_ms(h, tip, 801, 100), 0u);
  EXPECT_EQ(rules::early_ms(h, tip, 800, 100), 1u);
}

TEST_F(EachRule, m3_a_time_behind_is_refused_and_the_bound_doubles_while_nothing_becomes_final) {
  EXPECT_FALSE(rules::back_dated(TimeMs{4500}, 5000, 500, 32));
  EXPECT_TRUE(rules::back_dated(TimeMs{4499}, 5000, 500, 32));
  EXPECT_FALSE(rules::back_dated(TimeMs{4000}, 5000, 500, 33));
  EXPECT_TRUE(rules::back_dated(TimeMs{3999}, 5000, 500, 33));
  EXPECT_FALSE(rules::back_dated(TimeMs{0}, 500, 500, 0));
  EXPECT_FALSE(rules::back_dated(TimeMs{0}, UINT64_C(500) << 32, 500, UINT64_MAX));
  EXPECT_TRUE(rules::back_dated(TimeMs{0}, (UINT64_C(500) << 32) + 1, 500, UINT64_MAX));
}

TEST_F(EachRule, m3_only_empty_blocks_have_room_above_the_bound) {
  ledger::Header h;
  h.payload.len = kEmptyPayloadBytes + 1;
  EXPECT_TRUE(rules::has_room(h, 100, 100));
  EXPECT_FALSE(rules::has_room(h, 101, 100));
  h.payload.len = kEmptyPayloadBytes;
  EXPECT_TRUE(rules::has_room(h, 101, 100));
}

TEST_F(EachRule, m4_a_block_of_this_view_is_executed_once_its_parent_is) {
  auto& parent = add(11);
  auto& b = add(12, &parent);
  views.cur = View{12};
  EXPECT_EQ(rules::due(seen(), b), rules::Due::later);
  executed(parent);
  EXPECT_EQ(rules::due(seen(), b), rules::Due::now);
  parent.result = Hash{{1}};  // not the one that the header names
  EXPECT_EQ(rules::due(seen(), b), rules::Due::never);
  parent.result = result_of(parent);
  tree.mark_bad(parent);
  EXPECT_EQ(rules::due(seen(), b), rules::Due::never);
}

TEST_F(EachRule, m4_one_of_an_earlier_view_has_notar_or_was_voted_for_and_of_a_later_one_a_weak_set) {
  auto& b = add(12);
  EXPECT_EQ(rules::due(seen(), b), rules::Due::later);
  vote(notar(b), {0});
  EXPECT_EQ(rules::due(seen(), b), rules::Due::later);
  vote(notar(b), {1});
  EXPECT_EQ(rules::due(seen(), b), rules::Due::now);
  views.cur = View{13};
  EXPECT_EQ(rules::due(seen(), b), rules::Due::later);
  vote(notar(b), {2});
  EXPECT_EQ(rules::due(seen(), b), rules::Due::now);

  auto& other = add(11);
  EXPECT_EQ(rules::due(seen(), other), rules::Due::later);
  own.note(notar(other));
  EXPECT_EQ(rules::due(seen(), other), rules::Due::now);
  own.votes.clear();
  final.known.insert(other.id);
  EXPECT_EQ(rules::due(seen(), other), rules::Due::now);
}

TEST_F(EachRule, m5_the_highest_block_above_floor_and_own_final_where_neither_null_nor_final_was_signed) {
  auto& low = executed(add(11));
  auto& high = executed(add(12, &low));
  EXPECT_FALSE(rules::to_finalize(seen()));
  for (const auto* b : {&low, &high}) final.to_vote.emplace(b->header().view, b->id);
  EXPECT_EQ(rules::to_finalize(seen()), std::pair(View{12}, high.id));
  own.note(notar(high));
  EXPECT_EQ(rules::to_finalize(seen()), std::pair(View{12}, high.id));
  own.note(null(12));
  EXPECT_EQ(rules::to_finalize(seen()), std::pair(View{11}, low.id));
  own.floor = View{11};
  EXPECT_FALSE(rules::to_finalize(seen()));
  own.floor = View{10};
  own.fin_high = View{11};
  EXPECT_FALSE(rules::to_finalize(seen()));
  own.fin_high = View{10};
  tree.mark_bad(low);
  EXPECT_FALSE(rules::to_finalize(seen()));
}

TEST_F(EachRule, m6_a_weak_set_of_null_or_a_bad_block_with_notar_fails_a_view) {
  vote(null(11), {0});
  EXPECT_FALSE(rules::fails(seen()));
  vote(null(11), {1});
  EXPECT_TRUE(rules::fails(seen()));
  views.cur = View{12};
  auto& b = add(12);
  tree.mark_bad(b);
  vote(notar(b), {0, 1});
  EXPECT_FALSE(rules::fails(seen()));
  vote(notar(b), {2});
  EXPECT_TRUE(rules::fails(seen()));
}

TEST_F(EachRule, m6_without_notar_a_view_is_given_up_for_its_time_or_its_leader) {
  EXPECT_FALSE(rules::gives_up(seen(), {}, {1}));
  for (auto reason : {&Turn::expired, &Turn::late_again}) {
    Turn turn;
    turn.*reason = true;
    EXPECT_TRUE(rules::gives_up(seen(), turn, {1}));
  }
  for (auto reason : {&rules::OfLeader::dead, &rules::OfLeader::yields, &rules::OfLeader::passed}) {
    rules::OfLeader leader{1};
    leader.*reason = true;
    EXPECT_TRUE(rules::gives_up(seen(), {}, leader));
  }
  vote(null(11), {2});
  vote(notar(add(11)), {1, 2});
  EXPECT_FALSE(rules::gives_up(seen(), {}, {1}));
  EXPECT_TRUE(rules::gives_up(seen(), {}, {2}));  // the leader itself said NULL
  vote(notar(add(11, nullptr, 200)), {1});
  EXPECT_TRUE(rules::gives_up(seen(), {}, {1}));  // or NOTAR for two blocks
}

TEST_F(EachRule, m7_the_way_down_ends_at_the_tip_at_what_is_missing_or_at_a_block_that_was_walked) {
  auto& low = add(11);
  auto& high = add(12, &low);
  auto way = rules::way_down(seen(), high.id, {});
  EXPECT_EQ(way.ids, (std::vector{high.id, low.id}));
  EXPECT_TRUE(way.linked);
  EXPECT_EQ(way.halt, "");
  way = rules::way_down(seen(), high.id, {{low.id, true}});
  EXPECT_EQ(way.ids, std::vector{high.id});
  EXPECT_TRUE(way.linked);
  const auto missing = low.id;
  tree.erase(low.id);
  way = rules::way_down(seen(), high.id, {});
  EXPECT_EQ(way.ids, (std::vector{high.id, missing}));
  EXPECT_FALSE(way.linked);
  EXPECT_EQ(way.halt, "");
}

TEST_F(EachRule, m7_final_off_the_final_chain_or_of_a_bad_block_halts) {
  auto& bad = add(11);
  tree.mark_bad(bad);
  EXPECT_NE(rules::way_down(seen(), bad.id, {}).halt, "");
  Block elsewhere;
  elsewhere.id = Hash{{9}};
  elsewhere.proposal.header.view = View{10};
  EXPECT_NE(rules::way_down(seen(), add(12, &elsewhere).id, {}).halt, "");
  elsewhere.proposal.header.view = View{11};
  EXPECT_EQ(rules::way_down(seen(), add(13, &elsewhere).id, {}).halt, "");
}

TEST_F(EachRule, what_a_third_of_liars_cannot_show_together_is_named) {
  auto& a = add(11);
  auto& b = add(11, nullptr, 200);
  vote(notar(a), {0, 1, 2});
  vote(notar(b), {0, 1});
  EXPECT_EQ(rules::contradiction(seen(), View{11}), "");
  vote(notar(b), {2});
  EXPECT_NE(rules::contradiction(seen(), View{11}), "");
  auto& c = add(12);
  vote(fin(c, Hash{{1}}), {0, 1, 2});
  vote(null(12), {0, 1});
  EXPECT_EQ(rules::contradiction(seen(), View{12}), "");
  vote(null(12), {2});
  EXPECT_NE(rules::contradiction(seen(), View{12}), "");
  auto& d = add(13);
  vote(fin(d, Hash{{1}}), {0, 1, 2});
  vote(fin(d, Hash{{2}}), {0, 1, 2});
  EXPECT_NE(rules::contradiction(seen(), View{13}), "");
}

TEST_F(EachRule, a_weak_set_with_other_results_doubts_the_own_one_and_a_strong_set_with_one_refutes_it) {
  const auto judge = [&](const Block& b) { return rules::judge_result(seen(), facts.validators, b); };
  auto& b = executed(add(11));
  vote(fin(b, result_of(b)), {0, 1, 2});
  vote(fin(b, Hash{{1}}), {0});
  vote(fin(b, Hash{{2}}), {0});
  EXPECT_EQ(judge(b), rules::Others::agree);  // one liar, twice
  vote(fin(b, Hash{{2}}), {1});
  EXPECT_EQ(judge(b), rules::Others::doubt);
  vote(fin(b, Hash{{2}}), {2});
  EXPECT_EQ(judge(b), rules::Others::refute);
}

TEST_F(EachRule, the_end_is_open_while_the_last_block_with_notar_is_above_the_tip_and_its_view_is_not_nullified) {
  EXPECT_FALSE(rules::open_end(seen()));
  auto& b = add(11);
  views.left_by[11] = notar(b);
  views.left_by[12] = null(12);
  EXPECT_TRUE(rules::open_end(seen()));
  vote(null(11), {0, 1, 2});
  EXPECT_FALSE(rules::open_end(seen()));
  views.left_by[13] = notar(add(13));
  EXPECT_TRUE(rules::open_end(seen()));
  final.tip.view = View{13};
  EXPECT_FALSE(rules::open_end(seen()));
}

}  // namespace
}  // namespace dos::consensus
