// What nodes say and amounts of credits, as they stand in a text.
#pragma once
#include <string>
#include <string_view>

#include "base/ids.hpp"
#include "base/result.hpp"

namespace dos::client {

inline constexpr std::size_t kMaxNodeWords = 240;  // bytes that are shown of what a node says

// A node's words, in one quoted line (base/shown_text.hpp), at most kMaxNodeWords bytes of them.
std::string in_quotes(std::string_view words);
// The words of a node's unproved error; if it has none, the title of its code, not in quotes: those are this client's words.
std::string in_quotes(const Error& claim);
// What a node answered without a proof: `v1 says: "no"` if it said so, else what this client says of it: `v1 answered with status 409`.
std::string told_by(const std::string& node, const Error& claim, bool its_words);
std::string shown_credits(std::uint64_t micro);  // "12.5": exact decimal
Result<std::uint64_t> parse_credits(std::string_view text);

}  // namespace dos::client
