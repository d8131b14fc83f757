#include "consensus/own.hpp"

#include <gtest/gtest.h>

namespace dos::consensus {
namespace {

using ledger::VoteItem;
using ledger::VoteKind;

const VoteItem kNotar{VoteKind::notar, View{4}, Hash{{1}}, {}};
const VoteItem kOther{VoteKind::notar, View{4}, Hash{{2}}, {}};
const VoteItem kNull{VoteKind::null, View{4}, {}, {}};
const VoteItem kFinal{VoteKind::final, View{4}, Hash{{1}}, Hash{{9}}};

TEST(Own, no_kind_twice_in_a_view_and_never_null_and_final) {
  Own own;
  own.note(kNotar);
  EXPECT_FALSE(own.votes[4].may(kOther));
  EXPECT_TRUE(own.votes[4].may(kNull));  // an earlier NOTAR does not forbid it
  EXPECT_TRUE(own.votes[4].may(kFinal));
  auto null = own;
  null.note(kNull);
  EXPECT_FALSE(null.votes[4].may(kFinal));
  EXPECT_FALSE(null.votes[4].may(kNull));
  own.note(kFinal);
  EXPECT_FALSE(own.votes[4].may(kNull));
  EXPECT_FALSE(own.votes[4].may(kFinal));
}

TEST(Own, views_that_were_only_looked_at_do_not_count) {
  Own own;
  own.note(kNotar);
  own.votes[7];
  EXPECT_EQ(own.highest(View{2}), View{4});
  EXPECT_EQ(own.highest(View{6}), View{6});
  EXPECT_EQ(*own.notar(View{4}), kNotar);
  EXPECT_EQ(own.notar(View{7}), nullptr);
  EXPECT_EQ(own.notar(View{8}), nullptr);
}

}  // namespace
}  // namespace dos::consensus
