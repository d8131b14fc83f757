// What the daemon writes itself on the host: whose the data folder is, and whether the vote key was ever used.
#pragma once
#include "base/edge.hpp"
#include "crypto/hash.hpp"

namespace dos::daemon {

// The folder belongs to one format and one chain; what is of another is never read. other_format, chain_changed, and of the host.
Status claim_folder(const std::string& data, const Hash& chain);

// Whether the vote key was ever used stands beside the key, not in the data folder: that may be lost, and then the node must
// ask the others what it signed (consensus: quarantine).
class KeyUse {
 public:
  static Result<KeyUse> look(const std::string& keys);
  bool unused() const { return unused_; }
  Status mark();  // once the journal holds the gate record

 private:
  std::unique_ptr<Disk> disk_;
  bool unused_ = false;
};

}  // namespace dos::daemon
