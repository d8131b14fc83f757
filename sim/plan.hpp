// What one seed makes of a run: how many validators with which weights, which faults are on and how often, who lies. Swarm
// testing (Groce et al., ISSTA 2012): a run with few kinds of fault reaches states that one with all of them never does.
#pragma once
#include <bitset>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/keys.hpp"
#include "fakes/counters.hpp"
#include "fakes/network.hpp"

namespace dos::sim {

using namespace fakes;

// name, as it is printed
// clang-format off
#define DOS_SIM_LIARS(X)                                                             \
  X(none, "honest")                                                                  \
  X(twins, "twins")                                                                  \
  X(silent, "silent")                                                                \
  X(withholds, "withholds")                                                          \
  X(votes_twice, "votes twice")                                                      \
  X(stale, "stale")                                                                  \
  X(garbage, "garbage")                                                              \
  X(ranges, "ranges")                                                                \
  X(junk, "junk")                                                                    \
  X(payload_flooder, "payload flooder")                                              \
  X(asker, "asker")                                                                  \
  X(slow_leader, "slow leader")                                                      \
  X(back_dater, "back-dater")                                                        \
  X(late_leader, "late leader")                                                      \
  X(sparer, "sparer")                                                                \
  X(ahead_dater, "ahead-dater")                                                      \
  X(dripper, "dripper")                                                              \
  X(claimer, "claimer")                                                              \
  X(boaster, "boaster")
// clang-format on

enum class LiarKind : std::uint8_t {
#define DOS_SIM_ROW(name, text) name,
  DOS_SIM_LIARS(DOS_SIM_ROW)
#undef DOS_SIM_ROW
      count
};
const char* liar_text(LiarKind kind);
std::optional<LiarKind> liar_called(std::string_view text);
// Those from here on, and again from there on, are drawn by themselves (draw_plan).
inline constexpr LiarKind kFirstLaterLiar = LiarKind::junk, kFirstLatestLiar = LiarKind::ahead_dater;
// Whom guests meet: what it lies about nobody asks for otherwise.
constexpr bool lies_to_guests(LiarKind kind) { return kind == LiarKind::claimer || kind == LiarKind::boaster; }

struct Plan {
  std::uint64_t seed = 0;
  crypto::Suite suite = crypto::Suite::classic;
  std::uint8_t engine = 1;                  // its number (engines/engines.hpp)
  std::vector<std::uint64_t> weights;       // by validator
  std::vector<LiarKind> liars;              // by validator; together with those whose disk may be lost below a third
  std::vector<bool> disk_unsafe;            // by validator: its disk may be lost, rot or lie
  std::bitset<kFaultKinds> on;
  std::uint32_t fault_every_ms = 500;       // mean time between two events
  SimTime faults_until = 6 * kSecond;       // then everything is healed
  SimTime settle_within = 60 * kSecond;     // after that: progress, and everybody at the same state
  PathRules path;                           // of every pair while faults last
  std::uint32_t clients = 3;
  std::uint32_t think_ms = 100;             // mean time between two transactions of a client
  bool ask_liars = true;                    // clients hand in at lying validators too
  bool guests = false;                      // some ask how current answers are, and store content
  bool disks_lie = false;                   // no sync keeps anything: beyond the promises, to see that checkers see

  bool has(FaultKind kind) const { return on.test(std::size_t(kind)); }
  std::uint32_t validators() const { return std::uint32_t(weights.size()); }
  bool honest(std::uint32_t validator) const { return liars[validator] == LiarKind::none; }
  std::string text() const;                 // one line
};

// `only`: there is a liar if there may be one, and whoever lies tells that lie. All else of the seed is as ever.
Plan draw_plan(std::uint64_t seed, LiarKind only = LiarKind::none);

}  // namespace dos::sim
