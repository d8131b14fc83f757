// What engines of one chain say to each other, as all others see it: a kind and bytes. The one thing that is not opaque is a
// header with its seal: net adds the payload to it, and chains keep it.
#pragma once
#include <variant>

#include "ledger/block.hpp"

namespace dos::consensus {

// A struct that an engine sends: `kKind` is one of the numbers that frames keep for engines (net/messages.hpp), which also says how
// its frames are treated on a link.
template <class M>
concept EngineBody = requires { std::uint16_t{M::kKind}; };

struct EngineMessage {
  EngineMessage() = default;
  EngineMessage(std::uint16_t of_kind, Bytes bytes) : kind(of_kind), body(std::move(bytes)) {}
  template <EngineBody M>
  EngineMessage(const M& message) : kind(M::kKind), body(codec::encode(message)) {}

  std::uint16_t kind = 0;
  Bytes body;  // BCS of what the engine has under that kind
};

// Shows that who led its view made a header, in the engine's form. Until formats change that form is laid out as a vote, the bytes of
// which stand in frames and in the journal: only engines look inside.
using Seal = ledger::Vote;

// A header never travels without its seal.
struct Proposal {
  ledger::Header header;
  Seal vote;  // Simplex: of the leader, containing NOTAR(header.view, id)
  DOS_FIELDS(header, vote);
};

using Said = std::variant<Proposal, EngineMessage>;

}  // namespace dos::consensus
