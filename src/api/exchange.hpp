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

using Handler = void (*)(Exchange&);

// ---- one group a file
void get_page(Exchange&);             // status_page.cpp
void get_openapi(Exchange&);          // openapi.cpp
void get_health(Exchange&);           // node_routes.cpp
void get_ready(Exchange&);
void get_metrics(Exchange&);
void get_index(Exchange&);
void get_error(Exchange&);
void get_status(Exchange&);
void get_genesis(Exchange&);
void get_anchor(Exchange&);           // block_routes.cpp
void get_tip(Exchange&);
void get_block(Exchange&);
void post_state(Exchange&);           // state_routes.cpp
void get_object(Exchange&);
void get_file(Exchange&);
void get_identity(Exchange&);
void get_account(Exchange&);
void get_messages(Exchange&);
void get_params(Exchange&);
void get_modules(Exchange&);
void post_transactions(Exchange&);    // transaction_routes.cpp
void get_transaction(Exchange&);
void post_dry_run(Exchange&);
void post_blob(Exchange&);            // blob_routes.cpp
void put_chunk(Exchange&);
void get_blob(Exchange&);
void get_chunk(Exchange&);
void post_stored(Exchange&);

std::string openapi_document();       // abi/openapi.json
std::string status_page(const NodeStatus& status, const std::vector<RecentBlock>& blocks);

}  // namespace dos::api
