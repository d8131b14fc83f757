#include <algorithm>

#include "api/budgets.hpp"
#include "api/exchange.hpp"
#include "base/check.hpp"

namespace dos::api {
namespace {

struct Row {
  const char* method;
  const char* pattern;
  Handler handler;
};
constexpr Row kHandlers[] = {
    {"GET", "/", get_page},
    {"GET", "/healthz", get_health},
    {"GET", "/livez", get_health},
    {"GET", "/readyz", get_ready},
    {"GET", "/metrics", get_metrics},
    {"GET", "/v1", get_index},
    {"GET", "/v1/openapi.json", get_openapi},
    {"GET", "/v1/errors/{code}", get_error},
    {"GET", "/v1/status", get_status},
    {"GET", "/v1/genesis", get_genesis},
    {"GET", "/v1/anchor", get_anchor},
    {"GET", "/v1/tip", get_tip},
    {"POST", "/v1/state", post_state},
    {"GET", "/v1/objects/{key}", get_object},
    {"GET", "/v1/files/{path}", get_file},
    {"GET", "/v1/identities/{name}", get_identity},
    {"GET", "/v1/accounts/{name}", get_account},
    {"GET", "/v1/messages/{name}", get_messages},
    {"GET", "/v1/params", get_params},
    {"GET", "/v1/modules", get_modules},
    {"GET", "/v1/blocks/{height}", get_block},
    {"POST", "/v1/transactions", post_transactions},
    {"GET", "/v1/transactions/{id}", get_transaction},
    {"POST", "/v1/dry-run", post_dry_run},
    {"POST", "/v1/blobs", post_blob},
    {"PUT", "/v1/blobs/{root}/{chunk}", put_chunk},
    {"GET", "/v1/blobs/{root}", get_blob},
    {"GET", "/v1/blobs/{root}/{chunk}", get_chunk},
    {"POST", "/v1/stored", post_stored},
};

// A row without a handler, or a handler without a row, does not compile.
constexpr bool same_table() {
  constexpr Route rows[] = {
#define DOS_ROW(method, pattern, kind, price, sentence) {#method, pattern, ProofKind::kind, Price::price, sentence},
      DOS_ROUTES(DOS_ROW)
#undef DOS_ROW
  };
  if (std::size(rows) != std::size(kHandlers)) return false;
  for (std::size_t i = 0; i < std::size(rows); ++i)
    if (std::string_view(rows[i].method) != kHandlers[i].method || std::string_view(rows[i].pattern) != kHandlers[i].pattern) return false;
  return true;
}
static_assert(same_table(), "api/handler.cpp and api/routes.hpp must have the same rows in the same order");

// Nothing here is ever shown on another page or run as script: the one page is the status page, without scripts.
void harden(Response& r) {
  r.with("X-Content-Type-Options", "nosniff")
      .with("Content-Security-Policy",
            "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox")
      .with("Referrer-Policy", "no-referrer")
      .with("Cross-Origin-Resource-Policy", "same-origin");
  bool cached = false;
  for (const auto& h : r.headers) cached = cached || h.name == "Cache-Control";
  if (!cached) r.with("Cache-Control", "no-store");
}

// Beside the rows' own methods: HEAD wherever GET is, and OPTIONS.
std::string allowed(const std::string& rows) {
  const bool get = rows.find("GET") != std::string::npos;
  return rows + (get ? ", HEAD, OPTIONS" : ", OPTIONS");
}
Response options(const std::string& allow) {
  Response r;
  r.status = 204;
  return std::move(r.with("Allow", allow));
}

}  // namespace

std::function<bool(const Cost&)> Exchange::purse() const {
  return [backend = backend, source = request->source, instance = instance, reply = reply](const Cost& cost) {
    const auto wait = backend->charge(source, work_of(cost));
    if (wait) reply(told_to_wait(*wait, instance));
    return !wait;
  };
}

bool Exchange::pay(const Cost& cost) const { return purse()(cost); }

Response bcs_response(Bytes body, Height at) {
  Response r;
  r.type = ledger::kWireType;
  r.body.assign(as_text(body));
  return std::move(r.with("Dos-At", std::to_string(at.value)));
}

Response json_response(std::string body, std::optional<Height> at) {
  Response r;
  r.type = "application/json";
  r.body = std::move(body);
  if (at) r.with("Dos-At", std::to_string(at->value));
  return r;
}

void handle(const Request& request, Backend& backend, Reply reply) {
  const auto mark = request.target.find('?');
  Exchange x{&request, {}, {}, &backend, request.target.substr(0, mark), false, {}};
  const bool head = request.method == "HEAD";
  auto finish = [&backend, reply = std::move(reply), head](unsigned route, Response r) {
    backend.count_request(route, r.status);
    harden(r);
    if (head) {
      r.length = r.body.size();
      r.body.clear();
    }
    reply(std::move(r));
  };
  // To say no is work too, and has the price of any text.
  const auto say = [&x, &finish](unsigned route, Response r) {
    x.reply = [finish, route](Response answer) { finish(route, std::move(answer)); };
    if (x.pay(cost_of(Price::text))) x.reply(std::move(r));
  };
  const auto none = unsigned(routes().size());
  if (request.target.size() > kMaxTargetBytes)
    return say(none, problem(414, Error{Errc::limit, "the request target is longer than 8 KiB"}));
  if (request.target == "*" && request.method == "OPTIONS") return say(none, options("GET, HEAD, POST, PUT, OPTIONS"));
  auto target = parse_target(request.target);
  if (!target) return say(none, problem(target.error()));
  x.target = std::move(*target);
  auto match = match_route(request.method, x.target.path);
  if (!match.route) {
    if (!match.allow.empty()) {
      const auto allow = allowed(match.allow);
      if (request.method == "OPTIONS") return say(none, options(allow));
      auto r = problem(405, Error{Errc::usage, "this route takes " + allow}, x.instance);
      return say(none, std::move(r.with("Allow", allow)));
    }
    return say(none, problem(404, Error{Errc::usage, "there is no such route; GET /v1 lists them"}, x.instance));
  }
  if (request.body.size() > body_limit(request.method, request.target))
    return say(*match.route, problem(413, Error{Errc::limit, "the body is larger than this route takes"}, x.instance));
  x.args = std::move(match.args);
  x.bcs = request.header("accept").find(ledger::kWireType) != std::string_view::npos;
  x.reply = [finish = std::move(finish), route = *match.route](Response r) { finish(route, std::move(r)); };
  if (x.pay(cost_of(routes()[*match.route].price) + Cost{0, request.body.size() - std::min(request.body_paid, request.body.size()), 0}))
    kHandlers[*match.route].handler(x);
}

}  // namespace dos::api
