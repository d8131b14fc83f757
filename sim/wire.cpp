#include "sim/wire.hpp"

namespace dos::sim {

std::vector<Bytes> Wire::sent(Machine from, Machine to, Bytes bytes) {
  const auto validator = world_.validator(from);
  const auto liar = liars_.find(from);
  std::vector<Bytes> out;
  const bool whole = each_frame(bytes, [&](const net::Frame& frame, BytesView f) {
    if (world_.honest(from)) {
      const bool proposes = frame.number == net::MessageOf<net::ProposeFrame>::kNumber;
      for (const auto& vote : votes_in(frame)) world_.votes.sent(from, std::uint16_t(validator), vote, proposes);
    } else if (liar != liars_.end()) {
      for (auto& b : liar->second->sent(to, frame, to_bytes(f))) out.push_back(std::move(b));
    } else {
      watch_twins(validator, frame);
    }
  });
  if (!whole && world_.honest(from))
    world_.failures.add("framing", "v" + std::to_string(from + 1) + " sent what is not whole frames: the rest would be lost with it");
  if (liar == liars_.end()) out.push_back(std::move(bytes));
  return out;
}

void Wire::watch_twins(std::uint32_t validator, const net::Frame& frame) {
  if (frame.number != net::MessageOf<net::ProposeFrame>::kNumber) return;
  const auto m = codec::decode<net::ProposeFrame>(frame.body);
  if (!m) return;
  const auto& header = m->proposal.header;
  const auto id = ledger::block_id(header);
  const auto [it, fresh] = proposed_.emplace(std::pair(validator, header.view), id);
  if (!fresh && it->second != id) {
    it->second = id;
    world_.counters.count(FaultKind::liar_equivocated);
  }
}

}  // namespace dos::sim
