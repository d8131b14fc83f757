// What one question may read of the log, counted in records: so many in all, and after each kPieceReads of them `pause` is called. It
// may let a block be committed in between, or refuse to go on. Walks hold only values over a pause: what a record retired never changes.
#pragma once
#include <functional>

#include "base/limits.hpp"
#include "base/result.hpp"

namespace dos::store {

// The present needs one for each record that the answer shows and one for data that stands elsewhere; the past lies behind them.
inline constexpr std::uint64_t kMaxPresentReads = 4 * kMaxProofRecords;
inline constexpr std::uint64_t kMaxHistoryReads = 200'000;
inline constexpr std::uint64_t kPieceReads = 256;

class Reads {
 public:
  using Pause = std::function<Status()>;
  explicit Reads(std::uint64_t most, Pause pause = {}) : left_(most), pause_(std::move(pause)) {}
  Status spend(std::uint64_t reads = 1);  // limit
  std::uint64_t since_pause() const { return piece_; }

 private:
  std::uint64_t left_, piece_ = 0;
  Pause pause_;
};

}  // namespace dos::store
