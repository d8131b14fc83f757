#include "base/errors.hpp"

namespace dos {
namespace {
constexpr ErrorRow kRows[] = {
#define DOS_ROW(number, name, exit, http, retry, title, remedy) {Errc::name, #name, exit, http, retry, title, remedy},
    DOS_ERRORS(DOS_ROW)
#undef DOS_ROW
};
}  // namespace

const ErrorRow& error_row(Errc code) {
  for (const auto& row : kRows)
    if (row.code == code) return row;
  return error_row(Errc::internal);
}

const ErrorRow* error_rows(unsigned& count) {
  count = sizeof(kRows) / sizeof(kRows[0]);
  return kRows;
}

}  // namespace dos
