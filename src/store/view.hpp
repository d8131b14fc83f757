// What the kernel sees of the state, and what it hands back. Keys, locks and meta are bytes here: the store knows nothing
// of modules, consensus or network.
#pragma once
#include <map>
#include <memory>
#include <optional>

#include "base/edge.hpp"
#include "proof/leaf.hpp"

namespace dos::store {

struct Record {  // a live object
  Version version;
  Bytes lock;    // encoded ledger::Lock
  TimeMs paid_until = kPermanent;
  Bytes meta;
  Bytes data;
  friend bool operator==(const Record&, const Record&) = default;
};

// A consistent view of one state, for any number of readers at a time; valid while the stage or store that gave it lives and does not change.
class StateView {
 public:
  virtual ~StateView() = default;
  virtual Result<std::optional<Record>> get(BytesView key) const = 0;
  virtual Result<std::optional<Version>> version(BytesView key) const = 0;  // cheaper than get
  // The least live key > `after` that starts with `prefix`, or none. `after` empty: from the first.
  virtual Result<std::optional<Bytes>> next(BytesView prefix, BytesView after) const = 0;
};

struct KeyLess {
  using is_transparent = void;
  bool operator()(BytesView a, BytesView b) const { return compare(a, b) < 0; }
};

// A block's net effect: created, changed (Record) and deleted (nullopt) keys. Deleting an absent key is an error.
using Delta = std::map<Bytes, std::optional<Record>, KeyLess>;

}  // namespace dos::store
