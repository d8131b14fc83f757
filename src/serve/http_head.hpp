// The head of a request as it comes off the wire (RFC 9112), before and beside the library's parser: that one reads names and values;
// here is what it lets pass and a server must not, and which answer a fault gets. Pure: no socket, no clock.
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/http.hpp"

namespace dos::serve {

struct HttpConfig;

inline constexpr std::size_t kMaxHeadBytes = 16 * 1024;            // request line and fields
inline constexpr std::size_t kMaxRequestLineBytes = 8 * 1024 + 64; // a target of 8 KiB, method and version
inline constexpr std::size_t kMaxHeadFields = 100;
inline constexpr std::size_t kMaxEmptyLines = 4;                   // before a request; RFC 9112, 2.2

struct HeadFault {
  int status;
  Errc code;
  const char* detail;
};

// Where a head ends, and whether its lines are lines. Looks at each byte once, however they are cut.
class HeadScanner {
 public:
  enum class State { more, whole, bad };
  State scan(std::string_view all);  // all that came since the last request; more of the same in each call
  std::size_t begin() const { return begin_; }  // of `all`: behind the empty lines
  std::size_t end() const { return at_; }       // behind the head, when whole
  const HeadFault& fault() const { return fault_; }

 private:
  State bad(int status, Errc code, const char* detail);
  State end_line();
  std::size_t at_ = 0, begin_ = 0, line_ = 0;
  std::size_t empty_ = 0, lines_ = 0;
  bool cr_ = false;
  HeadFault fault_{400, Errc::malformed, ""};
};

// What the library's parser found.
struct ParsedHead {
  std::string method, target;
  unsigned version = 11;
  std::vector<api::Header> fields;
  bool chunked = false;
  std::optional<std::uint64_t> length;
};
// What is done with a request: its target as the routes know it ("/…", or "*" of OPTIONS), and whether `100 Continue` is waited for.
struct HeadPlan {
  std::string target;
  bool wants_continue = false;
};
// A HeadFault, or a plan.
struct Judged {
  std::optional<HeadFault> fault;
  HeadPlan plan;
};
Judged judge_head(const ParsedHead& head, const HttpConfig& config);

// The fault of a head whose lines are lines and that the library refuses. `line`: its first.
HeadFault fault_of_line(std::string_view line);

}  // namespace dos::serve
