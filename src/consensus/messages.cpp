#include "consensus/messages.hpp"

#include "base/within.hpp"

namespace dos::consensus {
namespace {

Status check_limits(const SignedAsk&) { return {}; }

template <class M>
Result<Message> read_as(BytesView body, const char* name) {
  DOS_ASSIGN(auto message, codec::decode<M>(body, name));
  DOS_TRY(check_limits(message));
  return message;
}

}  // namespace

Status check_limits(const Votes& m) { return within(m.votes.size(), 1, kMaxVotesPerMessage, "votes"); }
Status check_limits(const Have& m) { return within(m.certificates.size(), 1, kMaxEvidenceItems, "items"); }
Status check_limits(const Get& m) { return within(m.certificates.size(), 1, kMaxEvidenceItems, "items"); }
Status check_limits(const StatusReport& m) { return within(m.held.size(), 0, kMaxStatusItems, "items"); }
Status check_limits(const SignedAnswer& m) { return within(m.entered_by.size(), 0, kMaxValidators, "votes"); }

Result<Message> read_message(const Said& said) {
  if (const auto* proposal = std::get_if<Proposal>(&said)) return Message(*proposal);
  const auto& message = std::get<EngineMessage>(said);
  switch (message.kind) {
    case Votes::kKind: return read_as<Votes>(message.body, "consensus::Votes");
    case Have::kKind: return read_as<Have>(message.body, "consensus::Have");
    case Get::kKind: return read_as<Get>(message.body, "consensus::Get");
    case StatusReport::kKind: return read_as<StatusReport>(message.body, "consensus::StatusReport");
    case SignedAsk::kKind: return read_as<SignedAsk>(message.body, "consensus::SignedAsk");
    case SignedAnswer::kKind: return read_as<SignedAnswer>(message.body, "consensus::SignedAnswer");
    default: return fail(Errc::malformed, "message " + std::to_string(message.kind) + " is not of this engine");
  }
}

}  // namespace dos::consensus
