// Directories: mkdir, rmdir, undelete, folder keys, homes.
#include "modules/fs/bodies.hpp"
#include "modules/fs/content.hpp"

namespace dos::fs {

using namespace guest;

namespace {

struct IdSource {
  const std::string& account;
  const Hash& salt;
  DOS_FIELDS(account, salt);
};

// Directories name no time: they are paid like anything that says nothing.
TimeMs default_paid() { return TimeMs{now().value + params().default_rent_ms}; }

void write_ring(const Id& dir, std::uint32_t epoch, const std::string& owner, const RingEpoch& ring) {
  check_ring(ring, epoch);
  const auto key = ring_key(dir, epoch);
  put(key, {.lock = account_lock(owner), .paid_until = default_paid(), .data = codec::encode(ring)});
}

void make_directory(const Id& parent, const std::string& name, const Id& id, const std::string& owner,
                    const std::optional<RingEpoch>& ring) {
  const auto key = entry_key(parent, name);
  require(!present(key), Errc::conflict, {name, " exists already"});
  require(!present(directory_key(id)), Errc::conflict, "that salt was used before");
  EntryMeta meta;
  meta.type = EntryType::directory;
  meta.id = id;
  meta.owner = owner;
  meta.is_public = !ring;
  meta.modified = now();
  const Object object{.lock = account_lock(owner), .paid_until = default_paid()};
  put_entry(key, object, meta);
  put_directory(directory_key(id), object, DirectoryMeta{parent, name, owner, {}});
  if (ring) {
    // Keys of a removed directory stay: a salt that made one is used up.
    require(!present(ring_key(id, 1)), Errc::conflict, "that salt was used before");
    write_ring(id, 1, owner, *ring);
  }
  give(id);
}

}  // namespace

Id new_id(const std::string& account, const Hash& salt) {
  const auto h = guest::hash(crypto::domain::kFsId, codec::encode(IdSource{account, salt}));
  Id id;
  std::copy_n(h.bytes.begin(), id.size(), id.begin());
  return id;
}

void mkdir(const Mkdir& a) {
  check_name(a.name);
  const auto& owner = sender_account();
  need_right_in(a.dir, kWrite, "create", a.name);
  make_directory(a.dir, a.name, new_id(owner, a.salt), owner, a.ring);
}

void rmdir(const Rmdir& a) {
  const auto e = entry_at(a.dir, a.name, EntryType::directory);
  need_right(e, a.dir, kDelete, "delete", a.name);
  require(!next(entry_prefix(e.meta.id), {}), Errc::not_empty, {a.name, " is not empty"});
  del(directory_key(e.meta.id));
  move_to_removed(a.dir, a.name, e);
}

void undelete(const Undelete& a) {
  check_name(a.name);
  need_right_in(a.dir, kWrite, "bring back", a.name);
  const auto from = removed_key(a.dir, a.name, a.version);
  auto found = find<EntryMeta>(from, "a removed entry");
  require(found.has_value(), Errc::not_found, {"no ", a.name, " of that version was removed here"});
  const auto to = entry_key(a.dir, a.name);
  require(!present(to), Errc::conflict, {a.name, " exists already"});
  auto& object = found->object;
  object.paid_until = std::max(object.paid_until, default_paid());
  if (found->meta.type == EntryType::directory) {
    const auto key = directory_key(found->meta.id);
    require(!present(key), Errc::conflict, {"the folder ", a.name, " is in use again"});
    put_directory(key, {.lock = object.lock, .paid_until = object.paid_until},
                  DirectoryMeta{a.dir, a.name, found->meta.owner, found->meta.grants});
  }
  del(from);
  put_entry(to, std::move(object), found->meta);
}

void ring(const Ring& a) {
  require(a.epoch != 0, Errc::malformed, "folder keys count from 1");
  const auto d = directory_at(a.dir);
  const auto key = ring_key(a.dir, a.epoch);
  if (auto present_ring = get(key)) {
    need_right_in(a.dir, kAdmin, "change who opens", d.meta.name);
    check_ring(a.ring, a.epoch);
    const auto before = decode_or_refuse<RingEpoch>(present_ring->data, "a folder key");
    require(before.commitment == a.ring.commitment, Errc::conflict, {"the key of ", d.meta.name, " in epoch ", a.epoch, " is another one"});
    present_ring->data = codec::encode(a.ring);
    put(key, *present_ring);
    return;
  }
  if (a.epoch == 1) {  // of a home that genesis made, or of a folder that was public
    need_right_in(a.dir, kAdmin, "seal", d.meta.name);
  } else {
    // Who may write but not read must not choose the key that readers seal under from then on.
    for (const auto right : {kRead, kWrite}) need_right_in(a.dir, right, "renew the key of", d.meta.name);
    require(a.epoch <= kMaxRingEpochs, Errc::limit,
            {"the key of ", d.meta.name, " has ", kMaxRingEpochs, " epochs, the most there can be; fs.fold removes the newest"});
    require(present(ring_key(a.dir, a.epoch - 1)), Errc::conflict, {"the key of ", d.meta.name, " has no epoch ", a.epoch - 1});
  }
  write_ring(a.dir, a.epoch, d.meta.owner, a.ring);
}

// From the top, so that epochs stay 1 to n. What was sealed under a key that goes is opened by those who kept it, and nobody else.
void fold(const Fold& a) {
  require(a.epoch > 1, Errc::usage, "the first key of a folder stays");
  const auto d = directory_at(a.dir);
  need_right_in(a.dir, kAdmin, "remove keys of", d.meta.name);
  std::uint32_t gone = 0;
  for (auto key = ring_key(a.dir, a.epoch); present(key); key = ring_key(a.dir, a.epoch + gone)) {
    require(gone < kMaxFolded, Errc::limit, {"one call removes at most ", kMaxFolded, " keys: begin with a later epoch"});
    del(key);
    ++gone;
  }
  require(gone != 0, Errc::not_found, {"the key of ", d.meta.name, " has no epoch ", a.epoch});
}

void home(const Home& a) {
  require(ledger::valid_account_name(a.account), Errc::bad_name, {"no account can be named ", a.account});
  require(present(ledger::account_key(a.account)), Errc::not_found, {"there is no account ", a.account});
  require(authorized(account_lock(a.account)), Errc::denied, {"only ", a.account, " may make its home"});
  make_directory(new_id("home.", Hash{}), a.account, new_id(a.account, Hash{}), a.account, a.ring);
}

}  // namespace dos::fs
