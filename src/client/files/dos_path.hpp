// Paths as people write them: /home/me/plan.txt, ~/plan.txt, plan.txt (below ~), PATH@3 (third revision), PATH@#812 (as it
// stood at block 812). Names are put into NFC here, which is the client's duty (modules/fs/fs.md).
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "base/ids.hpp"
#include "base/result.hpp"

namespace dos::client {

struct DosPath {
  std::vector<std::string> components;  // empty: the root
  bool folder = false;                  // was written with '/' at its end: a place to put things into
  std::string text() const;             // "/home/me/plan.txt"
  const std::string& name() const { return components.back(); }  // not of the root
  DosPath parent() const;
  DosPath below(std::string name) const;
};
struct PathSpec {
  DosPath path;
  std::optional<std::uint32_t> revision;
  std::optional<Height> height;
};

// `home` is the account whose home "~" and relative paths mean. "." and ".." are resolved as text. bad_name, usage.
Result<DosPath> parse_path(std::string_view text, std::string_view home);
// The same, with @REV or @#HEIGHT at the end. A name that itself ends in "@7" is written with its revision: "a@7@1".
Result<PathSpec> parse_path_spec(std::string_view text, std::string_view home);
Status must_fit(const DosPath& path);  // bad_name: it has more components than a node reads (kMaxPathDepth)
Result<std::string> normal_name(std::string_view name);  // one component: NFC and valid, or bad_name
// Whether this client gives the name to something new: bad_name for marks of direction and what is not seen, but for joiners and
// variation selectors. What has such a name already is read, moved away and removed like any other.
Status may_be_given(std::string_view name);

}  // namespace dos::client
