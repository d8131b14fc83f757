// Who may do what (modules/fs/fs.md, Rights): the owner of an entry or of a directory above it, or whom a grant there names.
#pragma once
#include "modules/fs/formats.hpp"
#include "sdk/cpp/module.hpp"

namespace dos::fs {

struct EntryAt {
  Bytes key;
  guest::Object object;
  EntryMeta meta;
};
struct DirectoryAt {
  Bytes key;
  guest::Object object;
  DirectoryMeta meta;
};

// not_found if absent, wrong_type if it is of the other type.
EntryAt entry_at(const Id& dir, const std::string& name);
EntryAt entry_at(const Id& dir, const std::string& name, EntryType type);
DirectoryAt directory_at(const Id& id);

// Refuses with denied: "alice may not <verb> <name>". Reads directories from `dir` upward until one grants.
void need_right(const EntryAt& entry, const Id& dir, Right right, std::string_view verb, std::string_view name);
void need_right_in(const Id& dir, Right right, std::string_view verb, std::string_view name);

// Refuses if `above` is `dir` or lies above it.
void refuse_if_inside(const Id& dir, const Id& above, std::string_view name);

void check_name(const std::string& name);
// At most kMaxMetaBytes of meta: names and grants together have a limit.
void put_directory(const Bytes& key, guest::Object object, const DirectoryMeta& meta);
void put_entry(const Bytes& key, guest::Object object, const EntryMeta& meta);

}  // namespace dos::fs
