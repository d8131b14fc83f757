// B18: what strangers and one paying user can send to a node, as hard as one process may: each attack runs against one node of a
// real network while others work; bench/attacks.py measures those others.
#pragma once
#include <string>

namespace dos::bench {

struct AttackLoad {
  std::string name;  // of the table; empty: print the names
  std::string url, genesis, net = "local";
  int seconds = 5;
};
// Prints {attack, from, tries, answered, refused}: the address it came from; of the requests made, how many got a 2xx and how many
// another answer or none.
int attack_load(const AttackLoad&);

}  // namespace dos::bench
