// What every handler gets: the request in parts, the backend, and the way back. Internal to api/.
#pragma once
#include "api/handler.hpp"
#include "api/problem.hpp"

namespace dos::api {

struct Exchange {
  const Request* request;  // valid until the handler returns, not in its callbacks
  Target target;
  std::vector<std::string> args;
  Backend* backend;
  std::string instance;    // path, for problem documents
  bool bcs = false;        // the client accepts kWireType
  Reply reply;             // counts and finishes the answer

  void fail(const Error& error) const { reply(problem(error, instance)); }
  // What is about to be done beyond the route's price. False: who asks may not spend that much; it was told so.
  bool pay(const Cost& cost) const;
  // The same for callbacks, in which `request` is gone; valid where the exchange is not.
  std::function<bool(const Cost&)> purse() const;
  std::string_view arg(std::size_t i) const { return i < args.size() ? std::string_view(args[i]) : std::string_view{}; }
};

Response bcs_response(Bytes body, Height at);
template <class T>
Response bcs_response(const T& value, Height at) {
  return bcs_response(codec::encode(value), at);
}
Response json_response(std::string body, std::optional<Height> at = std::nullopt);

// One a row, each group in its *_routes.cpp.
#define DOS_ROW(method, pattern, handler, proof, price, body, gives, takes, sentence) void handler(Exchange&);
DOS_ROUTES(DOS_ROW)
#undef DOS_ROW

std::string openapi_document(std::span<const Route> table = routes());  // abi/openapi.json
std::string status_page(const NodeStatus& status, const std::vector<RecentBlock>& blocks);

}  // namespace dos::api
