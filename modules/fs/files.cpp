// Files: create, write, delete, and the two calls that files and directories share, chmod and rename.
#include "modules/fs/bodies.hpp"
#include "modules/fs/content.hpp"

namespace dos::fs {

using namespace guest;

void create(const Create& a) {
  check_name(a.name);
  require(a.op == Op::create || a.op == Op::copy, Errc::usage, "a new file is created or copied");
  check_paid_until(a.paid_until);
  const auto& owner = sender_account();
  need_right_in(a.dir, kWrite, "create", a.name);
  const auto key = entry_key(a.dir, a.name);
  require(!present(key), Errc::conflict, {a.name, " exists already"});

  const Id id = new_id(owner, a.salt);
  const auto taken = taken_key(id);
  require(!present(taken), Errc::conflict, "that salt was used before");
  const auto hash = accept_content(a.content, a.source, a.paid_until);

  EntryMeta meta;
  meta.id = id;
  meta.owner = owner;
  show_content(meta, a.content, hash, 1);
  put_entry(key, {.lock = account_lock(owner), .paid_until = a.paid_until}, meta);
  // The mark outlives its file: an id names one file for as long as anyone may be shown its history.
  put(taken, {.lock = program_lock(ledger::kFsModule), .paid_until = TimeMs{now().value + kMaxPaidMs}});
  write_revision(id, 1, owner, a.op, a.content, hash, a.paid_until);
  give(id);
}

void write(const Write& a) {
  require(a.op != Op::create, Errc::usage, "a new revision is no creation");
  check_paid_until(a.paid_until);
  sender_account();
  auto e = entry_at(a.dir, a.name, EntryType::file);
  need_right(e, a.dir, kWrite, "write", a.name);
  require(a.base == e.meta.revision, Errc::conflict, {a.name, " is at revision ", e.meta.revision, ", not ", a.base});
  require(a.base < UINT32_MAX, Errc::limit, {a.name, " has all the revisions that a file can have"});
  const auto hash = accept_content(a.content, a.source, a.paid_until);
  show_content(e.meta, a.content, hash, a.base + 1);
  e.object.paid_until = std::max(e.object.paid_until, a.paid_until);
  write_revision(e.meta.id, e.meta.revision, e.meta.owner, a.op, a.content, hash, a.paid_until);
  put_entry(e.key, std::move(e.object), e.meta);
  give(a.base + 1);
}

void move_to_removed(const Id& dir, const std::string& name, const EntryAt& e) {
  put(removed_key(dir, name, e.object.version), e.object);
  del(e.key);
}

void remove(const Remove& a) {
  const auto e = entry_at(a.dir, a.name, EntryType::file);
  need_right(e, a.dir, kDelete, "delete", a.name);
  move_to_removed(a.dir, a.name, e);
}

void rename(const Rename& a) {
  check_name(a.to_name);
  require(a.dir != a.to_dir || a.name != a.to_name, Errc::usage, {a.name, " is its name already"});
  auto e = entry_at(a.dir, a.name);
  need_right(e, a.dir, kDelete, "move", a.name);
  need_right_in(a.to_dir, kWrite, "create", a.to_name);
  const auto to = entry_key(a.to_dir, a.to_name);
  require(!present(to), Errc::conflict, {a.to_name, " exists already"});

  if (e.meta.type == EntryType::directory) {
    require(!a.rewrapped, Errc::wrong_type, {a.name, " is a folder: it has no content"});
    // Inside one folder nothing can come to lie below itself, unless it is that folder.
    if (a.dir != a.to_dir) refuse_if_inside(a.to_dir, e.meta.id, a.name);
    auto d = directory_at(e.meta.id);
    d.meta.parent = a.to_dir;
    d.meta.name = a.to_name;
    put_directory(d.key, std::move(d.object), d.meta);
  } else if (a.rewrapped) {
    need_right(e, a.dir, kWrite, "reseal", a.name);  // another seal may be one that nobody opens: that is a change of content
    reseal_present(e.meta, a.rewrapped->seal, &*a.rewrapped, a.name);
    e.meta.sealed_size = a.rewrapped->sealed_size;
  }
  del(e.key);
  put_entry(to, std::move(e.object), e.meta);
}

// The present revision with another seal: the same bytes under the same key, opened by others.
void reseal_present(const EntryMeta& meta, const Bytes& seal, const Content* whole, const std::string& name) {
  require(!meta.is_public, Errc::wrong_type, {name, " is public: it has no seal"});
  require(!seal.empty() && seal.size() <= kMaxSealBytes, Errc::limit,
          {"a seal has 1 to ", kMaxSealBytes, " bytes, this one ", seal.size()});
  const auto key = revision_key(meta.id, meta.revision);
  auto found = get(key);
  require(found.has_value(), Errc::not_found, {"revision ", meta.revision, " of ", name, " is not there any more"});
  auto content = decode_or_refuse<Content>(found->data, "a content");
  if (whole != nullptr)
    require(whole->where == content.where && whole->commit == content.commit && whole->is_public == content.is_public &&
                whole->bytes == content.bytes && !whole->sealed_size.empty() && whole->sealed_size.size() <= kMaxSealedSizeBytes,
            Errc::conflict, {"moving ", name, " may change its seal only"});
  content.seal = seal;
  if (whole != nullptr) content.sealed_size = whole->sealed_size;  // readers of the new folder open it with that folder's key
  found->data = codec::encode(content);
  put(key, *found);
}

void chmod(const Chmod& a) {
  require(ledger::valid_account_name(a.who), Errc::bad_name, {"no account can be named ", a.who});
  require(a.rights <= kAllRights, Errc::malformed, "rights are r 1, w 2, d 4, a 8, x 16");
  auto e = entry_at(a.dir, a.name);
  need_right(e, a.dir, kAdmin, "change the rights of", a.name);
  require(a.who != e.meta.owner, Errc::usage, {a.who, " owns ", a.name, " and has every right"});
  if (a.rights != 0) require(present(ledger::account_key(a.who)), Errc::not_found, {"there is no account ", a.who});

  auto& grants = e.meta.grants;
  auto at = grants.begin();
  while (at != grants.end() && at->account < a.who) ++at;
  const bool there = at != grants.end() && at->account == a.who;
  if (a.rights == 0) {
    if (there) grants.erase(at);
  } else if (there) {
    at->rights = a.rights;
  } else {
    require(grants.size() < kMaxGrants, Errc::limit, {a.name, " has ", kMaxGrants, " grants, the most there can be"});
    grants.insert(at, Grant{a.who, a.rights});
  }

  if (e.meta.type == EntryType::directory) {
    require(a.seal.empty(), Errc::wrong_type, {a.name, " is a folder: its key is set by fs.ring"});
    auto d = directory_at(e.meta.id);
    d.meta.grants = grants;
    put_directory(d.key, std::move(d.object), d.meta);
  } else if (!a.seal.empty()) {
    reseal_present(e.meta, a.seal, nullptr, a.name);
  }
  put_entry(e.key, std::move(e.object), e.meta);
}

}  // namespace dos::fs
