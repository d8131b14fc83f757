// What nodes say, and times, as they stand in the text of an error.
#pragma once
#include <string>
#include <string_view>

#include "base/ids.hpp"
#include "base/result.hpp"

namespace dos::client {

inline constexpr std::size_t kMaxNodeWords = 240;  // bytes that are shown of what a node says

// A node's words, in one quoted line (base/shown_text.hpp), at most kMaxNodeWords bytes of them.
std::string in_quotes(std::string_view words);
// The words of a node's unproved error: its detail, else the title of its code.
std::string in_quotes(const Error& claim);
std::string utc_text(TimeMs time);  // "2026-11-30T01:02:03.004Z"

}  // namespace dos::client
