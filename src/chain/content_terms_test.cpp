#include <gtest/gtest.h>

#include "chain/content_terms.hpp"

namespace dos::chain {
namespace {

constexpr Hash kA{{1}}, kB{{2}};
TimeMs at(std::uint64_t until, std::uint64_t more = 0) { return TimeMs{until + kExpiredGraceMs + more}; }

TEST(ContentTerms, content_ends_a_grace_after_its_time_and_is_told_once) {
  ContentTerms terms;
  terms.name(kA, TimeMs{1000});
  EXPECT_FALSE(terms.due(at(1000)));
  EXPECT_TRUE(terms.due(at(1000, 1)));
  EXPECT_TRUE(terms.expire(at(1000)).empty());  // the last moment
  EXPECT_FALSE(terms.expired(kA));
  EXPECT_EQ(terms.expire(at(1000, 1)), std::vector<Hash>{kA});
  EXPECT_EQ(terms.expired(kA), TimeMs{1000});
  EXPECT_FALSE(terms.due(at(1000, 2)));
  EXPECT_TRUE(terms.expire(at(1000, 2)).empty());
  EXPECT_FALSE(terms.expired(kB));  // nothing names it: an upload
}

TEST(ContentTerms, the_latest_of_several_records_decides) {
  ContentTerms terms;
  terms.name(kA, TimeMs{1000});
  terms.name(kA, TimeMs{3000});
  terms.name(kA, TimeMs{2000});
  terms.name(kB, TimeMs{1000});
  EXPECT_EQ(terms.expire(at(2500)), std::vector<Hash>{kB});
  terms.unname(kA, TimeMs{3000});
  EXPECT_EQ(terms.expired(kA), TimeMs{2000});
  terms.unname(kA, TimeMs{1000});
  terms.unname(kA, TimeMs{1000});  // none of it any more
  EXPECT_TRUE(terms.named(kA));
  terms.unname(kA, TimeMs{2000});
  EXPECT_FALSE(terms.named(kA));
  EXPECT_EQ(terms.size(), 1u);
}

TEST(ContentTerms, what_is_paid_anew_is_there_again_and_what_is_permanent_stays) {
  ContentTerms terms;
  terms.name(kA, TimeMs{1000});
  terms.name(kB, kPermanent);
  EXPECT_EQ(terms.expire(at(9000)), std::vector<Hash>{kA});
  terms.name(kA, TimeMs{20'000});
  EXPECT_FALSE(terms.expired(kA));
  EXPECT_EQ(terms.expire(at(20'001)), std::vector<Hash>{kA});
  EXPECT_TRUE(terms.expire(TimeMs{UINT64_MAX}).empty());
  EXPECT_FALSE(terms.expired(kB));
}

}  // namespace
}  // namespace dos::chain
