// After any past the network heals: every link works, honest nodes tell each other all they hold, liars fall silent for ever
// (their votes are held only by whom they were given to) or, leading, still equivocate. A new block must become final.
#pragma once
#include "walk.hpp"

namespace dos::model {

struct Healing {
  bool power_lost = false;  // everywhere, at the moment of healing
  bool chain_needs_notars = false;  // a block is certified only with N in hand for every ancestor above the tip
  bool slow_execution_nullifies = false;  // wrong: a timeout during execution nullifies although N is held
  bool notar_forbids_null = false;  // wrong: after NOTAR(v) no NULL in v
  int only_final_above = 1 << 20;  // wrong: so many views above the tip nothing but FINAL is signed
};
enum class Healed { final, stuck, no_progress };  // stuck: nobody may do anything; no_progress: views pass without a final block

// `views`: how far the network may go before it counts as making no progress.
Healed heal(Walk& past, int views, const Healing& how);

}  // namespace dos::model
