#include "consensus/messages.hpp"

#include <gtest/gtest.h>

#include "consensus/engines.hpp"

namespace dos::consensus {
namespace {

template <class M>
Result<Message> there_and_back(const M& message) {
  return read_message(EngineMessage(message));
}

TEST(Messages, limits_hold_at_their_edges) {
#define DOS_EDGE(Type, list, least, most)                              \
  do {                                                                 \
    Type m;                                                            \
    m.list.resize(least);                                              \
    EXPECT_TRUE(there_and_back(m)) << #Type;                           \
    m.list.resize(most);                                               \
    EXPECT_TRUE(there_and_back(m)) << #Type;                           \
    m.list.resize((most) + 1);                                         \
    EXPECT_EQ(there_and_back(m).error().code, Errc::limit) << #Type;   \
    if ((least) > 0) {                                                 \
      m.list.clear();                                                  \
      EXPECT_EQ(there_and_back(m).error().code, Errc::limit) << #Type; \
    }                                                                  \
  } while (false)
  DOS_EDGE(Votes, votes, 1, kMaxVotesPerMessage);
  DOS_EDGE(Have, certificates, 1, kMaxEvidenceItems);
  DOS_EDGE(Get, certificates, 1, kMaxEvidenceItems);
  DOS_EDGE(StatusReport, held, 0, kMaxStatusItems);
  DOS_EDGE(SignedAnswer, entered_by, 0, kMaxValidators);
#undef DOS_EDGE
}

TEST(Messages, what_does_not_decode_or_is_of_no_kind_here_is_malformed) {
  EXPECT_EQ(read_message(EngineMessage(SignedAsk::kKind, Bytes(3))).error().code, Errc::malformed);
  EXPECT_EQ(read_message(EngineMessage(1, {})).error().code, Errc::malformed);
  const auto ask = there_and_back(SignedAsk{Epoch{3}, Hash{{7}}});
  ASSERT_TRUE(ask);
  EXPECT_EQ(std::get<SignedAsk>(*ask).nonce, Hash{{7}});
}

// All kinds that are read have a row, so that a start finds out whether they fit into frames.
TEST(Messages, each_kind_stands_in_the_row_of_the_engine) {
  std::size_t kinds = 0;
  for (std::uint32_t kind = 0; kind < 64; ++kind) {
    const auto read = read_message(EngineMessage(std::uint16_t(kind), Bytes(1, 0xFF)));
    const bool known = read.error().detail.find("is not of this engine") == std::string::npos;
    kinds += known;
    EXPECT_EQ(known, std::ranges::count(simplex_engine().messages, kind, &MessageLimit::kind) == 1) << kind;
  }
  EXPECT_EQ(kinds, simplex_engine().messages.size());
}

}  // namespace
}  // namespace dos::consensus
