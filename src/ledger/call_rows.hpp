// A module lists its calls once, in modules/NAME/calls.hpp, as the macro DOS_<NAME>_CALLS(X) with one row a call:
//   X(number, constant of it, struct of its arguments, function that does it, name and what else a CallSpec has)
// The struct stands beside the rows, the function in the module's own .cpp. All else follows from the rows: numbers, arguments and table here,
// the dispatch of the guest in sdk/cpp/module.hpp (DOS_DISPATCH).
#pragma once
#include <tuple>

#include "ledger/call_table.hpp"

#define DOS_CALL_NUMBER(number, constant, ...) constant = number,
#define DOS_CALL_ARGUMENTS(number, constant, Arguments, ...) , Arguments
#define DOS_CALL_SPEC(number, constant, Arguments, body, ...) {constant, __VA_ARGS__},
#define DOS_CALL_TABLE(CALLS)                                                  \
  enum CallNumber : std::uint16_t { CALLS(DOS_CALL_NUMBER) };                  \
  using CallArgs = ::dos::ledger::ArgumentsOf<void CALLS(DOS_CALL_ARGUMENTS)>; \
  inline constexpr ::dos::ledger::CallSpec kCalls[] = {CALLS(DOS_CALL_SPEC)}

namespace dos::ledger {

template <class First, class... Arguments>
struct WithoutFirst {
  using Tuple = std::tuple<Arguments...>;
};
template <class... Arguments>
using ArgumentsOf = WithoutFirst<Arguments...>::Tuple;  // of a macro's rows, each of which begins with a comma

}  // namespace dos::ledger
