// Receipts as the command line shows them.
#pragma once
#include "cli/output.hpp"
#include "ledger/receipt.hpp"

namespace dos::cli {

const char* status_name(ledger::TxStatus status);  // "ok"
Json receipt_json(const ledger::Receipt& receipt);

}  // namespace dos::cli
