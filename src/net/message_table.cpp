#include "net/message_table.hpp"

#include <algorithm>

namespace dos::net {
namespace {

constexpr auto kRows = [] {
#define DOS_ROW(number, Type, limit, rate) {number, #Type, limit, Rate::rate},
#define DOS_ENGINE_ROW(number, name, limit, rate) {number, name, limit, Rate::rate},
  MessageRow rows[] = {DOS_NET_MESSAGES(DOS_ROW) DOS_NET_ENGINE_ROWS(DOS_ENGINE_ROW)};
#undef DOS_ENGINE_ROW
#undef DOS_ROW
  std::ranges::sort(rows, {}, &MessageRow::number);
  return std::to_array(rows);
}();
static_assert(std::ranges::adjacent_find(kRows, std::equal_to{}, &MessageRow::number) == std::end(kRows), "each number once");

}  // namespace

std::span<const MessageRow> message_rows() { return kRows; }

const MessageRow* message_row(std::uint16_t number) {
  const auto row = std::ranges::lower_bound(kRows, number, {}, &MessageRow::number);
  return row != std::end(kRows) && row->number == number ? row : nullptr;
}

std::uint16_t row_of(const AnyMessage& message) {
  return std::visit(
      []<class M>(const M&) -> std::uint16_t {
        if constexpr (std::is_same_v<M, std::monostate>) return 0;
        else return MessageOf<M>::kNumber;
      },
      message);
}

}  // namespace dos::net
