#include "replica/router.hpp"

namespace dos::replica {

Status Router::whole() const {
  std::string wrong;
  const auto look = [&](std::uint16_t number, const char* name) {
    const auto at = rows_.find(number);
    if (at == rows_.end()) wrong += std::string(wrong.empty() ? "" : "; ") + "no part takes the message " + name;
    else if (at->second.parts > 1) wrong += std::string(wrong.empty() ? "" : "; ") + "more than one part takes the message " + name;
  };
#define DOS_ROW(number, Type, limit, rate) look(number, #Type);
  DOS_NET_PEER_MESSAGES(DOS_ROW)
#undef DOS_ROW
  look(net::MessageOf<consensus::EngineMessage>::kNumber, "EngineMessage");
  return wrong.empty() ? Status{} : fail(Errc::internal, wrong);
}

void Router::pass(std::uint16_t from, net::AnyMessage message) const {
  const auto& row = rows_.at(net::row_of(message));
  if (const auto taken = row.take(from, message); !taken) punish_(from, taken.error().detail);
}

}  // namespace dos::replica
