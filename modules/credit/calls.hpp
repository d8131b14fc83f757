// The module `credit`: purses. Objects: ledger/state_formats.hpp (Purse); the kernel settles fees, debits and deposits.
//   credit,'f'    height at which the faucet last gave: data BCS(u64)
#pragma once
#include <span>

#include "ledger/call_rows.hpp"
#include "ledger/state_formats.hpp"

namespace dos::credit {

struct Pay {
  std::string from, to;
  Credits amount;
  DOS_FIELDS(from, to, amount);
};
struct Faucet {
  std::string to;
  Credits amount;  // at most Params::faucet_per_block, once a block; local networks only
  DOS_FIELDS(to, amount);
};

inline Bytes faucet_key() {
  Bytes k = ledger::module_key(ledger::kCreditModule);
  k.push_back('f');
  return k;
}

// clang-format off
#define DOS_CREDIT_CALLS(X)                                                                                                                                 \
  X(0xC0, kPay, Pay, pay, "pay", "from:name to:name amount:credits", "", "the payer", "debit 'p' {from} {amount}; deposit 'p' {to}; read id. 'a' {to}",     \
    1'000'000, "credits moved", "Pays credits.")                                                                                                            \
  X(0xC1, kFaucet, Faucet, faucet, "faucet", "to:name amount:credits", "", "anybody, on local networks",                                                    \
    "latest 'f'; debit 'p' {faucet} {amount}; deposit 'p' {to}; read id. 'a' {to}", 1'000'000, "credits given",                                             \
    "Takes credits from the local network's faucet.")
// clang-format on

DOS_CALL_TABLE(DOS_CREDIT_CALLS);

inline constexpr std::span<const ledger::RecordSpec> kRecords;  // none

}  // namespace dos::credit
