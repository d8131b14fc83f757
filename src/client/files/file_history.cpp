// Removing, bringing back, and who may read: the rest of file_write.hpp.
#include <algorithm>

#include "client/entropy.hpp"
#include "client/files/file_write.hpp"
#include "modules/fs/calls.hpp"

namespace dos::client {
namespace {

constexpr std::size_t kCallsPerDraft = 48;
constexpr std::size_t kBytesPerDraft = 96 * 1024;

struct Doomed {
  std::vector<Folder> chain;  // of the folder that holds it
  Entry entry;
};

Status collect(Session& session, std::vector<Folder> chain, const Entry& entry, std::vector<Doomed>& files, std::vector<Doomed>& folders) {
  if (!entry.is_folder()) {
    files.push_back({std::move(chain), entry});
    return {};
  }
  folders.push_back({chain, entry});
  chain.push_back({entry.meta.id, entry.name, {}, {}, {}, {}});
  DOS_ASSIGN(const auto below, list_folder(session, entry.meta.id));
  for (const auto& e : below) DOS_TRY(collect(session, chain, e, files, folders));
  return {};
}

class Packer {
 public:
  Draft& room() {
    if (drafts_.empty() || drafts_.back().calls() >= kCallsPerDraft || drafts_.back().approximate_bytes() > kBytesPerDraft)
      drafts_.emplace_back();
    return drafts_.back();
  }
  std::vector<Draft> take() { return std::move(drafts_); }

 private:
  std::vector<Draft> drafts_;
};

Status run(Session& session, const Identity& me, Packer& packer, std::vector<Done>& done) {
  DOS_ASSIGN(auto more, submit(session, me, packer.take()));
  std::ranges::move(more, std::back_inserter(done));
  return {};
}

}  // namespace

Result<Removed> remove_path(Session& session, const Identity& me, const DosPath& path, bool recursive) {
  DOS_ASSIGN(const auto place, look(session, path, kFolderFacts));
  DOS_TRY(must_exist(place));
  if (!place.entry) return fail(Errc::usage, "/ cannot be removed");
  DOS_TRY(must_have(place, me.account(), fs::kDelete, "delete"));
  DOS_TRY(must_be_able_to_return(place, "delete"));
  const bool folder = place.entry->is_folder();
  std::vector<Folder> chain(place.folders.begin(), place.folders.end() - (folder ? 1 : 0));
  std::vector<Doomed> files, folders;
  if (folder && !recursive) folders.push_back({chain, *place.entry});
  else DOS_TRY(collect(session, chain, *place.entry, files, folders));
  Removed out{files.size(), folders.size(), {}};
  Packer packer;
  for (const auto& d : files) remove_file_call(packer.room(), d.chain, d.entry);
  DOS_TRY(run(session, me, packer, out.done));
  // Deepest first, one depth after the other: a folder goes when it is empty.
  while (!folders.empty()) {
    std::size_t deepest = 0;
    for (const auto& d : folders) deepest = std::max(deepest, d.chain.size());
    Packer level;
    std::erase_if(folders, [&](const Doomed& d) {
      if (d.chain.size() != deepest) return false;
      remove_folder_call(level.room(), d.chain, d.entry, {});
      return true;
    });
    DOS_TRY(run(session, me, level, out.done));
  }
  return out;
}

namespace {

Result<Done> undelete(Session& session, const Identity& me, const std::vector<Folder>& chain, const Entry& gone) {
  Draft draft;
  draft.exact(fs::removed_key(gone.dir, gone.name, gone.version), gone.record);
  draft.absent(fs::entry_key(gone.dir, gone.name));
  if (gone.is_folder()) draft.absent(fs::directory_key(gone.meta.id));
  declare_rights(draft, chain, chain.size());
  draft.call(ledger::kFsModule, fs::kUndelete, fs::Undelete{gone.dir, gone.name, gone.version});
  return submit_one(session, me, std::move(draft));
}

Status undelete_below(Session& session, const Identity& me, std::vector<Folder> chain, const Entry& folder, std::vector<Done>& done) {
  chain.push_back({folder.meta.id, folder.name, {}, {}, {}, {}});
  std::map<std::string, Entry> newest;
  const auto prefix = fs::fs_key('t', folder.meta.id);
  auto read = session.range(prefix, false, [&](const Answer&, const proof::View::Range& page) -> Status {
    for (const auto* record : page.items) {
      const auto rest = BytesView(record->leaf.key).subspan(prefix.size());
      if (rest.size() < 10) continue;
      Entry e{folder.meta.id,
              std::string(as_text(rest.first(rest.size() - 9))),
              {},
              Version(read_be<std::uint64_t>(rest.last(8))),
              record->leaf.version};
      e.paid_until = record->leaf.paid_until;
      DOS_ASSIGN(e.meta, codec::decode<fs::EntryMeta>(record->leaf.meta, "a removed entry"));
      auto& slot = newest[e.name];
      if (slot.version < e.version) slot = std::move(e);
    }
    return {};
  });
  if (!read) return std::unexpected(read.error());
  for (const auto& [name, entry] : newest) {
    DOS_ASSIGN(auto one, undelete(session, me, chain, entry));
    done.push_back(std::move(one));
    if (entry.is_folder()) DOS_TRY(undelete_below(session, me, chain, entry, done));
  }
  return {};
}

}  // namespace

Result<std::vector<Done>> restore_path(Session& session, const Identity& me, const PathSpec& spec) {
  std::vector<Done> done;
  DOS_ASSIGN(auto place, look(session, spec.path, kFolderFacts));
  if (place.missing) {
    if (!place.parent_there()) DOS_TRY(must_exist(place));
    DOS_ASSIGN(const auto gone, removed_entries(session, place.folders.back().id, spec.path.name()));
    if (gone.empty()) return fail(Errc::not_found, "nothing of the name " + spec.path.text() + " was removed here");
    DOS_ASSIGN(auto one, undelete(session, me, place.folders, gone.back()));
    done.push_back(std::move(one));
    if (gone.back().is_folder()) DOS_TRY(undelete_below(session, me, place.folders, gone.back(), done));
    if (!spec.revision || *spec.revision == gone.back().meta.revision) return done;
  } else if (!spec.revision && !spec.height) {
    return fail(Errc::conflict, spec.path.text() + " is there; name what to bring back: " + spec.path.text() + "@1");
  }
  DOS_ASSIGN(auto one, submit_fresh(session, me, [&]() -> Result<Draft> {
               DOS_ASSIGN(const auto file, find_file(session, spec));
               DOS_ASSIGN(const auto now, look(session, spec.path, kFolderFacts));
               DOS_TRY(must_be_file(now));
               Draft draft;
               DOS_ASSIGN(const auto target, target_folder(session, me, now.folders, now.folders.size(), draft));
               DOS_ASSIGN(auto content, content_under(session, me, file, target, false));
               const bool blob = std::holds_alternative<ledger::BlobRef>(content.where);
               const auto source = blob ? std::optional(fs::Source{file.entry.meta.id, file.revision.number}) : std::nullopt;
               write_call(draft, target.chain, *now.entry, {fs::Op::restore, std::move(content), source, default_time(session)});
               return draft;
             }));
  done.push_back(std::move(one));
  return done;
}

namespace {

// The folder's key after the change: an envelope more, or a new epoch without `who`.
Status change_ring(Session& session, const Identity& me, const std::vector<Folder>& chain, const std::string& who, bool add, Draft& draft) {
  SystemEntropy entropy;
  Draft renewals;  // a folder without a key, or with an old one, gets its present one in this transaction
  DOS_ASSIGN(auto ring, writing_ring(session, me, chain, chain.size(), renewals));
  if (renewals.calls() != 0) {
    // Rarely taken: bring the keys up to date in a transaction of their own, then look again.
    DOS_ASSIGN(const auto done, submit_one(session, me, std::move(renewals)));
    (void)done;
    return fail(Errc::stale, "the folder's key was renewed");
  }
  auto folders = chain;
  DOS_ASSIGN(ring, newest_in(session, me, folders, folders.size()));
  const auto& folder = folders.back();
  auto record = folder.rings.at(ring.epoch);
  declare_rights(draft, chain, chain.size());
  if (add) {
    DOS_ASSIGN(const auto readers, readers_of(session, {who}));
    DOS_ASSIGN(record, with_reader(ring, std::move(record), readers[0], entropy));
    draft.exact(fs::ring_key(folder.id, ring.epoch), folder.ring_versions.at(ring.epoch));
    draft.call(ledger::kFsModule, fs::kRing, fs::Ring{folder.id, ring.epoch, std::move(record)});
    return {};
  }
  DOS_ASSIGN(auto names, direct_readers(session, folders.back()));
  std::erase(names, who);
  DOS_ASSIGN(const auto readers, readers_of(session, names));
  std::optional<RingKey> parent;
  if (chain.size() > 1 && !record.under_parent.empty()) { DOS_ASSIGN(parent, newest_in(session, me, folders, folders.size() - 1)); }
  const auto epoch = folder.rings.rbegin()->first;
  DOS_ASSIGN(auto fresh, next_ring(ring, epoch, parent ? &*parent : nullptr, readers, entropy));
  draft.read(fs::ring_key(folder.id, epoch));
  draft.absent(fs::ring_key(folder.id, epoch + 1));
  draft.call(ledger::kFsModule, fs::kRing, fs::Ring{folder.id, epoch + 1, std::move(fresh.record)});
  return {};
}

}  // namespace

Result<Done> change_rights(Session& session, const Identity& me, const DosPath& path, const std::string& who, std::uint8_t rights,
                           bool add) {
  for (int attempt = 1;; ++attempt) {
    const auto make = [&]() -> Result<Draft> {
      DOS_ASSIGN(const auto place, look(session, path, kFolderFacts | ledger::PathItem::kRevision));
      DOS_TRY(must_exist(place));
      if (!place.entry) return fail(Errc::denied, "nobody owns /");
      DOS_TRY(must_have(place, me.account(), fs::kAdmin, "change the rights of"));
      const auto& entry = *place.entry;
      if (entry.meta.owner == who) return fail(Errc::usage, who + " owns " + path.text() + " and has every right");
      std::uint8_t before = 0;
      for (const auto& g : entry.meta.grants)
        if (g.account == who) before = g.rights;
      const std::uint8_t after = add ? std::uint8_t(before | rights) : std::uint8_t(before & ~rights);
      Draft draft;
      Bytes seal;
      draft.exact(fs::entry_key(entry.dir, entry.name), entry.version);
      draft.read(ledger::account_key(who));
      const bool readers_change = ((before ^ after) & fs::kRead) != 0;
      if (entry.is_folder()) {
        draft.exact(fs::directory_key(entry.meta.id), place.folders.back().version);
        if (readers_change) DOS_TRY(change_ring(session, me, place.folders, who, add, draft));
        else declare_rights(draft, place.folders, place.folders.size());
      } else {
        declare_rights(draft, place.folders, place.folders.size());
        if (readers_change && !entry.meta.is_public) {
          const auto key = fs::revision_key(entry.meta.id, entry.meta.revision);
          DOS_ASSIGN(const auto* record, place.view.find(key));
          if (record == nullptr) return fail(Errc::not_found, "the present revision of " + path.text() + " has expired");
          FileAt at{place, entry, false, {}};
          DOS_ASSIGN(at.revision, read_revision(*record));
          DOS_ASSIGN(auto now, decode_seal(at.revision.content.seal));
          if (add) {
            SystemEntropy entropy;
            DOS_ASSIGN(const auto secrets, secrets_of(session, me, at));
            DOS_ASSIGN(const auto reader, readers_of(session, {who}));
            DOS_ASSIGN(now, add_reader(now, secrets, {reader[0].account, reader[0].key}, entropy));
          } else {
            now = remove_reader(std::move(now), who);
          }
          seal = codec::encode(now);
          draft.exact(key, record->leaf.version);
        }
      }
      draft.call(ledger::kFsModule, fs::kChmod, fs::Chmod{entry.dir, entry.name, who, after, std::move(seal)});
      return draft;
    };
    auto draft = make();
    if (draft) {
      auto done = submit_one(session, me, std::move(*draft));
      if (done || !worth_repeating(done.error(), attempt)) return done;
    } else if (!worth_repeating(draft.error(), attempt)) {
      return std::unexpected(draft.error());
    }
  }
}

}  // namespace dos::client
