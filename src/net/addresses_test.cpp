#include "net/addresses.hpp"

#include "net/test_net.hpp"

namespace dos::net::test {
namespace {

TEST(Listen, takes_names_and_both_kinds_of_numbers_and_nothing_else) {
  for (const auto* good : {"host:1", "10.0.0.1:65535", "[::1]:7400", "a-b.example:80"}) EXPECT_TRUE(parse_listen(good)) << good;
  EXPECT_EQ(parse_listen("[::1]:7400")->host, "::1");
  for (const auto* bad :
       {"",        "host",  "host:",      ":80",    "host:0", "host:65536", "host:+1", "host:1 ", "ho st:1",     "::1:80",      "[]:80",
        "host:1x", "h\n:1", "[[::1]]:80", "[[]]:4", "[a]:80", "[::1:80",    "::1]:80", "h[]:80",  "http://h:80", "h\xc3\xa4:80"})
    EXPECT_FALSE(parse_listen(bad)) << bad;
  EXPECT_TRUE(parse_listen(std::string(kMaxListenText - 2, 'a') + ":1"));
  EXPECT_FALSE(parse_listen(std::string(kMaxListenText - 1, 'a') + ":1"));
}

struct Addresses : ::testing::Test {
  Committee committee{3, true};
  FakeEntropy entropy;
  AddressBook book_of(std::uint16_t self) { return AddressBook(committee.facts.chain, committee.facts.validators, self); }
  SignedAddress said(std::uint16_t who, std::string listen, std::uint64_t since, int signer = -1) {
    SignedAddress a{{who, std::move(listen), TimeMs{since}}, {}};
    a.signature =
        *crypto::sign(committee.node_keys[signer < 0 ? who : signer], crypto::domain::kAddress, committee.facts.chain, a.claim, entropy);
    return a;
  }
};

TEST_F(Addresses, come_from_genesis_first_and_the_newest_claim_wins) {
  auto book = book_of(0);
  ASSERT_EQ(book.dialable().size(), 2u);
  EXPECT_EQ(book.dialable()[0].host, "host1");
  EXPECT_TRUE(*book.learn(said(1, "new:1", 10)));
  EXPECT_FALSE(*book.learn(said(1, "old:1", 9)));
  EXPECT_FALSE(*book.learn(said(1, "other:1", 10)));
  EXPECT_TRUE(*book.learn(said(1, "newer:2", 11)));
  EXPECT_EQ(book.dialable()[0].host, "newer");
  EXPECT_EQ(book.signed_ones().addresses.size(), 1u);
}

TEST_F(Addresses, that_the_validator_did_not_sign_are_refused) {
  auto book = book_of(0);
  EXPECT_EQ(book.learn(said(1, "evil:1", 10, 2)).error().code, Errc::signature_invalid);
  EXPECT_EQ(book.learn(said(1, "not an address", 10)).error().code, Errc::malformed);
  auto stranger = said(1, "x:1", 10);
  stranger.claim.validator = 3;
  EXPECT_EQ(book.learn(stranger).error().code, Errc::malformed);
  EXPECT_EQ(book.dialable()[0].host, "host1");
}

TEST_F(Addresses, a_node_whose_clock_went_back_claims_again_above_its_old_claim) {
  auto book = book_of(0);
  ASSERT_TRUE(book.claim("now:1", TimeMs{100}, committee.node_keys[0], entropy));
  EXPECT_FALSE(*book.learn(said(0, "before:1", 500)));
  ASSERT_TRUE(book.must_claim_again());
  ASSERT_TRUE(book.claim("now:1", TimeMs{101}, committee.node_keys[0], entropy));
  EXPECT_FALSE(book.must_claim_again());
  EXPECT_EQ(book.signed_of(0)->claim.since.value, 501u);
  auto other = book_of(1);
  EXPECT_TRUE(*other.learn(said(0, "before:1", 500)));
  EXPECT_TRUE(*other.learn(*book.signed_of(0)));
}

}  // namespace
}  // namespace dos::net::test
