// It answers who catches up, or lacks a block, with what is right: but at the last moment at which that is waited for, or one block at a
// time, or both. And it says that it has what will be final in a moment, so that it is asked.
#include "net/block_fetch.hpp"
#include "net/block_sync.hpp"
#include "net/compact_blocks.hpp"
#include "sim/liars/haves.hpp"

namespace dos::sim {
namespace {

constexpr std::uint64_t kMostAhead = 2 * kMaxRangeBlocks;  // blocks that it says it has, beyond those that are final

class Dripper final : public Liar {
 public:
  Dripper(LiarEdges edges, Random random) : e_(edges), random_(random), word_(edges.world, 100 * kMs, 400 * kMs) {}
  std::vector<Bytes> sent(Machine to, const net::Frame& frame, Bytes whole) override {
    for (const auto& vote : votes_in(frame))
      for (const auto& item : vote.ballot.items) view_ = std::max(view_, item.view);
    switch (frame.number) {
      case net::MessageOf<net::Range>::kNumber:
        if (auto m = codec::decode<net::Range>(frame.body)) return drip(to, std::move(*m));
        break;
      case net::MessageOf<net::BlockFrame>::kNumber: return keep(to, std::move(whole), net::kFetchWaitNs);
      case net::MessageOf<net::BlockTransactions>::kNumber: return keep(to, std::move(whole), net::kTransactionsWaitNs);
      default: break;
    }
    std::vector<Bytes> out{std::move(whole)};
    if (!is_hello(frame) && word_.due(to, random_))
      if (auto said = has_more()) out.push_back(std::move(*said));
    return out;
  }

 private:
  Result<Bytes> has_more() {
    const auto height = e_.world.agreement.highest().value + random_.between(1, kMostAhead);
    return net::encode_frame(consensus::StatusReport{Epoch{0}, view_, view_, Height{height}, Hash{}, {}, false});
  }
  std::vector<Bytes> keep(Machine to, Bytes whole, SimTime patience) {
    e_.world.counters.count(FaultKind::liar_dripped);
    e_.world.schedule.after(just_within(e_.world, e_.machine, to, patience),
                            [this, to, whole = std::move(whole)] { e_.world.net.inject(e_.machine, to, whole); });
    return {};
  }
  // What it has not yet it may have then.
  std::vector<Bytes> drip(Machine to, net::Range range) {
    static constexpr SimTime kPatience[] = {net::kSyncWaitNs, net::kSyncWaitNs, net::kSyncHelpNs, 0};
    e_.world.counters.count(FaultKind::liar_dripped);
    if (range.blocks.size() > 1 && random_.below(3) != 0) range.blocks.resize(1);
    const auto wait = just_within(e_.world, e_.machine, to, kPatience[random_.below(std::size(kPatience))]);
    with_own_node(e_, wait, [this, to, range = std::move(range)](replica::Replica& replica) mutable {
      if (range.blocks.empty()) {
        net::FinalBlock block;
        const chain::ReadHold hold(replica.chain().finals().lock());
        if (auto made = chain::read_block(replica.chain().finals().archive(), range.from, &block.payload)) {
          block.anchor = std::move(made->anchor);
          range.blocks.push_back(std::move(block));
        }
      }
      if (const auto encoded = net::encode_frame(range)) e_.world.net.inject(e_.machine, to, *encoded);
    });
    return {};
  }

  LiarEdges e_;
  Random random_;
  AtTimes word_;
  View view_;
};

}  // namespace

std::unique_ptr<Liar> make_dripper(LiarEdges edges, Random random) { return std::make_unique<Dripper>(edges, random); }

}  // namespace dos::sim
