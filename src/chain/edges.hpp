// What a chain stands on: time, chance, the log and its folders.
#pragma once
#include "base/edge.hpp"

namespace dos::chain {

struct Edges {
  Clock& clock;
  Entropy& entropy;
  Log& log;
};
struct ChainDisks {  // one folder tree each; they outlive the chain
  Disk &state, &journal, &archive, &blobs, &code;
};

}  // namespace dos::chain
