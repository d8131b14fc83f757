// Result<T>: how every layer below the rim reports input that may be wrong. No exception crosses a header.
#pragma once
#include <expected>
#include <string>
#include <utility>

#include "base/errors.hpp"

namespace dos {

// `detail` is one sentence for a person: what happened, with names and numbers. The title, the hint and the exit code
// come from the error table (errors.hpp), so they are never repeated here.
struct Error {
  Errc code{};
  std::string detail;
};

template <class T>
using Result = std::expected<T, Error>;
using Status = Result<void>;

inline std::unexpected<Error> fail(Errc code, std::string detail = {}) { return std::unexpected<Error>(Error{code, std::move(detail)}); }

}  // namespace dos

// g++ 12 has std::expected without its monadic operations; these two keep call sites on one line.
#define DOS_CONCAT_(a, b) a##b
#define DOS_CONCAT(a, b) DOS_CONCAT_(a, b)
#define DOS_TRY(expr)                                                                                         \
  do {                                                                                                        \
    if (auto dos_try_ = (expr); !dos_try_) return std::unexpected<::dos::Error>(std::move(dos_try_).error()); \
  } while (false)
#define DOS_ASSIGN_IMPL_(tmp, decl, expr)                                 \
  auto tmp = (expr);                                                      \
  if (!tmp) return std::unexpected<::dos::Error>(std::move(tmp).error()); \
  decl = std::move(*tmp)
#define DOS_ASSIGN(decl, expr) DOS_ASSIGN_IMPL_(DOS_CONCAT(dos_assign_, __COUNTER__), decl, expr)
