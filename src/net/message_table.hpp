// What follows from the table in messages.hpp: any message as one value, and each number's name, limit and rate class.
#pragma once
#include "net/messages.hpp"

namespace dos::net {

struct MessageRow {
  std::uint16_t number = 0;
  const char* name = "";
  std::uint32_t max_bytes = 0;  // of the body
  Rate rate = Rate::rare;
};
std::span<const MessageRow> message_rows();              // ascending by number
const MessageRow* message_row(std::uint16_t number);     // null: no such message

// Holds exactly one message; monostate only where a default value is needed.
#define DOS_ROW(number, Type, limit, rate) , Type
using AnyMessage = std::variant<std::monostate DOS_NET_MESSAGES(DOS_ROW), consensus::EngineMessage>;
#undef DOS_ROW

template <class T>
struct MessageOf;  // for each type of the table: its number and limit
#define DOS_ROW(n, Type, limit, rate_class)           \
  template <>                                         \
  struct MessageOf<Type> {                            \
    static constexpr std::uint16_t kNumber = n;       \
    static constexpr std::uint32_t kMaxBytes = limit; \
    static constexpr Rate kRate = Rate::rate_class;   \
  };
DOS_NET_MESSAGES(DOS_ROW)
#undef DOS_ROW
template <>
struct MessageOf<consensus::EngineMessage> {  // of whatever kind
  static constexpr std::uint16_t kNumber = kFirstOfEngine;
};
template <consensus::EngineBody T>
struct MessageOf<T> {
  static constexpr std::uint16_t kNumber = T::kKind;
};

template <class T>
Status check_limits(const T& message) {
  if constexpr (requires { message.within_limits(); }) return message.within_limits();
  else return {};
}

std::uint16_t row_of(const AnyMessage& message);  // the number of its type; 0: nothing

}  // namespace dos::net
