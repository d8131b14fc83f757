// What peers owe this node: an answer for each question that it sent, one a question. An answer that is not owed is known by its
// first bytes, before anything of it is decoded; late ones are owed until they come.
#pragma once
#include <array>
#include <deque>
#include <vector>

#include "net/framing.hpp"

namespace dos::net {

inline constexpr std::uint32_t kMaxOwed =
    512;  // answers of one kind by one peer; the oldest is forgotten. Above what any part asks at once
inline constexpr std::size_t kMostKeyBytes = 40;

// question, its answer, how many bytes say what is asked: both bodies begin with them (a BlockFrame with the header they are the id of)
#define DOS_NET_ANSWERS(X)                  \
  X(GetBlock, BlockFrame, 32)               \
  X(GetTransactions, BlockTransactions, 32) \
  X(GetRange, Range, 8)                     \
  X(TipAsk, TipSaid, 8)                     \
  X(StoreAsk, StoreSaid, 8)                 \
  X(GetManifest, Manifest, 32)              \
  X(GetChunk, Chunk, 32 + 4)

#define DOS_ROW(Question, Answer, key) +1
inline constexpr std::size_t kAnswerKinds = 1 DOS_NET_ANSWERS(DOS_ROW);  // and the engine's
#undef DOS_ROW

bool is_answer(std::uint16_t number);

class OwedAnswers {
 public:
  explicit OwedAnswers(std::size_t peers) : peers_(peers) {}
  void asked(std::uint16_t peer, const Frame& question);  // of what has no answer nothing is kept
  bool take(std::uint16_t peer, const Frame& answer);     // false: nobody asked for it, or it has come
  void forget(std::uint16_t peer);                        // its link is gone, and its answers with it
  std::size_t count() const;

 private:
  using Key = std::array<std::uint8_t, kMostKeyBytes>;
  std::vector<std::array<std::deque<Key>, kAnswerKinds>> peers_;  // by validator and row; oldest first
};

}  // namespace dos::net
