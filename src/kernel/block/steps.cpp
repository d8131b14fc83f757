#include "kernel/block/steps.hpp"

#include "kernel/block/scope.hpp"

namespace dos::kernel {
namespace {

// No block names more purses: those that its transactions declare, each one's payer, and the fees.
// Each may be looked at and written.
constexpr std::uint64_t kMostPurses = 2 * (std::uint64_t(kMaxAccesses + 1) * Version::kBlockIndex + 1);

constexpr BlockStep kEnd[] = {
    {"purses", kMostPurses, [](BlockScope& scope) { return scope.purses().settle(scope); }},
};

Status not_a_purse(BytesView key) {
  if (!starts_with(key, ledger::purse_key(""))) return {};
  return fail(Errc::internal, "a step of the block wrote a purse by itself");
}

}  // namespace

BlockSteps block_steps() { return {{}, kEnd}; }

Status BlockScope::work(std::uint64_t objects) {
  if (objects > left_)
    return fail(Errc::internal, "the block's step '" + std::string(step_.name) + "' goes past its bound of " + std::to_string(step_.most));
  left_ -= objects;
  return {};
}

Result<std::optional<store::Record>> BlockScope::get(BytesView key) {
  DOS_TRY(work(1));
  return state_.get(key);
}

Result<std::optional<Bytes>> BlockScope::next(BytesView prefix, BytesView after) {
  DOS_TRY(work(1));
  const auto passed = state_.passed();
  auto key = state_.next(prefix, after);
  DOS_TRY(work(state_.passed() - passed));
  return key;
}

Status BlockScope::write(BytesView key, std::optional<store::Record> record) {
  DOS_TRY(work(1));
  if (!record) {
    state_.del(key);
    return {};
  }
  record->version = Version(block_.height, Version::kBlockIndex);
  state_.put(key, std::move(*record));
  return {};
}

Status BlockScope::put(BytesView key, store::Record record) {
  DOS_TRY(not_a_purse(key));
  return write(key, std::move(record));
}

Status BlockScope::del(BytesView key) {
  DOS_TRY(not_a_purse(key));
  return write(key, std::nullopt);
}

}  // namespace dos::kernel
