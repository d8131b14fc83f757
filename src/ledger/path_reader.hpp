// A path of names as keys and ranges of a state query (wire.hpp, PathItem): the module that has paths knows which, a node reads the state
// and proves them, and neither knows the other.
#pragma once
#include <optional>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace dos::ledger {

class PathReader {
 public:
  virtual ~PathReader() = default;
  // Of the state that is asked about.
  virtual Result<std::optional<Bytes>> meta(const Bytes& key) = 0;  // of the record there; none: it is absent
  virtual Result<Bytes> floor(const Bytes& key) = 0;                // the last key up to this one
  // Into the answer.
  virtual void prove(Bytes key, bool with_data) = 0;
  virtual void prove_range(Bytes prefix, Bytes after, std::uint32_t limit) = 0;  // with data
};

}  // namespace dos::ledger
