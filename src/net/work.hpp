// What a question of a peer costs this node, and how much of it one peer may cause. A question is begun while its asker has
// something left; what it took is taken off, below nothing if need be: one answer at most is on credit, and the long run is
// exact. What is over waits, or is not answered (questions.hpp).
#pragma once
#include "net/messages.hpp"

namespace dos::net {

struct Work {
  std::uint64_t reads = 0;       // records, blocks or chunks looked up in the store
  std::uint64_t bytes = 0;       // decoded, or made into frames
  std::uint64_t signatures = 0;  // made or checked
};
struct WorkLimit {
  std::uint64_t per_second, burst;
};
inline constexpr WorkLimit kReadWork{2'048, 4'096};
inline constexpr WorkLimit kByteWork{128ull << 20, 32ull << 20};
inline constexpr WorkLimit kSignatureWork{512, 512};
// Of all peers together between two looks at what else is to be done: votes never wait longer than for this and one answer.
inline constexpr Work kTurnWork{32, 1ull << 20, 16};

inline constexpr std::uint32_t kBlobsARead = 16;        // looked up for a storage promise: as dear as one read
inline constexpr std::uint32_t kChunksARead = 64;       // hashes of a manifest that are put together: likewise

// Messages that ask for something dear. Others cost no more than their frame (rates.hpp), or the engine counts them itself. A GetRange has
// a place of its own (range_server.hpp), so that it never stands behind questions that its asker has no budget for.
#define DOS_NET_QUESTIONS(X) \
  X(Addresses)               \
  X(GetBlock)                \
  X(GetTransactions)         \
  X(TipAsk)                  \
  X(StoreAsk)                \
  X(BlobOffer)               \
  X(GetManifest)             \
  X(GetChunk)

template <class T>
inline constexpr bool kIsQuestion = false;
#define DOS_ROW(Type) \
  template <>         \
  inline constexpr bool kIsQuestion<Type> = true;
DOS_NET_QUESTIONS(DOS_ROW)
#undef DOS_ROW
bool is_question(std::uint16_t number);

// Known before anything is done. The bytes of the answer come on top when it is made.
Work cost_of(const Addresses& m);
Work cost_of(const GetBlock& m);
Work cost_of(const GetTransactions& m);
Work cost_of(const TipAsk& m);
Work cost_of(const StoreAsk& m);
Work cost_of(const BlobOffer& m);
Work cost_of(const GetManifest& m);
Work cost_of(const GetChunk& m);

// Starts full. Time that goes back refills nothing.
class Allowance {
 public:
  explicit Allowance(WorkLimit limit) : limit_(limit), left_(std::int64_t(limit.burst)) {}
  bool any(std::uint64_t now_ns) const;                   // something is left
  void take(std::uint64_t now_ns, std::uint64_t amount);  // whatever is left
  std::uint64_t ready_ns(std::uint64_t now_ns) const;     // when something is left again

 private:
  void refill(std::uint64_t now_ns);
  WorkLimit limit_;
  std::int64_t left_;
  std::uint64_t from_ns_ = 0;
};

class WorkBudget {  // of one peer
 public:
  bool any(std::uint64_t now_ns) const { return reads_.any(now_ns) && bytes_.any(now_ns) && signatures_.any(now_ns); }
  void take(std::uint64_t now_ns, const Work& work);
  std::uint64_t ready_ns(std::uint64_t now_ns) const;

 private:
  Allowance reads_{kReadWork}, bytes_{kByteWork}, signatures_{kSignatureWork};
};

}  // namespace dos::net
