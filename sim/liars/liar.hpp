// Validators that lie: each runs the real node and changes what leaves it, or adds to it. Twins are two real nodes
// of one key and need nothing of this.
#pragma once
#include "net/framing.hpp"
#include "sim/replica_process.hpp"

namespace dos::sim {

struct LiarEdges {
  World& world;
  ReplicaSetting& setting;
  std::uint32_t validator = 0;
  Machine machine = 0;
};

class Liar {
 public:
  virtual ~Liar() = default;
  // One frame on its way; what goes instead.
  virtual std::vector<Bytes> sent(Machine to, const net::Frame& frame, Bytes whole) = 0;
};

std::unique_ptr<Liar> make_liar(LiarKind kind, LiarEdges edges, Random random);
std::unique_ptr<Liar> make_junk_leader(LiarEdges edges, Random random);

// The frames of one send. The protocol puts whole frames into each: a send may be lost whole and the stream still be one.
bool each_frame(BytesView sent, const std::function<void(const net::Frame& frame, BytesView whole)>& take);
// Says who it is, and where; every liar does.
bool is_hello(const net::Frame& frame);
// The votes that a frame carries.
std::vector<ledger::Vote> votes_in(const net::Frame& frame);

}  // namespace dos::sim
