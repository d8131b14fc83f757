#include "api/json_views.hpp"

#include <cstdio>

#include "api/json_parts.hpp"
#include "base/shown_text.hpp"
#include "base/text.hpp"

namespace dos::api {

std::string time_text(TimeMs time) { return time == kPermanent ? "permanent" : utc_text(time); }

Json view(const ledger::Anchor& a) {
  const auto& h = a.header;
  Json signers = Json::array();
  for (const auto& e : a.certificate.entries) signers.push_back(e.voter);
  return {{"height", u64(h.height.value)},
          {"id", hex(ledger::block_id(h).view())},
          {"chain", hex(h.chain.view())},
          {"time", time_text(h.time)},
          {"parent", hex(h.parent.view())},
          {"proposer", h.proposer},
          {"payload_bytes", h.payload.len},
          {"tx_root", hex(h.tx_root.view())},
          {"state_root", hex(a.parts.state_root.view())},
          {"receipts_root", hex(a.parts.receipts_root.view())},
          {"result", hex(a.certificate.item.result.view())},
          {"epoch", u64(h.epoch.value)},
          {"view", u64(h.view.value)},
          {"signers", signers}};
}

Json view(const ledger::Receipt& r) {
  constexpr const char* kStatus[] = {"", "ok", "failed", "stale", "skipped"};
  Json writes = Json::array();
  for (const auto& w : r.writes)
    writes.push_back(
        {{"key", hex(w.key)}, {"version", u64(w.version.value)}, {"data_hash", hex(w.data.view())}, {"deleted", w.version.value == 0}});
  Json returns = Json::array();
  for (const auto& b : r.returns) returns.push_back(base64(b));
  Json j{{"txid", hex(r.txid.view())}, {"wtxid", hex(r.wtxid.view())}, {"status", kStatus[unsigned(r.status)]}};
  if (r.status != ledger::TxStatus::ok) {
    j["code"] = r.code;
    j["failed_call"] = r.failed_call;
    j["detail"] = r.detail;
  }
  j["gas"] = u64(r.gas.value);
  j["bytes"] = r.bytes;
  j["fee"] = credits(r.fee);
  j["rent"] = credits(r.rent);
  j["writes"] = writes;
  j["returns"] = returns;
  return j;
}

Json u64(std::uint64_t v) { return std::to_string(v); }

Json credits(Credits c) {
  std::string text = std::to_string(c.value / kMicroPerCredit);
  if (const auto rest = c.value % kMicroPerCredit; rest != 0) {
    char part[16];
    std::snprintf(part, sizeof part, ".%06llu", (unsigned long long)rest);
    text += part;
    while (text.back() == '0') text.pop_back();
  }
  return text;
}

std::string dump(const Json& j) { return shown_json(j.dump(-1, ' ', false, Json::error_handler_t::replace)); }

std::string json_of(const ledger::Anchor& anchor) { return dump(view(anchor)); }
std::string json_of(const ledger::Receipt& receipt) { return dump(view(receipt)); }

std::string json_of(const ledger::TipAnswer& answer) {
  Json acks = Json::array();
  for (const auto& a : answer.acks)
    acks.push_back({{"validator", a.validator}, {"fin_voted", u64(a.body.fin_voted.value)}, {"nonce_root", hex(a.body.nonce_root.view())}});
  return dump({{"anchor", view(answer.anchor)}, {"acks", acks}});
}

std::string json_of(const ledger::BlockAnswer& answer) {
  Json receipts = Json::array();
  for (const auto& r : answer.receipts) receipts.push_back(view(r));
  return dump({{"block", view(answer.anchor)}, {"transactions", answer.receipts.size()}, {"receipts", receipts}});
}

std::string json_of(const ledger::SubmitAnswer& answer) {
  Json outcomes = Json::array();
  for (const auto& o : answer.outcomes) {
    Json j{{"txid", hex(o.txid.view())}};
    if (const auto* refused = std::get_if<ledger::Refused>(&o.is)) {
      const auto& row = error_row(Errc(refused->code));
      j["state"] = "refused";
      j["code"] = error_name(Errc(refused->code));
      j["title"] = row.title;
      j["detail"] = refused->detail;
      j["retry"] = row.retry;
    } else if (const auto* fin = std::get_if<ledger::Final>(&o.is)) {
      j["state"] = "final";
      if (fin->anchor < answer.anchors.size()) j["height"] = u64(answer.anchors[fin->anchor].header.height.value);
      j["index"] = u64(fin->proof.path.index);
      j["receipt"] = view(fin->proof.receipt);
    } else {
      j["state"] = "pending";
    }
    outcomes.push_back(std::move(j));
  }
  return dump({{"items", outcomes}});
}

std::string json_of(const ledger::BlobStatus& status) { return dump({{"root", hex(status.root.view())}, {"missing", status.missing}}); }

std::string json_of(const ledger::BlobManifest& manifest) {
  Json chunks = Json::array();
  for (const auto& c : manifest.chunks) chunks.push_back(hex(c.view()));
  return dump({{"bytes", u64(manifest.bytes)}, {"chunks", chunks}});
}

std::string json_of(const ledger::StoredAnswer& answer) {
  Json signatures = Json::array();
  for (const auto& s : answer.signatures) signatures.push_back({{"validator", s.validator}, {"signature", base64(s.signature.bytes)}});
  return dump({{"list_root", hex(answer.promise.list_root.view())},
               {"bytes", u64(answer.promise.bytes)},
               {"until", time_text(answer.promise.until)},
               {"epoch", u64(answer.promise.epoch.value)},
               {"signatures", signatures}});
}

}  // namespace dos::api
