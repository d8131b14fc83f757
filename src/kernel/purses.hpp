// Fees and payments of one block (docs/spec/execution.md). Reservations are made in block order against the balances at
// block start and are not given back within the block, so they do not depend on how anything executes; every purse is
// written once, when the block ends. Calls see purses as they were at block start.
#pragma once
#include "kernel/overlay.hpp"

namespace dos::kernel {

class BlockScope;

class Purses {
 public:
  explicit Purses(const store::StateView& at_start) : view_(at_start) {}

  // Takes `amount` out of what is still free, or Errc::funds.
  Status reserve(BytesView purse, std::uint64_t amount);
  struct Held {
    std::uint64_t free = 0, reserved = 0;
  };
  Result<Held> look(BytesView purse);
  void take(BytesView purse, std::uint64_t amount);  // at most what was reserved
  void give(BytesView purse, std::uint64_t amount);  // makes the purse if it is absent
  // Writes every purse that changed or is new.
  Status settle(BlockScope& scope);

 private:
  struct Entry {
    bool read = false, exists = false, wanted = false;
    std::uint64_t start = 0, reserved = 0, taken = 0, given = 0;
  };
  Result<Entry*> entry(BytesView purse);
  const store::StateView& view_;
  std::map<Bytes, Entry, store::KeyLess> entries_;
};

store::Record purse_record(Credits balance, Version version);

}  // namespace dos::kernel
