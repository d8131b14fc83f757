#include "net/message_table.hpp"

#include <algorithm>

namespace dos::net {
namespace {

constexpr MessageRow kRows[] = {
#define DOS_ROW(number, Type, limit, rate) {number, #Type, limit, Rate::rate},
    DOS_NET_MESSAGES(DOS_ROW)
#undef DOS_ROW
};
static_assert(std::ranges::is_sorted(kRows, {}, &MessageRow::number) &&
                  std::ranges::adjacent_find(kRows, std::equal_to{}, &MessageRow::number) == std::end(kRows),
              "numbers ascend, each once");

}  // namespace

std::span<const MessageRow> message_rows() { return kRows; }

const MessageRow* message_row(std::uint16_t number) {
  const auto row = std::ranges::lower_bound(kRows, number, {}, &MessageRow::number);
  return row != std::end(kRows) && row->number == number ? row : nullptr;
}

}  // namespace dos::net
