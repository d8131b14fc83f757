#include <algorithm>

#include "api/budgets.hpp"
#include "api/exchange.hpp"
#include "base/check.hpp"

namespace dos::api {
namespace {

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

// Fields that the row does not name are passed over; one that stands there twice, or has a value that it may not have, is no request.
Status check_query(const Route& row, const Target& target) {
  for (const auto* p : row.parameters) {
    if (std::string_view(p->in) != "query") continue;
    const auto named = [&](const Header& q) { return q.name == p->name; };
    const auto at = std::ranges::find_if(target.query, named);
    if (at == target.query.end()) continue;
    if (std::ranges::count_if(target.query, named) > 1) return fail(Errc::usage, std::string(p->name) + " stands in the query twice");
    DOS_TRY(fits(*p, at->value));
  }
  return {};
}

}  // namespace

Status fits(const Parameter& p, std::string_view value) {
  const std::string name(p.name);
  if (*p.pattern == 0) {
    DOS_ASSIGN(const auto n, parse_u64(value, p.name));
    if (n >= p.least && n <= p.most) return {};
    return fail(Errc::limit, name + " is a number from " + std::to_string(p.least) + " to " + std::to_string(p.most));
  }
  constexpr std::string_view kFlagValues[] = {"", "0", "1", "false", "true"};
  const std::string_view pattern = p.pattern;  // the text: two units may have two copies of one literal
  if (pattern == kFlagPattern && std::ranges::find(kFlagValues, value) == std::end(kFlagValues))
    return fail(Errc::usage, name + " is 1 or 0, true or false");
  if (pattern == kAfterPattern && (value.size() > kMaxNameBytes || value.contains('/')))
    return fail(Errc::usage, name + " is a name, of at most " + std::to_string(kMaxNameBytes) + " bytes");
  if (pattern == kFinalPattern && value != "final") return fail(Errc::usage, name + " is `final`, or is not there");
  return {};
}

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
  if (const auto good = check_query(row, x.target); !good) return say(*match.route, problem(good.error(), x.instance));
  x.args = std::move(match.args);
  x.bcs = request.header("accept").find(ledger::kWireType) != std::string_view::npos;
  x.reply = [finish = std::move(finish), route = *match.route](Response r) { finish(route, std::move(r)); };
  if (x.pay(cost_of(row.price) + Cost{0, request.body.size() - std::min(request.body_paid, request.body.size()), 0})) row.handler(x);
}

}  // namespace dos::api
