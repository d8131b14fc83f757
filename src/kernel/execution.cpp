#include "kernel/execution.hpp"

#include "kernel/host/operations.hpp"
#include "kernel/rent.hpp"

namespace dos::kernel {

bool is_fatal(Errc code) {
  return code == Errc::internal || code == Errc::disk || code == Errc::disk_full || code == Errc::corrupt || code == Errc::not_ready;
}

Result<Bytes> Execution::arguments(const ledger::Call& call) const {
  Bytes args;
  for (const auto& piece : call.args) {
    const Bytes& bytes = std::holds_alternative<ledger::Literal>(piece) ? std::get<ledger::Literal>(piece).bytes
                                                                        : returns[std::get<ledger::ResultOf>(piece).call];
    append(args, bytes);
  }
  return args;
}

Status Execution::run() {
  for (std::size_t i = 0; i < c.tx.calls.size(); ++i) {
    current_call = std::uint8_t(i);
    const auto& call_i = c.tx.calls[i];
    DOS_ASSIGN(auto args, arguments(call_i));
    std::uint64_t used = 0;
    Bytes result;
    auto status = call(call_i.module, call_i.number, std::move(args), -1, c.tx.limits.gas.value - gas_used, used, result);
    gas_used += used;
    DOS_TRY(std::move(status));
    returns.push_back(std::move(result));
  }
  return check_whole();
}

Status Execution::call(std::uint16_t module, std::uint16_t number, Bytes args, int caller, std::uint64_t gas, std::uint64_t& used,
                       Bytes& out) {
  used = 0;
  DOS_ASSIGN(const auto* code, c.modules.find(module));
  if (!code) return fail(Errc::no_such_call, "there is no module " + std::to_string(module));
  // No re-entrance: a module's invariants hold whenever it is entered, and native stacks stay few.
  if (std::find(active_.begin(), active_.end(), module) != active_.end() || active_.size() >= kMaxCallDepth)
    return fail(Errc::access, "module " + std::to_string(module) + " is already being called");
  active_.push_back(module);
  Frame frame{*this, module, caller, std::move(args), {}};
  Operations host(frame);
  const auto outcome = code->call(number, gas, host);
  active_.pop_back();
  used = outcome.gas_used;
  out = std::move(frame.result);
  return outcome.status;
}

Status Execution::check_whole() {
  __int128 balance = 0;
  for (const auto& [purse, amount] : deposits) balance += amount;
  for (const auto& [purse, amount] : debits) balance -= amount;
  if (balance != 0) return fail(Errc::reverted, "what goes into purses must have come out of purses");
  DOS_TRY(check_terms(overlay.changes(), c.state, c.block.time));
  DOS_ASSIGN(const auto objects, rent_of_changes(c.params, overlay.changes(), c.state, c.block.time));
  rent = rent > UINT64_MAX - objects ? UINT64_MAX : rent + objects;
  if (rent > c.tx.limits.rent.value)
    return fail(Errc::limit, "rent: needs " + std::to_string(rent) + ", the limit is " + std::to_string(c.tx.limits.rent.value));
  return {};
}

}  // namespace dos::kernel
