// The calls of one transaction, in order and atomically, over the state as the block has made it so far.
#pragma once
#include "kernel/access.hpp"
#include "kernel/accounts.hpp"
#include "kernel/kernel.hpp"

namespace dos::kernel {

// The code behind module numbers, as the state of this block names it.
class ModuleCode {
 public:
  virtual ~ModuleCode() = default;
  // Null: there is no such module. not_ready: there is one, and its code is not here.
  virtual Result<const vm::Code*> find(std::uint16_t number) = 0;
};

// Errors that are the node's, never a transaction's: apply() ends with them.
bool is_fatal(Errc code);

class Execution {
 public:
  struct Context {
    ModuleCode& modules;
    const ledger::Params& params;
    const BlockContext& block;
    const store::StateView& state;  // before this transaction
    const store::StateView& block_start;  // for purses
    Accounts& accounts;
    const ledger::Transaction& tx;
    const Proven& proven;
    Version version;                // that this transaction writes
    std::uint64_t gas_used = 0;     // before its calls
  };
  explicit Execution(const Context& context) : c(context), overlay(context.state), access(context.tx.access), gas_used(context.gas_used) {}

  Status run();  // every call, then the checks on the whole; fatal errors included
  Status call(std::uint16_t module, std::uint16_t number, Bytes args, int caller, std::uint64_t gas, std::uint64_t& used, Bytes& out);

  const Context c;
  Overlay overlay;
  AccessSet access;
  std::uint64_t gas_used;
  std::uint64_t rent = 0;           // explicit while calls run, the sum afterwards
  std::uint16_t appends = 0;
  std::map<Bytes, std::uint64_t, store::KeyLess> debits, deposits;
  std::vector<Bytes> returns;
  std::uint8_t current_call = 0;

 private:
  Status check_whole();
  Result<Bytes> arguments(const ledger::Call& call) const;
  std::vector<std::uint16_t> active_;  // modules that are being called: a chain enters each once
};

struct Frame {  // of one call of a module; what the operations of its host see
  Execution& tx;
  std::uint16_t module;
  int caller;
  Bytes args, result;
};

}  // namespace dos::kernel
