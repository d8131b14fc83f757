// The file of an index snapshot (docs/spec/storage.md): "DOSINDX1" u64 entries u32 CRC-32C | blocks of about 1 MiB:
// u32 length, u32 CRC-32C, then entries: u16 key length, key, u64 position; keys strictly ascending; nothing behind.
#pragma once
#include <functional>

#include "base/edge.hpp"
#include "base/ids.hpp"

namespace dos::store {

class IndexSnapshotWriter {
 public:
  explicit IndexSnapshotWriter(DiskFile& file) : file_(file) {}
  Status add(BytesView key, Position position);
  Status finish();

 private:
  Status flush();
  DiskFile& file_;
  std::uint64_t added_ = 0;
  std::uint64_t at_ = 20;
  Bytes block_;
};

Status read_index_snapshot(DiskFile& file, const std::function<Status(BytesView, Position)>& each);

}  // namespace dos::store
