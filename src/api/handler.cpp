#include <algorithm>

#include "api/budgets.hpp"
#include "api/exchange.hpp"
#include "base/check.hpp"

namespace dos::api {
namespace {

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

void handle(const Request& request, Backend& backend, Reply reply, std::span<const Route> table) {
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
  const auto none = unsigned(table.size());
  if (request.target.size() > kMaxTargetBytes)
    return say(none, problem(414, Error{Errc::limit, "the request target is longer than 8 KiB"}));
  if (request.target == "*" && request.method == "OPTIONS") return say(none, options("GET, HEAD, POST, PUT, OPTIONS"));
  auto target = parse_target(request.target);
  if (!target) return say(none, problem(target.error()));
  x.target = std::move(*target);
  auto match = match_route(request.method, x.target.path, table);
  if (!match.route) {
    if (!match.allow.empty()) {
      const auto allow = allowed(match.allow);
      if (request.method == "OPTIONS") return say(none, options(allow));
      auto r = problem(405, Error{Errc::usage, "this route takes " + allow}, x.instance);
      return say(none, std::move(r.with("Allow", allow)));
    }
    return say(none, problem(404, Error{Errc::usage, "there is no such route; GET /v1 lists them"}, x.instance));
  }
  const Route& row = table[*match.route];
  if (request.body.size() > row.body.most)
    return say(*match.route, problem(413, Error{Errc::limit, "the body is larger than this route takes"}, x.instance));
  x.args = std::move(match.args);
  x.bcs = request.header("accept").find(ledger::kWireType) != std::string_view::npos;
  x.reply = [finish = std::move(finish), route = *match.route](Response r) { finish(route, std::move(r)); };
  if (x.pay(cost_of(row.price) + Cost{0, request.body.size() - std::min(request.body_paid, request.body.size()), 0})) row.handler(x);
}

}  // namespace dos::api
