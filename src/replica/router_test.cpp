#include <gtest/gtest.h>

#include "replica/router.hpp"

namespace dos::replica {
namespace {

using namespace net;  // the rows name their types so

struct Heard {
  std::vector<std::pair<std::uint16_t, std::uint16_t>> from;  // who sent, which row
  template <class M>
  Status received(std::uint16_t peer, const M&) {
    from.emplace_back(peer, MessageOf<M>::kNumber);
    return answer;
  }
  Status answer;
};

struct Desk {
  std::vector<Hash> asked;
  void received(std::uint16_t, GetBlock ask) { asked.push_back(ask.id); }
};

struct Table {
  std::vector<std::pair<std::uint16_t, std::string>> punished;
  Router router{[this](std::uint16_t peer, const std::string& why) { punished.emplace_back(peer, why); }};
  Heard rest;
  template <class... Except>
  void all_but() {
#define DOS_ROW(number, Type, limit, rate) \
  if constexpr (!(std::is_same_v<Type, Except> || ...)) router.to<Type>(rest);
    DOS_NET_PEER_MESSAGES(DOS_ROW)
#undef DOS_ROW
    router.to<consensus::EngineMessage>(rest);
  }
};

TEST(Router, a_row_that_nobody_takes_is_refused_at_the_start) {
  Table t;
  t.all_but<GetChunk, Gossip>();
  const auto none = t.router.whole();
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, Errc::internal);
  EXPECT_EQ(none.error().detail, "no part takes the message Gossip; no part takes the message GetChunk");
  t.router.ignore<Gossip>();
  t.router.to<GetChunk>(t.rest);
  EXPECT_TRUE(t.router.whole());
}

TEST(Router, a_row_that_two_take_is_refused_at_the_start) {
  Table t;
  t.all_but();
  EXPECT_TRUE(t.router.whole());
  Desk desk;
  t.router.to<GetBlock>(desk);
  const auto two = t.router.whole();
  ASSERT_FALSE(two);
  EXPECT_EQ(two.error().detail, "more than one part takes the message GetBlock");
}

TEST(Router, a_message_goes_to_the_part_that_takes_its_row_and_to_no_other) {
  Table t;
  Desk desk;
  t.all_but<GetBlock>();
  t.router.to<GetBlock>(desk);
  const Hash id = crypto::plain_hash(as_bytes("a block"));
  t.router.pass(3, GetBlock{id});
  t.router.pass(2, Gossip{});
  EXPECT_EQ(desk.asked, std::vector<Hash>{id});
  EXPECT_EQ(t.rest.from, (std::vector<std::pair<std::uint16_t, std::uint16_t>>{{2, MessageOf<Gossip>::kNumber}}));
  EXPECT_TRUE(t.punished.empty());
}

TEST(Router, who_breaks_the_protocol_of_a_part_is_named_to_the_owner) {
  Table t;
  t.all_but();
  t.rest.answer = fail(Errc::malformed, "no such thing");
  t.router.pass(1, StoreAsk{});
  EXPECT_EQ(t.punished, (std::vector<std::pair<std::uint16_t, std::string>>{{1, "no such thing"}}));
}

}  // namespace
}  // namespace dos::replica
