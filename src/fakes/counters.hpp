// How often each kind of fault happened. A campaign prints them all and fails if one never did: a fault that never fires is not
// tested. One row a kind.
#pragma once
#include <array>
#include <cstdint>
#include <string_view>

namespace dos::fakes {

// name, what it is
// clang-format off
#define DOS_SIM_FAULTS(X)                                                            \
  X(send_lost, "a send was lost on a link that stays up")                            \
  X(send_repeated, "a send arrived twice")                                           \
  X(send_overtook, "a send arrived before an earlier one")                           \
  X(send_cut, "bytes arrived in slices cut at random places")                        \
  X(link_broken, "a link broke with what was under way on it")                       \
  X(link_half_open, "one end of a link was gone and the other did not notice")       \
  X(partition_halves, "the network was split in two")                                \
  X(partition_one_way, "a node was heard and could not hear, or the reverse")        \
  X(partition_bridge, "two parts reached each other through one node only")          \
  X(partition_leader, "the leader of the moment was cut off")                        \
  X(link_slow, "a link had little bandwidth")                                        \
  X(clock_skewed, "a node's clock was wrong")                                        \
  X(clock_drifting, "a node's clock ran fast or slow")                               \
  X(clock_stepped, "a node's clock was set while it ran")                            \
  X(node_paused, "a node stood still for a while")                                   \
  X(power_cut, "a node lost power between two calls")                                \
  X(power_cut_at_write, "a node lost power at a chosen write")                       \
  X(power_cut_starting, "a node lost power while it started")                        \
  X(power_cut_all, "all nodes lost power at once")                                   \
  X(sectors_torn, "written sectors were lost with the power")                        \
  X(disk_full, "a disk was full")                                                    \
  X(disk_error, "a write or sync failed")                                            \
  X(disk_slow, "a sync took long")                                                   \
  X(disk_rotted, "stored bytes changed by themselves")                               \
  X(disk_lied, "a drive kept nothing of what it said was synced")                    \
  X(disk_lost, "a whole disk was lost")                                              \
  X(liar_equivocated, "a leader proposed two blocks in one view, by twins of one key") \
  X(liar_silent, "a validator said nothing")                                         \
  X(liar_withheld, "a validator kept its votes from some")                           \
  X(liar_voted_twice, "a validator signed two conflicting votes")                    \
  X(liar_stale, "a validator repeated old frames")                                   \
  X(liar_garbage, "a validator sent bytes that mean nothing")                        \
  X(liar_ranges, "a validator answered with altered blocks or chunks")               \
  X(header_lost, "power took the record of a header that others may have heard")     \
  X(liar_junk, "a leader proposed a block with what no block may hold")              \
  X(liar_flooded, "a validator sent proposals that no rule allows, or too many")     \
  X(liar_asked, "a validator asked more than it may")                                \
  X(liar_answered, "a validator sent answers that nobody had asked for")             \
  X(liar_slow, "a leader kept its block back until its view's time was nearly over") \
  X(liar_dated_back, "a leader's block had a time of hours ago")                     \
  X(liar_spared, "a leader kept its payload from one and its votes from all")        \
  X(liar_dated_ahead, "a leader's block had a time ahead of all clocks")             \
  X(liar_dripped, "a validator gave blocks as late or as few at a time as it may")   \
  X(liar_claimed, "a validator said that it had content and gave none, or late")     \
  X(liar_boasted, "a validator said that it was far ahead of all")
// clang-format on

enum class FaultKind : std::uint8_t {
#define DOS_SIM_ROW(name, what) name,
  DOS_SIM_FAULTS(DOS_SIM_ROW)
#undef DOS_SIM_ROW
      count
};
inline constexpr std::size_t kFaultKinds = std::size_t(FaultKind::count);
inline constexpr std::size_t kDrawnKinds = std::size_t(FaultKind::header_lost);  // what follows comes of others, or of who lies

struct FaultRow {
  std::string_view name, what;
};
inline constexpr std::array<FaultRow, kFaultKinds> kFaultRows = {{
#define DOS_SIM_ROW(name, what) {#name, what},
    DOS_SIM_FAULTS(DOS_SIM_ROW)
#undef DOS_SIM_ROW
}};

struct FaultCounters {
  std::array<std::uint64_t, kFaultKinds> fired{};
  void count(FaultKind kind, std::uint64_t n = 1) { fired[std::size_t(kind)] += n; }
  std::uint64_t of(FaultKind kind) const { return fired[std::size_t(kind)]; }
  void add(const FaultCounters& other) {
    for (std::size_t i = 0; i < kFaultKinds; ++i) fired[i] += other.fired[i];
  }
};

}  // namespace dos::fakes
