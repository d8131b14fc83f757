#include "sim/engines/engines.hpp"

namespace dos::sim {

#define DOS_ROW(name) const consensus::EngineRow& name##_engine();
DOS_SIM_ENGINES(DOS_ROW)
#undef DOS_ROW

const consensus::EngineRow* engine_numbered(std::uint8_t number) {
  if (const auto& simplex = consensus::simplex_engine(); simplex.number == number) return &simplex;
#define DOS_ROW(name) \
  if (const auto& row = name##_engine(); row.number == number) return &row;
  DOS_SIM_ENGINES(DOS_ROW)
#undef DOS_ROW
  return nullptr;
}

}  // namespace dos::sim
