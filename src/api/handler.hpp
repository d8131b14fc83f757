// One request in, one answer out. Everything that a request can be made to cost is bounded here or in the backend.
#pragma once
#include "api/backend.hpp"
#include "api/http.hpp"
#include "api/routes.hpp"

namespace dos::api {

struct Route {
  const char* method;
  const char* pattern;  // "{x}" one part; "{path}" the rest
  ProofKind proof;
  Price price;  // taken before the handler runs
  const char* sentence;
};
std::span<const Route> routes();
const char* name_of(ProofKind kind);

// The row for a method and path; no route, with `allow` set, when only the method does not fit.
struct Match {
  std::optional<unsigned> route;
  std::vector<std::string> args;  // what the braces stood for; {path} gives one entry a component
  std::string allow;              // methods of the pattern, when only the method does not fit
};
Match match_route(std::string_view method, const std::vector<std::string>& path);

inline constexpr std::size_t kMaxTargetBytes = 8 * 1024;
inline constexpr std::size_t kMaxStateItems = 64;  // of one state query
std::size_t body_limit(std::string_view method, std::string_view target);  // bytes; 0 where no body is taken
// Whether a request with a body only asks: what such bodies may hold in memory, no write takes from them.
bool is_question(std::string_view method, std::string_view target);

void handle(const Request& request, Backend& backend, Reply reply);

}  // namespace dos::api
