#include "cli/receipt_view.hpp"

#include "base/text.hpp"
#include "client/calls/submit.hpp"

namespace dos::cli {

const char* status_name(ledger::TxStatus s) {
  switch (s) {
    case ledger::TxStatus::ok: return "ok";
    case ledger::TxStatus::failed: return "failed";
    case ledger::TxStatus::stale: return "stale";
    case ledger::TxStatus::skipped: return "skipped";
  }
  return "?";
}

Json receipt_json(const ledger::Receipt& r) {
  Json writes = Json::array();
  for (const auto& w : r.writes)
    writes.push_back({{"key", hex(w.key)}, {"version", std::to_string(w.version.value)}, {"deleted", w.version.value == 0}});
  return {{"tx", client::tx_name(r.txid)},
          {"status", status_name(r.status)},
          {"code", r.code == 0 ? Json(nullptr) : Json(error_name(Errc(r.code)))},
          {"detail", r.detail},
          {"gas", std::to_string(r.gas.value)},
          {"bytes", r.bytes},
          {"fee", shown_credits(r.fee.value)},
          {"rent", shown_credits(r.rent.value)},
          {"writes", writes}};
}

}  // namespace dos::cli
