// Which record stood for a key at a past height, and what shows it (docs/spec/state.md, "What stood at a height").
#pragma once
#include "store/stage.hpp"

namespace dos::store {

struct Standing {  // the record with the greatest key <= the asked one that stood at the height
  Position position;
  LogRecord record;
  struct By {      // the record that retired it later; none: it is live
    Position position;
    LogRecord record;
  };
  std::optional<By> by;
};

// limit: `reads` are used up.
Result<Standing> cover_at(const Base& base, BytesView key, Height height, Reads& reads);

}  // namespace dos::store
