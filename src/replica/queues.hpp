// Everything that this node keeps for other validators, as /metrics shows it and the simulator checks it. One row a queue; what each
// holds, its key, bounds and end stand in docs/spec/wire.md, "What is kept for peers".
#pragma once
#include <array>
#include <cstdint>
#include <string_view>

// clang-format off
#define DOS_NODE_QUEUES(X)                                                        \
  X(blocks, "blocks above the last final one whose payload is held")              \
  X(unproved, "of these, what no honest validator is known to have voted for")    \
  X(recent, "final blocks that are still given by id")                            \
  X(headers, "headers above the last final block")                                \
  X(votes, "votes above the last final block")                                    \
  X(wanted, "blocks that were asked for, here or not")                            \
  X(wants, "certificates and blocks that others have and are looked for")         \
  X(rebuilds, "proposals that wait for missing transactions")                     \
  X(fetches, "blocks that are asked for by id")                                   \
  X(spans, "ranges that are asked for while catching up")                         \
  X(ranges, "peers that wait for a range")                                        \
  X(questions, "questions that wait for their turn")                              \
  X(owed, "answers that peers owe")                                               \
  X(half_read, "links, and bytes of frames that have not come whole")             \
  X(held_back, "frames of content that wait for their link")                      \
  X(unsent, "links, and bytes that they have not taken yet")                      \
  X(pool, "transactions that wait for a block")                                   \
  X(gossip, "transactions whose holders are remembered")                          \
  X(pulls, "blobs that are fetched")                                              \
  X(chunks, "chunks that are asked for")                                          \
  X(parked, "peers' asks for chunks that are still to come")                      \
  X(duties, "storage promises that peers asked for")                              \
  X(store_asks, "storage promises that others owe this node's clients")           \
  X(promises, "storage promises of a moment ago, that are given again")           \
  X(promise_waits, "clients that wait for a storage promise")                     \
  X(tip_asks, "clients that wait for acknowledgements")
// clang-format on

namespace dos::replica {

enum class Queue : std::uint8_t {
#define DOS_ROW(name, what) name,
  DOS_NODE_QUEUES(DOS_ROW)
#undef DOS_ROW
      count
};
inline constexpr std::size_t kQueues = std::size_t(Queue::count);

struct QueueRow {
  std::string_view name, what;
};
inline constexpr std::array<QueueRow, kQueues> kQueueRows = {{
#define DOS_ROW(name, what) {#name, what},
    DOS_NODE_QUEUES(DOS_ROW)
#undef DOS_ROW
}};

struct QueueSize {
  std::uint64_t entries = 0, bytes = 0;  // bytes: 0 where entries are small and alike
  std::uint64_t most_entries = 0, most_bytes = 0;  // bounds, 0: none of its own (what honest validators vote for is kept)
};
struct QueueSizes {
  std::array<QueueSize, kQueues> of{};
  QueueSize& operator[](Queue q) { return of[std::size_t(q)]; }
  const QueueSize& operator[](Queue q) const { return of[std::size_t(q)]; }
};

}  // namespace dos::replica
