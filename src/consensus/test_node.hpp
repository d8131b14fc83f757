// One node of a Cluster: its engine, what it has on disk and in memory, and what was seen of it. Tests only.
#pragma once
#include <deque>
#include <map>
#include <memory>
#include <set>

#include "consensus/make_simplex.hpp"
#include "consensus/test_random.hpp"
#include "consensus/verify/simplex_verifier.hpp"

namespace dos::consensus::test {

inline Said said(const Message& message) {
  return std::visit([](const auto& m) -> Said { return m; }, message);
}
template <EngineBody M>
std::optional<M> heard_as(const Said& said) {
  const auto message = read_message(said);
  const auto* m = message ? std::get_if<M>(&*message) : nullptr;
  return m != nullptr ? std::optional(*m) : std::nullopt;
}

struct FinalBlock {
  ledger::Header header;
  Hash result;
  FinalityProof proof;  // of it or a descendant
};
struct ClusterNode {
  std::unique_ptr<Engine> engine;
  std::unique_ptr<TestEntropy> entropy;
  std::deque<Input> inbox;                       // answers to its own outputs
  std::vector<EngineRecord> journal;                   // durable
  std::set<Bytes> durable_votes;                 // signatures; what was durable once may be heard by all
  View signed_high;                              // of durable own votes
  std::map<Hash, Proposal> headers;
  std::map<Hash, Proposal> served;               // all ever known, for who asks
  std::map<Hash, Bytes> payloads;
  std::map<Hash, Hash> results;                  // executed
  std::vector<FinalBlock> finals;                // [h - 1]
  std::size_t archived = 0;                      // blocks that do not need the journal
  std::set<std::uint64_t> pool;
  bool answers = true;                           // false: those to Execute are held back
  bool up = false, wants_block = false, intact = true, unused = true;
  std::pair<std::size_t, bool> pads;             // its blocks' payloads are so much larger; also where only an empty one is asked for
  std::optional<std::uint64_t> dates_ahead_ms = 0;  // its blocks' times are so far ahead of its clock; none: just behind their parents'
  std::size_t sound_from = SIZE_MAX;             // where it is not intact: records before the end of the damage
  std::uint64_t boots = 0, wall_skew_ms = 0;
  std::uint64_t steps = 0, persists = 0, executes = 0, builds = 0, fetches = 0, catch_ups = 0, unloads = 0;
  std::optional<std::uint64_t> crash_in;         // persists until the power goes
  bool crash_after = false;                      // after the sync, before what stands behind it
  std::string stopped, halted;
  std::vector<Misbehaviour> evidence;
  std::vector<Punish> punished;
  Demand told;
  bool told_once = false;
};

// What a node's journal holds above its last final block, for a person.
inline std::string describe(const ClusterNode& node) {
  std::string out;
  const auto name = [](const Hash& id) { return hex(id.view().first(3)); };
  const std::uint64_t above = node.finals.empty() ? 0 : node.finals.back().header.view.value;
  for (const auto& r : node.journal) {
    if (r.kind == RecordKind::proposal) {
      const auto p = *codec::decode<Proposal>(r.bytes);
      if (p.header.view.value <= above) continue;
      out += " block " + name(ledger::block_id(p.header)) + " view " + std::to_string(p.header.view.value) + " on " +
             name(p.header.parent) + " of " + std::to_string(p.header.parent_view.value) + ";";
    } else if (r.kind == RecordKind::vote) {
      const auto v = *codec::decode<ledger::Vote>(r.bytes);
      for (const auto& item : v.ballot.items)
        if (item.view.value > above)
          out += " v" + std::to_string(v.ballot.voter) +
                 (item.kind == ledger::VoteKind::notar  ? "N"
                  : item.kind == ledger::VoteKind::null ? "Z"
                                                        : "F") +
                 std::to_string(item.view.value) + (item.id.is_zero() ? "" : ":" + name(item.id)) + ";";
    } else if (r.kind == RecordKind::gate) {
      out += " gate " + std::to_string(codec::decode<GateRecord>(r.bytes)->floor.value) + ";";
    }
  }
  return out;
}

}  // namespace dos::consensus::test
