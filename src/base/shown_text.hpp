// Text of others (names, messages, what a node says) on a terminal, in a log or on a page: what is drawn is what is there. Control
// characters, line ends, marks of direction, what is not seen and bytes that are no UTF-8 are written out: \n, \u202e, \u{e0041}, \xff.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace dos {

inline constexpr std::size_t kMaxShownWord = 400;  // bytes of a word of others in a sentence of ours

// One line, drawn from left to right as its bytes stand. What is ASCII and can be seen stays as it is, so that it may be done twice.
// Joiners and variation selectors stay inside emoji, where they are seen.
std::string shown_text(std::string_view text);
// The same of at most `max_bytes` of the text; "..." for the rest.
std::string shown_text(std::string_view text, std::size_t max_bytes);
// True if shown_text changes nothing.
bool shown_as_it_is(std::string_view text);
// Control, direction, line end or not seen: never written to a terminal outside of emoji.
bool hidden_character(std::uint32_t code_point);

// The words of another in one line between quotes that they cannot close: at most `max_bytes` of them.
std::string quoted_text(std::string_view words, std::size_t max_bytes);

// `json` is JSON in UTF-8. The same value, with every hidden character as \uXXXX: it may be printed or logged.
std::string shown_json(std::string json);

}  // namespace dos
