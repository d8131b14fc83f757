// Final blocks as they were certified: header, payload, certificate, receipts; append-only segments with an index by
// height and by transaction id, rebuilt from the segments when absent or damaged (docs/spec/storage.md).
#pragma once
#include <memory>
#include <optional>

#include "base/edge.hpp"
#include "base/ids.hpp"
#include "codec/fields.hpp"

namespace dos::store {

struct ArchivedBlock {  // all encoded by the caller
  Height height;
  Bytes header, payload, certificate, receipts;
  DOS_FIELDS(height, header, payload, certificate, receipts);
};
struct TransactionPlace {
  Height height;
  std::uint32_t index = 0;
};

// Const methods may be called by many threads at a time, while none of the others runs.
class BlockArchive {
 public:
  // A segment is closed once it has reached its size.
  static Result<std::unique_ptr<BlockArchive>> open(Disk& disk, Log& log, std::uint64_t segment_bytes = 64ull << 20);
  virtual ~BlockArchive() = default;
  virtual Status append(const ArchivedBlock& block, std::span<const Hash> txids) = 0;  // height = last + 1; no sync
  virtual Status sync() = 0;
  virtual std::optional<Height> last() const = 0;
  virtual Status truncate_after(Height height) = 0;                                    // recovery: forget later ones
  virtual Result<std::optional<ArchivedBlock>> block(Height height) const = 0;         // verified checksum; corrupt
  virtual Result<std::optional<TransactionPlace>> find(const Hash& txid) const = 0;
};

}  // namespace dos::store
