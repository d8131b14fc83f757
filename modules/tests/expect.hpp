// What a test says of a receipt.
#pragma once
#include <gtest/gtest.h>

#include "ledger/receipt.hpp"

namespace dos::modules {

inline testing::AssertionResult done(const ledger::Receipt& r) {
  if (r.status == ledger::TxStatus::ok) return testing::AssertionSuccess() << "gas " << r.gas.value;
  return testing::AssertionFailure() << "status " << int(r.status) << ", " << error_row(Errc(r.code)).name << ": " << r.detail;
}
inline testing::AssertionResult refused(const ledger::Receipt& r, Errc code, const std::string& part = {}) {
  if (r.status == ledger::TxStatus::failed && Errc(r.code) == code && r.detail.find(part) != std::string::npos && r.writes.empty())
    return testing::AssertionSuccess();
  return testing::AssertionFailure() << "status " << int(r.status) << ", " << error_row(Errc(r.code)).name << ": " << r.detail;
}

}  // namespace dos::modules
