// What stands in a route's path and query, and what it may be: the table behind `parameters` in abi/openapi.json. A test holds it
// against the routes and against what the handlers take.
#pragma once
#include <cstdint>
#include <span>
#include <string_view>

namespace dos::api {

struct Parameter {
  const char* name;
  const char* in;           // path, query, header
  bool required;
  const char* pattern;      // of a string, ECMA-262 regular expression; empty: `least` and `most` bound a whole number
  std::uint64_t least, most;
  const char* preset;       // what counts when it is absent; empty: nothing does
  const char* description;  // empty: the route says it
  // Routes that take it: a list of beginnings of patterns, divided by spaces. In a path: where the name stands in braces.
  const char* routes;
};
std::span<const Parameter> parameters();
bool takes(const Parameter& p, std::string_view method, std::string_view pattern);

}  // namespace dos::api
