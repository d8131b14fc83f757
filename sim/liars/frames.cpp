// What a send holds, for liars and checkers alike.
#include "sim/liars/liar.hpp"

namespace dos::sim {

bool each_frame(BytesView sent, const std::function<void(const net::Frame& frame, BytesView whole)>& take) {
  net::FrameReader reader;
  while (!sent.empty()) {
    const auto before = sent;
    const auto frame = reader.read(sent);
    if (!frame || !*frame) return false;
    take(**frame, before.first(before.size() - sent.size()));
  }
  return true;
}

bool is_hello(const net::Frame& frame) { return frame.number <= net::MessageOf<net::Addresses>::kNumber; }

std::vector<ledger::Vote> votes_in(const net::Frame& frame) {
  switch (frame.number) {
    case net::MessageOf<consensus::Votes>::kNumber:
      if (auto m = codec::decode<consensus::Votes>(frame.body)) return std::move(m->votes);
      break;
    case net::MessageOf<net::ProposeFrame>::kNumber:
      if (auto m = codec::decode<net::ProposeFrame>(frame.body)) return {std::move(m->proposal.vote)};
      break;
    case net::MessageOf<net::BlockFrame>::kNumber:
      if (auto m = codec::decode<net::BlockFrame>(frame.body)) return {std::move(m->proposal.vote)};
      break;
    case net::MessageOf<consensus::SignedAnswer>::kNumber:
      if (auto m = codec::decode<consensus::SignedAnswer>(frame.body)) return std::move(m->entered_by);
      break;
    default: break;
  }
  return {};
}

}  // namespace dos::sim
