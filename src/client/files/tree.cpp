#include "client/files/tree.hpp"

#include "modules/fs/walk.hpp"

namespace dos::client {
namespace {

template <class T>
Result<T> meta_of(const proof::View::Record& record, const char* what) {
  auto meta = codec::decode<T>(record.leaf.meta, what);
  // The record is certified; that a certified record does not decode means that this client is older than the module.
  if (!meta) return fail(Errc::other_format, std::string("the ledger holds ") + what + " of a format that this build does not know");
  return meta;
}

std::string name_of(const fs::Id& dir, const proof::View::Record& record) {
  return std::string(as_text(BytesView(record.leaf.key).subspan(fs::entry_prefix(dir).size())));
}

// The newest epochs of a folder's key that the view opens with their data, down to the first that it does not. None: proved that there is none.
Result<std::vector<const proof::View::Record*>> newest_rings(const proof::View& view, const fs::Id& dir) {
  const auto prefix = fs::ring_prefix(dir);
  std::vector<const proof::View::Record*> found;
  for (const auto& record : view.records())
    if (starts_with(record.leaf.key, prefix)) found.push_back(&record);
  // With the newest epoch held back, a write would be sealed under a key that a revoked reader still has.
  if (found.empty()) {
    DOS_ASSIGN(const auto range, view.range(prefix));
    if (range.more || !range.items.empty()) return fail(Errc::proof_incomplete, "not all keys of a folder came");
    return found;
  }
  if (starts_with(found.back()->leaf.next_key, prefix)) return fail(Errc::proof_incomplete, "the newest key of a folder did not come");
  std::size_t first = found.size() - 1;
  while (first > 0 && found[first - 1]->data && equal(found[first - 1]->leaf.next_key, found[first]->leaf.key)) --first;
  found.erase(found.begin(), found.begin() + std::ptrdiff_t(first));
  return found;
}

Status read_folder(const proof::View& view, Folder& folder, std::uint32_t want) {
  if ((want & ledger::PathItem::kDirectories) != 0) {
    DOS_ASSIGN(const auto* record, view.find(fs::directory_key(folder.id)));
    if (record != nullptr) {
      DOS_ASSIGN(folder.meta, meta_of<fs::DirectoryMeta>(*record, "a directory"));
      folder.version = record->leaf.version;
    }
  }
  if ((want & ledger::PathItem::kRings) != 0) {
    DOS_ASSIGN(const auto newest, newest_rings(view, folder.id));
    for (const auto* record : newest) DOS_TRY(add_ring(folder, *record));
  }
  return {};
}

struct PathSteps {  // into the place, from what its view proves
  Place& place;
  std::uint32_t want;
  Status folder(const fs::Id& id) {
    place.folders.push_back({id, place.entry ? place.entry->name : "", {}, {}, {}, {}});
    return read_folder(place.view, place.folders.back(), want);
  }
  Result<std::optional<fs::EntryMeta>> entry(const fs::Id& folder, const std::string& name, bool) {
    DOS_ASSIGN(const auto* record, place.view.find(fs::entry_key(folder, name)));
    if (record == nullptr) return std::nullopt;
    DOS_ASSIGN(place.entry, read_entry(folder, *record));
    return std::optional(place.entry->meta);
  }
};

}  // namespace

bool has_expired(const Session& session, TimeMs paid_until, const Trusted& block) {
  auto now = block.header.time;
  if (const auto& last = session.last()) now = std::max(now, last->header.time);
  return paid_until < now;
}

Result<std::uint32_t> newest_ring_number(const proof::View& view, const fs::Id& dir) {
  DOS_ASSIGN(const auto newest, newest_rings(view, dir));
  return newest.empty() ? 0 : read_be<std::uint32_t>(BytesView(newest.back()->leaf.key).last(4));
}

Status add_ring(Folder& folder, const proof::View::Record& record) {
  if (!record.data) return fail(Errc::proof_incomplete, "a folder key came without its data");
  auto ring = codec::decode<fs::RingEpoch>(*record.data, "a folder key");
  if (!ring) return std::unexpected(ring.error());
  const auto epoch = read_be<std::uint32_t>(BytesView(record.leaf.key).last(4));
  folder.rings.insert_or_assign(epoch, std::move(*ring));
  folder.ring_versions.insert_or_assign(epoch, record.leaf.version);
  return {};
}

Result<Entry> read_entry(const fs::Id& dir, const proof::View::Record& record) {
  Entry entry{dir, name_of(dir, record), {}, record.leaf.version, {}, record.leaf.paid_until};
  DOS_ASSIGN(entry.meta, meta_of<fs::EntryMeta>(record, "an entry"));
  return entry;
}

Result<Revision> read_revision(const proof::View::Record& record) {
  Revision r;
  r.number = read_be<std::uint32_t>(BytesView(record.leaf.key).last(4));
  r.version = record.leaf.version;
  r.paid_until = record.leaf.paid_until;
  DOS_ASSIGN(r.meta, meta_of<fs::RevisionMeta>(record, "a revision"));
  if (!record.data) return fail(Errc::proof_incomplete, "a revision came without its data");
  auto content = codec::decode<fs::Content>(*record.data, "a revision's content");
  if (!content) return fail(Errc::other_format, "the ledger holds a revision of a format that this build does not know");
  r.content = std::move(*content);
  return r;
}

fs::EntryMeta meta_at(const Entry& entry, const Revision& revision) {
  auto meta = entry.meta;
  meta.revision = revision.number;
  meta.bytes = revision.meta.bytes;
  meta.hash = revision.meta.hash;
  meta.is_public = revision.content.is_public;
  meta.sealed_size = revision.content.sealed_size;
  meta.modified = revision.meta.time;
  return meta;
}

Result<Place> resolve(const DosPath& path, Answer answer, std::uint32_t want) {
  Place place;
  place.path = path;
  place.height = answer.view.height();
  place.block = std::move(answer.block);
  place.view = std::move(answer.view);
  place.raw = std::move(answer.raw);
  PathSteps steps{place, want};
  DOS_ASSIGN(const auto walked, fs::walk(path.components, steps));
  if (walked.end == fs::Walked::End::there) return place;
  place.missing = true;
  place.through_file = walked.end == fs::Walked::End::below_a_file;  // a file cannot hold anything: what is asked for below it is absent
  place.missing_at = walked.known;
  place.entry.reset();
  return place;
}

Result<Place> look(Session& session, const DosPath& path, std::uint32_t want, std::optional<Height> at) {
  DOS_TRY(must_fit(path));  // what was put together, too: a node would refuse it, which is but a word
  ledger::StateQuery query;
  query.at = at;
  ledger::PathItem item;
  item.components = path.components;
  item.want = want;
  query.items.push_back(std::move(item));
  DOS_ASSIGN(auto answer, session.state(std::move(query)));
  return resolve(path, std::move(answer), want);
}

Status must_exist(const Place& place) {
  if (!place.missing) return {};
  DosPath first = place.path;
  first.components.resize(std::min(first.components.size(), place.missing_at + 1));
  return fail(Errc::not_found, first.text() + " is not there at block " + std::to_string(place.height.value));
}

Status must_be_folder(const Place& place) {
  DOS_TRY(must_exist(place));
  if (!place.is_folder()) return fail(Errc::wrong_type, place.path.text() + " is a file");
  return {};
}

Status must_be_file(const Place& place) {
  DOS_TRY(must_exist(place));
  if (place.is_folder()) return fail(Errc::wrong_type, place.path.text() + " is a folder");
  return {};
}

Status must_have_room(const Place& place) {
  if (!place.through_file) return {};
  DosPath file = place.path;
  file.components.resize(place.missing_at);
  return fail(Errc::wrong_type, file.text() + " is a file: nothing can lie below it");
}

Status must_be_able_to_return(const Place& place, std::string_view verb) {
  if (!place.entry) return {};
  const auto& holder = place.folders[place.folders.size() - (place.entry->is_folder() ? 2 : 1)];
  if (!holder.meta.owner.empty() || !holder.meta.grants.empty()) return {};
  return fail(Errc::denied, place.path.text() + " stands in a folder that nobody owns: to " + std::string(verb) +
                                " it could not be undone. What lies in it can be");
}

Result<std::vector<Entry>> list_folder(Session& session, const fs::Id& dir, std::optional<Height> at) {
  std::vector<Entry> out;
  DOS_ASSIGN(const auto block, session.range(
                                   fs::entry_prefix(dir), false,
                                   [&](const Answer&, const proof::View::Range& page) -> Status {
                                     for (const auto* record : page.items) {
                                       DOS_ASSIGN(auto entry, read_entry(dir, *record));
                                       out.push_back(std::move(entry));
                                     }
                                     return {};
                                   },
                                   at));
  (void)block;
  return out;
}

std::uint8_t rights_of(const Place& place, std::string_view account) {
  std::uint8_t rights = 0;
  const auto add = [&](const std::string& owner, const std::vector<fs::Grant>& grants) {
    if (owner == account) rights = fs::kAllRights;
    for (const auto& g : grants)
      if (g.account == account) rights |= g.rights;
  };
  for (const auto& folder : place.folders) add(folder.meta.owner, folder.meta.grants);
  if (place.entry) add(place.entry->meta.owner, place.entry->meta.grants);
  return rights;
}

Status must_have(const Place& place, std::string_view account, std::uint8_t right, std::string_view verb) {
  const auto rights = rights_of(place, account);
  if ((rights & right) != 0) return {};
  std::string has;
  for (const auto& [bit, letter] :
       {std::pair{fs::kRead, 'r'}, {fs::kWrite, 'w'}, {fs::kDelete, 'd'}, {fs::kAdmin, 'a'}, {fs::kExecute, 'x'}})
    if ((rights & bit) != 0) has += letter;
  auto owner = place.entry ? place.entry->meta.owner : std::string();
  for (auto it = place.folders.rbegin(); owner.empty() && it != place.folders.rend(); ++it) owner = it->meta.owner;
  const std::string who(account);
  return fail(Errc::denied, who + " may not " + std::string(verb) + " " + place.path.text() + " (owner " +
                                (owner.empty() ? "nobody" : owner) + "; " + who + " has " + (has.empty() ? "no right" : has) + ")");
}

}  // namespace dos::client
