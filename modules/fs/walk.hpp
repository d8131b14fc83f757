// The way along a path, from the root and entry by entry: one rule for the node that proves it, the client that checks the proof and the
// page that shows it.
#pragma once
#include "modules/fs/formats.hpp"

namespace dos::fs {

struct Walked {
  enum class End { there, absent, below_a_file };
  End end = End::there;
  std::size_t known = 0;  // so many components are there
};

// `steps.folder(id)`: a Status, for the root and each folder on the way, the last included. `steps.entry(folder, name, last)`: a Result of
// that entry's EntryMeta; none: it is absent.
template <class Steps>
Result<Walked> walk(const std::vector<std::string>& components, Steps&& steps) {
  Id folder = kRoot;
  DOS_TRY(steps.folder(folder));
  for (std::size_t i = 0; i < components.size(); ++i) {
    const bool last = i + 1 == components.size();
    DOS_ASSIGN(const std::optional<EntryMeta> meta, steps.entry(folder, components[i], last));
    if (!meta) return Walked{Walked::End::absent, i};
    if (meta->type == EntryType::directory) {
      folder = meta->id;
      DOS_TRY(steps.folder(folder));
    } else if (!last) {
      return Walked{Walked::End::below_a_file, i + 1};
    }
  }
  return Walked{Walked::End::there, components.size()};
}

}  // namespace dos::fs
