#include "consensus/engines.hpp"

namespace dos::consensus {

#define DOS_ROW(number, name, ...)                               \
  const EngineRow& name##_engine() {                             \
    static constexpr EngineRow kRow{number, #name, __VA_ARGS__}; \
    return kRow;                                                 \
  }
DOS_ENGINES(DOS_ROW)
#undef DOS_ROW

const EngineRow& engine_of(const ledger::Genesis&) { return simplex_engine(); }

}  // namespace dos::consensus
