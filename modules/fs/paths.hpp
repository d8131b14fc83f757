// What of the state answers a path of a query: every component's entry, or the one that is absent, and what `want` adds.
#pragma once
#include "ledger/path_reader.hpp"
#include "ledger/wire.hpp"
#include "modules/fs/walk.hpp"

namespace dos::fs {

class PathSteps {
 public:
  using Path = ledger::PathItem;
  PathSteps(const Path& item, ledger::PathReader& reader) : item_(item), reader_(reader) {}

  Status folder(const Id& id) {
    folder_ = id;
    file_.reset();
    if (item_.want & Path::kDirectories) reader_.prove(directory_key(id), false);
    if ((item_.want & Path::kRings) == 0) return {};
    DOS_ASSIGN(const auto newest, newest_ring(id));
    reader_.prove_range(ring_prefix(id), newest <= kRingsOnPath ? Bytes{} : ring_key(id, newest - kRingsOnPath), kMaxRangeItems);
    return {};
  }
  Result<std::optional<EntryMeta>> entry(const Id& folder, const std::string& name, bool last) {
    if (!valid_name(name)) return fail(Errc::bad_name, "'" + name + "' is no file name");
    if (last && item_.want & Path::kRemoved) reader_.prove_range(removed_prefix(folder, name), {}, kMaxRangeItems);
    const Bytes key = entry_key(folder, name);
    reader_.prove(key, true);
    DOS_ASSIGN(const auto bytes, reader_.meta(key));
    if (!bytes) return std::nullopt;
    DOS_ASSIGN(auto meta, codec::decode<EntryMeta>(*bytes, "an entry"));
    if (meta.type == EntryType::file) file_ = std::pair(meta.id, meta.revision);
    return std::optional(std::move(meta));
  }
  void end() {  // of a path that is there
    if (file_) {
      if (item_.want & Path::kRevision) reader_.prove(revision_key(file_->first, file_->second), true);
      if (item_.want & Path::kRevisions) reader_.prove_range(revision_prefix(file_->first), {}, kMaxRangeItems);
    } else if (item_.want & Path::kList) {
      reader_.prove_range(entry_prefix(folder_), item_.after.empty() ? Bytes{} : entry_key(folder_, item_.after), item_.limit);
    }
  }

 private:
  // Epochs are 1 to n, without a gap: the newest stands before the key of the last that there could be.
  Result<std::uint32_t> newest_ring(const Id& id) {
    DOS_ASSIGN(const auto floor, reader_.floor(ring_key(id, UINT32_MAX)));
    const auto prefix = ring_prefix(id);
    const bool found = floor.size() == prefix.size() + 4 && starts_with(floor, prefix);
    return found ? read_be<std::uint32_t>(BytesView(floor).last(4)) : 0;
  }

  const Path& item_;
  ledger::PathReader& reader_;
  Id folder_{};                                   // the last one
  std::optional<std::pair<Id, std::uint32_t>> file_;  // at the end of the path, and its revision
};

inline Status read_path(const ledger::PathItem& item, ledger::PathReader& reader) {
  PathSteps steps(item, reader);
  DOS_ASSIGN(const auto walked, walk(item.components, steps));
  if (walked.end == Walked::End::there) steps.end();
  return {};
}

}  // namespace dos::fs
