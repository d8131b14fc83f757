// Many seeds, on as many processes as there are cores: a seed that ends its process (a broken invariant) is one failed seed.
#pragma once
#include "sim/run.hpp"

namespace dos::sim {

struct CampaignOptions {
  std::uint64_t first = 1, seeds = 500;
  std::uint64_t twice = 0;           // the first so many run twice, and must give the same trace
  std::uint32_t jobs = 1;
  std::uint32_t budget_seconds = 0;  // no seed begins after; 0: no limit
  bool every_kind = false;           // fail if a kind of fault never happened
  LiarKind liar = LiarKind::none;    // whoever lies tells this lie
  std::string program;               // for the line that repeats a failure
  std::string modules;               // folder
};

// What a seed gave, as a worker tells it: one line of words.
std::string to_line(std::uint64_t seed, const Report& report);

int run_campaign(const CampaignOptions& options);

}  // namespace dos::sim
