#include "api/exchange.hpp"
#include "api/json_parts.hpp"
#include "base/text.hpp"

namespace dos::api {

void get_health(Exchange& x) {
  Response r;
  r.body = "ok\n";
  x.reply(std::move(r));
}

void get_ready(Exchange& x) {
  const auto s = x.backend->status();
  if (!s.ready) return x.fail({Errc::not_ready, s.why_not});
  Response r;
  r.body = "ready\n";
  x.reply(std::move(r.with("Dos-At", std::to_string(s.height.value))));
}

void get_metrics(Exchange& x) {
  Response r;
  r.type = "text/plain; version=0.0.4; charset=utf-8";
  r.body = x.backend->metrics();
  x.reply(std::move(r));
}

void get_index(Exchange& x) {
  static const std::string text = [] {
    Json items = Json::array();
    for (const auto& route : routes())
      items.push_back({{"method", route.method}, {"path", route.pattern}, {"proof", name_of(route.proof)}, {"summary", route.sentence}});
    return dump({{"items", items}, {"openapi", "/v1/openapi.json"}});
  }();
  x.reply(json_response(text));
}

void get_error(Exchange& x) {
  const auto* row = find_error(x.arg(0));
  if (row == nullptr) return x.fail({Errc::not_found, "there is no error code of that name"});
  x.reply(json_response(dump({{"code", error_name(row->code)},
                              {"name", row->name},
                              {"title", row->title},
                              {"hint", row->remedy},
                              {"retry", row->retry},
                              {"status", row->http_status},
                              {"exit_code", row->exit_code}})));
}

void get_status(Exchange& x) {
  const auto s = x.backend->status();
  Json j{{"net", s.network},
         {"chain", hex(s.chain.view())},
         {"format", s.format},
         {"suite", s.suite},
         {"validator", s.validator},
         {"version", s.version},
         {"height", u64(s.height.value)},
         {"time", time_text(s.time)},
         {"ready", s.ready},
         {"durable_height", u64(s.durable_height)},
         {"records", u64(s.records)},
         {"live", u64(s.live)},
         {"transactions", u64(s.transactions)},
         {"boots", u64(s.boots)},
         {"pool", {{"count", s.pool_count}, {"bytes", s.pool_bytes}}},
         {"unclaimed_bytes", u64(s.unclaimed_bytes)},
         {"quorum", {{"have", s.peers + 1}, {"need", s.quorum_need}, {"of", s.quorum_of}}},
         {"view", u64(s.view.value)},
         {"votes", s.votes},
         {"catching_up", s.catching_up},
         {"missing_blobs", u64(s.missing_blobs)},
         {"nullified_views", u64(s.nullified)},
         {"evidence", u64(s.evidence)},
         {"peers", s.peers},
         {"started", time_text(TimeMs{s.started_ms})}};
  for (const auto& v : s.validators)
    j["validators"].push_back({{"name", v.name}, {"weight", u64(v.weight)}, {"linked", v.linked}, {"heard", v.heard}});
  if (!s.ready) j["why_not"] = s.why_not;
  x.reply(json_response(dump(j), s.height));
}

void get_genesis(Exchange& x) {
  if (!x.pay({0, x.backend->genesis().size(), 0})) return;
  Response r;
  r.type = ledger::kWireType;
  r.body.assign(as_text(x.backend->genesis()));
  r.with("ETag", "\"" + hex(x.backend->status().chain.view()) + "\"");
  x.reply(std::move(r));
}

}  // namespace dos::api
