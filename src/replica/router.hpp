// Which part of a replica takes which message of its peers. Each part registers for its rows of net/messages.hpp before the first link
// comes up; what a peer sends goes to that part and to nobody else. A row that nobody takes, or that two take, is found at the start.
#pragma once
#include <functional>
#include <map>

#include "net/message_table.hpp"

namespace dos::replica {

class Router {
 public:
  // A peer (its index in the validator set) broke the protocol: what is to be done is the owner's.
  using Punish = std::function<void(std::uint16_t peer, const std::string& why)>;
  explicit Router(Punish punish) : punish_(std::move(punish)) {}

  // `part.received(from, M)` takes each M; `part` outlives the router. An error of it says that the sender broke the protocol.
  template <class... M, class Part>
  void to(Part& part) {
    (call<M>([&part](std::uint16_t from, M message) { return part.received(from, std::move(message)); }), ...);
  }
  // `take(from, M)` does, and returns nothing or a Status, likewise.
  template <class... M, class Take>
  void call(const Take& take) {
    (add<M>(take), ...);
  }
  template <class M>
  void ignore() {  // nothing is to be done about it
    call<M>([](std::uint16_t, const M&) {});
  }

  // internal: names the rows of peers' messages that no part takes, and those that more than one does.
  Status whole() const;
  void pass(std::uint16_t from, net::AnyMessage message) const;  // a message of a row that a part takes

 private:
  struct Row {
    std::function<Status(std::uint16_t from, net::AnyMessage& message)> take;
    unsigned parts = 0;
  };
  template <class M, class Take>
  void add(const Take& take) {
    Row& row = rows_[net::MessageOf<M>::kNumber];
    ++row.parts;
    row.take = [take](std::uint16_t from, net::AnyMessage& message) -> Status {
      auto& m = std::get<M>(message);
      if constexpr (std::is_void_v<decltype(take(from, std::move(m)))>) {
        take(from, std::move(m));
        return {};
      } else {
        return take(from, std::move(m));
      }
    };
  }

  Punish punish_;
  std::map<std::uint16_t, Row> rows_;  // by the message's number
};

}  // namespace dos::replica
