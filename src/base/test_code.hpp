// For tests: how something failed. error() of what did not fail is what lay there before, and that may be what a test wants to see.
#pragma once
#include "base/result.hpp"

namespace dos {

template <class T>
Errc code_of(const Result<T>& result) {
  return result ? Errc{} : result.error().code;
}

}  // namespace dos
