// Final blocks for peers that catch up. An answer is read in pieces, one a call, so that votes pass between them; one is under way
// at a time, and peers that wait take turns. Whoever has caused more work than it may waits until it may cause more.
#pragma once
#include "base/edge.hpp"
#include "net/block_sync.hpp"

namespace dos::net {

inline constexpr std::uint32_t kRangePieceBlocks = 8;             // read in one call, or
inline constexpr std::uint64_t kRangePieceBytes = 512 * 1024;     // so many bytes, whichever comes first
inline constexpr std::uint64_t kRangeRetryNs = 20'000'000;        // before a peer that must wait is looked at again

class RangeServer {
 public:
  RangeServer(Outbox& out, Clock& clock, ReadFinal read);         // an error of `read` ends the answer: silence
  void received(std::uint16_t from, GetRange ask);                // one waits a peer: the newest. Answered by wake()
  void peer_down(std::uint16_t peer);
  void wake();                                                    // one piece
  std::optional<std::uint64_t> deadline_ns() const;
  std::size_t waiting() const { return asks_.size() + (job_ ? 1 : 0); }
  std::uint64_t held_bytes() const { return job_ ? job_->answer.bytes() : 0; }

 private:
  struct Job {
    std::uint16_t peer = 0;
    RangeAnswer answer;
  };
  bool begin();
  void piece();

  Outbox& out_;
  Clock& clock_;
  ReadFinal read_;
  std::map<std::uint16_t, GetRange> asks_;
  std::optional<Job> job_;
  std::uint16_t last_ = 0;
  std::uint64_t retry_ns_ = 0;
};

}  // namespace dos::net
