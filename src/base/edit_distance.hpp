// How far one word is from another: to say what somebody may have meant.
#pragma once
#include <cstddef>
#include <string_view>

namespace dos {

std::size_t edit_distance(std::string_view a, std::string_view b);  // Levenshtein

}  // namespace dos
