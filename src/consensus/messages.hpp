// What Simplex says to itself at other validators (docs/spec/consensus.md, "Messages"). Nobody else reads it: net/ carries kinds and
// bytes. Each message is believed only as far as its signatures reach.
#pragma once
#include "consensus/engine_message.hpp"

namespace dos::consensus {

inline constexpr std::uint32_t kMaxEvidenceItems = 64;  // of one Have or Get
inline constexpr std::uint32_t kMaxStatusItems = 256;   // of one StatusReport

struct Votes {  // 1 to kMaxVotesPerMessage; own ones, or others' as an answer
  static constexpr std::uint16_t kKind = 11;
  std::vector<ledger::Vote> votes;
  DOS_FIELDS(votes);
};
// Evidence is named by what its votes agree on: N(view, id), Z(view), F(view, id, result).
struct Have {
  static constexpr std::uint16_t kKind = 12;
  Epoch epoch;
  std::vector<ledger::VoteItem> certificates;  // at most kMaxEvidenceItems; this node holds a strong set for each
  DOS_FIELDS(epoch, certificates);
};
struct Get {
  static constexpr std::uint16_t kKind = 13;
  Epoch epoch;
  std::vector<ledger::VoteItem> certificates;  // at most kMaxEvidenceItems; send the votes for these
  DOS_FIELDS(epoch, certificates);
};
struct StatusReport {  // on the retry timer while nothing moves, and to a peer that comes up
  static constexpr std::uint16_t kKind = 14;
  Epoch epoch;
  View current, floor;  // floor: view of the last final block
  Height final_height;
  Hash final_id;
  std::vector<ledger::VoteItem> held;  // certificates above floor, at most kMaxStatusItems, highest views first
  bool wants = false;  // transactions or a block wait here: the receiver's view must not last for ever
  DOS_FIELDS(epoch, current, floor, final_height, final_id, held, wants);
};
// Quarantine: a node that cannot know what it signed asks everybody up to where it may have signed.
struct SignedAsk {
  static constexpr std::uint16_t kKind = 15;
  Epoch epoch;
  Hash nonce;
  DOS_FIELDS(epoch, nonce);
};
struct SignedAnswer {
  static constexpr std::uint16_t kKind = 16;
  Epoch epoch;
  Hash nonce;
  View top;  // the view the answering node is in
  Height final_height;
  std::vector<ledger::Vote> entered_by;  // the evidence by which it entered `top`
  DOS_FIELDS(epoch, nonce, top, final_height, entered_by);
};

using Message = std::variant<Proposal, Votes, Have, Get, StatusReport, SignedAsk, SignedAnswer>;

Status check_limits(const Votes& m);
Status check_limits(const Have& m);
Status check_limits(const Get& m);
Status check_limits(const StatusReport& m);
Status check_limits(const SignedAnswer& m);
// malformed, limit: who sent it broke the protocol.
Result<Message> read_message(const Said& said);

}  // namespace dos::consensus
