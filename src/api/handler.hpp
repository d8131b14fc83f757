// One request in, one answer out. Everything that a request can be made to cost is bounded here or in the backend.
#pragma once
#include "api/backend.hpp"
#include "api/http.hpp"
#include "api/routes.hpp"

namespace dos::api {

std::span<const Route> routes();
const char* name_of(ProofKind kind);

// The row for a method and path; no route, with `allow` set, when only the method does not fit.
struct Match {
  std::optional<unsigned> route;
  std::vector<std::string> args;  // what the braces stood for; {path} gives one entry a component
  std::string allow;              // methods of the pattern, when only the method does not fit
};
Match match_route(std::string_view method, const std::vector<std::string>& path, std::span<const Route> table = routes());

inline constexpr std::size_t kMaxTargetBytes = 8 * 1024;
inline constexpr std::size_t kMaxStateItems = 64;  // of one state query
// The body that a request may have, before its target was looked at closely: that of its row, or what may come until it is told that
// there is none.
Body body_of(std::string_view method, std::string_view target, std::span<const Route> table = routes());
inline std::size_t body_limit(std::string_view method, std::string_view target) { return body_of(method, target).most; }
inline bool is_question(std::string_view method, std::string_view target) { return body_of(method, target).question; }

// `table` outlives the answer.
void handle(const Request& request, Backend& backend, Reply reply, std::span<const Route> table = routes());

}  // namespace dos::api
