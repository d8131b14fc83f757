#include "modules/fs/rights.hpp"

namespace dos::fs {

using namespace guest;

namespace {

// Owner and grants are evaluated against the witnesses, so one transaction may carry the consent of several people.
bool grants(const FlatLock& lock, const std::vector<Grant>& grants, Right right) {
  if (authorized(lock)) return true;
  for (const auto& g : grants)
    if ((g.rights & right) != 0 && authorized(account_lock(g.account))) return true;
  return false;
}

bool granted_above(Id dir, Right right) {
  for (std::uint32_t depth = 0; depth <= kMaxPathDepth; ++depth) {
    const auto d = directory_at(dir);
    if (grants(d.object.lock, d.meta.grants, right)) return true;
    if (dir == kRoot) return false;
    dir = d.meta.parent;
  }
  refuse(Errc::limit, {"folders lie at most ", kMaxPathDepth, " deep"});
}

[[noreturn]] void deny(std::string_view verb, std::string_view name, std::string_view owner) {
  const auto* a = std::get_if<ledger::AccountSender>(&sender().is);
  refuse(Errc::denied, {a == nullptr ? std::string_view("a key without an account") : std::string_view(a->account), " may not ", verb, " ",
                        name, owner.empty() ? "" : "; it belongs to ", owner});
}

Bytes encode_meta(const auto& meta, std::string_view name) {
  auto b = codec::encode(meta);
  require(b.size() <= kMaxMetaBytes, Errc::limit, {"name and grants of ", name, " take more than ", kMaxMetaBytes, " bytes"});
  return b;
}

}  // namespace

EntryAt entry_at(const Id& dir, const std::string& name) {
  auto key = entry_key(dir, name);
  auto found = find<EntryMeta>(key, "an entry");
  if (!found) refuse(Errc::not_found, {"there is no ", name});
  return {std::move(key), std::move(found->object), std::move(found->meta)};
}

EntryAt entry_at(const Id& dir, const std::string& name, EntryType type) {
  auto e = entry_at(dir, name);
  if (e.meta.type != type) refuse(Errc::wrong_type, {name, type == EntryType::file ? " is a folder" : " is a file"});
  return e;
}

DirectoryAt directory_at(const Id& id) {
  auto key = directory_key(id);
  auto found = find<DirectoryMeta>(key, "a directory");
  if (!found) refuse(Errc::not_found, "the folder is not there");
  return {std::move(key), std::move(found->object), std::move(found->meta)};
}

void need_right(const EntryAt& entry, const Id& dir, Right right, std::string_view verb, std::string_view name) {
  if (!grants(entry.object.lock, entry.meta.grants, right) && !granted_above(dir, right)) deny(verb, name, entry.meta.owner);
}

void need_right_in(const Id& dir, Right right, std::string_view verb, std::string_view name) {
  if (!granted_above(dir, right)) deny(verb, name, directory_at(dir).meta.owner);
}

void refuse_if_inside(const Id& dir, const Id& above, std::string_view name) {
  Id at = dir;
  for (std::uint32_t depth = 0; depth <= kMaxPathDepth; ++depth) {
    if (at == above) refuse(Errc::conflict, {"a folder cannot move into itself: ", name});
    if (at == kRoot) return;
    at = directory_at(at).meta.parent;
  }
  refuse(Errc::limit, {"folders lie at most ", kMaxPathDepth, " deep"});
}

void check_name(const std::string& name) {
  require(valid_name(name), Errc::bad_name, "a name has 1 to 255 bytes, no '/' and no control characters, and is not '.' or '..'");
}

void put_directory(const Bytes& key, Object object, const DirectoryMeta& meta) {
  object.meta = encode_meta(meta, meta.name);
  put(key, object);
}

void put_entry(const Bytes& key, Object object, const EntryMeta& meta) {
  object.meta = encode_meta(meta, "that entry");
  put(key, object);
}

}  // namespace dos::fs
