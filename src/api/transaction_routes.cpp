#include <algorithm>
#include <set>

#include "api/exchange.hpp"
#include "api/json_views.hpp"

namespace dos::api {
namespace {

constexpr std::uint64_t kDefaultWaitMs = 30'000;

bool is_wire(const Request& r) { return r.header("content-type") == ledger::kWireType; }

// The place of the first that stands there a second time, counted from 0. Looked for in the body as it came: copies cost nobody memory.
std::optional<std::size_t> repeated(BytesView body) {
  codec::Decoder list(body);
  const std::size_t count = list.length();
  std::set<std::string_view> seen;
  for (std::size_t i = 0; i < count && list.ok(); ++i) {
    const auto transaction = list.raw(list.length());
    if (list.ok() && !seen.insert(as_text(transaction)).second) return i;
  }
  return std::nullopt;
}

int submit_status(const ledger::SubmitAnswer& a) {
  if (a.outcomes.size() != 1) return 200;
  if (std::holds_alternative<ledger::Final>(a.outcomes[0].is)) return 201;
  if (const auto* refused = std::get_if<ledger::Refused>(&a.outcomes[0].is)) return error_row(Errc(refused->code)).http_status;
  return 202;
}

Response submit_response(const ledger::SubmitAnswer& a, bool bcs, int status) {
  Height at;
  for (const auto& anchor : a.anchors) at = std::max(at, anchor.header.height);
  auto r = bcs ? bcs_response(a, at) : json_response(json_of(a), at);
  r.status = status;
  for (const auto& o : a.outcomes)
    if (const auto* refused = std::get_if<ledger::Refused>(&o.is))
      if (error_row(Errc(refused->code)).http_status == 429) {
        r.with("Retry-After", "1");
        break;
      }
  if (status == 202) r.with("Location", "/v1/transactions/" + hex(a.outcomes[0].txid.view()));
  return r;
}

}  // namespace

void post_transactions(Exchange& x) {
  if (!is_wire(*x.request)) return x.reply(problem(415, Error{Errc::usage, std::string("send ") + ledger::kWireType}, x.instance));
  const auto limit = Error{Errc::limit, "1 to " + std::to_string(kMaxBatchTransactions) + " transactions go into one request"};
  if (codec::Decoder list(x.request->body); list.length() > kMaxBatchTransactions) return x.fail(limit);  // before they take memory
  if (const auto twice = repeated(x.request->body))
    return x.fail({Errc::malformed, "transaction " + std::to_string(*twice) + " stands in the request twice"});
  auto request = codec::decode<ledger::SubmitRequest>(x.request->body, "a submit request");
  if (!request) return x.fail(request.error());
  if (request->transactions.empty() || request->transactions.size() > kMaxBatchTransactions) return x.fail(limit);
  std::uint64_t timeout_ms = kDefaultWaitMs;
  if (const auto t = x.target.value("timeout_ms")) {
    auto v = parse_u64(*t, "timeout_ms");
    if (!v) return x.fail(v.error());
    timeout_ms = *v;  // within its row's bounds
  }
  const bool wait = x.target.value("wait") == "final";
  const bool bcs = x.bcs;
  x.backend->submit(
      std::move(*request), wait, timeout_ms,
      [reply = x.reply, instance = x.instance, bcs](Result<ledger::SubmitAnswer> a) {
        if (!a) return reply(problem(a.error(), instance));
        reply(submit_response(*a, bcs, bcs && a->outcomes.size() != 1 ? 200 : submit_status(*a)));
      },
      x.request->source);
}

void get_transaction(Exchange& x) {
  auto id = parse_hash(x.arg(0), "a transaction id");
  if (!id) return x.fail(id.error());
  x.backend->transaction(
      *id,
      [reply = x.reply, instance = x.instance, bcs = x.bcs](Result<ledger::SubmitAnswer> a) {
        if (!a) return reply(problem(a.error(), instance));
        reply(submit_response(*a, bcs, 200));
      },
      x.request->source);
}

void post_dry_run(Exchange& x) {
  if (!is_wire(*x.request)) return x.reply(problem(415, Error{Errc::usage, std::string("send ") + ledger::kWireType}, x.instance));
  auto receipt = x.backend->dry_run(x.request->body, x.request->source);
  if (!receipt) return x.fail(receipt.error());
  x.reply(x.bcs ? bcs_response(*receipt, x.backend->status().height) : json_response(json_of(*receipt)));
}

}  // namespace dos::api
