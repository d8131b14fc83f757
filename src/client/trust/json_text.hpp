// JSON from anywhere: a node's answer, an argument, a file of the user. The one place where the client and the command line parse it
// (tests/house/tidy.py holds others to that). Bounded before anything is built: what comes out is copied, printed and destroyed by
// functions that call themselves once a level.
#pragma once
#include <nlohmann/json.hpp>
#include <string_view>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace dos::client {

inline constexpr unsigned kMaxJsonDepth = 32;  // arrays and objects inside each other; the types of calls need fewer (kMaxNesting)

// Members of an object are in the order of their names; a name that stands twice is malformed. malformed: no JSON in UTF-8; limit: more
// than `max_bytes`, or deeper than kMaxJsonDepth. `what` begins the error: "net.json", or nothing.
Result<nlohmann::json> parse_json(std::string_view text, std::size_t max_bytes, std::string_view what);
inline Result<nlohmann::json> parse_json(BytesView text, std::size_t max_bytes, std::string_view what) {
  return parse_json(as_text(text), max_bytes, what);
}

}  // namespace dos::client
