// Folder keys (docs/spec/sealing.md). A sealed directory has a ring key for each epoch, in object fs 'k': in envelopes for
// readers, and wrapped under the ring key of its parent directory. Each epoch also wraps the key of the one before. Pure
// functions over records that the caller fetched and verified.
#pragma once
#include "client/keys/keys.hpp"
#include "modules/fs/formats.hpp"

namespace dos::client {

struct RingKey {
  fs::Id directory{};
  std::uint32_t epoch = 0;
  crypto::Secret key;  // 32 bytes
  RingKey clone() const { return {directory, epoch, key.clone()}; }
};

// One directory on the path from the root: its ring epochs as far as they were asked for, ascending; the newest is among them
// (client/files/tree.hpp). None: public.
struct DirectoryRings {
  fs::Id directory{};
  std::vector<std::pair<std::uint32_t, fs::RingEpoch>> epochs;
  std::uint32_t latest() const { return epochs.empty() ? 0 : epochs.back().first; }
};
using RingPath = std::vector<DirectoryRings>;  // from the root (or the topmost directory that matters) down to the directory itself

// The ring key of the last directory of `path` at `epoch` (0: its latest), by an envelope for `me` or downward from a
// directory above. sealed: `me` holds no key to it; not_found: there is no such epoch.
Result<RingKey> find_ring(const Identity& me, const RingPath& path, std::uint32_t epoch = 0);
// The newest epoch that opens for `me`: whoever may write can leave newer ones that open for nobody, or not for all.
Result<RingKey> newest_ring(const Identity& me, const RingPath& path);
Hash ring_commitment(const RingKey& ring);  // fs::RingEpoch.commitment

struct RingReader {
  std::string account;
  ledger::EncryptionKey key;
};

struct NewRing {
  RingKey key;
  fs::RingEpoch record;
};
// Epoch 1 of a directory made below a sealed parent (readers: none needed), or of a home (`parent` null, readers: its owner).
Result<NewRing> first_ring(const fs::Id& directory, const RingKey* parent, const std::vector<RingReader>& readers, Entropy& entropy);
// The next epoch after `newest`, which leads to `now`: on revocation, and before the first write when `is_current` is false. `now`
// is the newest that opens; what stands above it was left by somebody who keeps it from us. `readers` are those who
// get envelopes: whom the directory's own grants and ownership name, without the one revoked.
Result<NewRing> next_ring(const RingKey& now, std::uint32_t newest, const RingKey* parent, const std::vector<RingReader>& readers,
                          Entropy& entropy);
// chmod NAME+r: the present epoch's record with an envelope more (the one for an older key of that account replaced).
Result<fs::RingEpoch> with_reader(const RingKey& now, fs::RingEpoch record, const RingReader& reader, Entropy& entropy);

// False if the directory was moved or its parent has begun another epoch since (`parent_epoch` 0: the parent has no ring):
// then the next write below starts a new epoch first, from the top down.
bool is_current(const fs::RingEpoch& latest, const fs::Id& parent, std::uint32_t parent_epoch);

}  // namespace dos::client
