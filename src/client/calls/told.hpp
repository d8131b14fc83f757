// What a draft does beside what it is for, said in the same words.
#pragma once
#include "client/calls/draft.hpp"

namespace dos::client {

inline void also_told(Draft& draft, const std::string& what) { draft.told += (draft.told.empty() ? "" : "; ") + what; }

}  // namespace dos::client
