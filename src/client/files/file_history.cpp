// Removing, bringing back, and who may read: the rest of file_write.hpp.
#include <algorithm>

#include "client/calls/told.hpp"
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
  bool empty() const { return drafts_.empty(); }
  std::vector<Draft> take(const std::string& told) {
    for (auto& draft : drafts_) draft.told = told;
    return std::move(drafts_);
  }

 private:
  std::vector<Draft> drafts_;
};

class RemovePath final : public PlanOf<Removed> {
 public:
  RemovePath(Session& session, const Identity& me, DosPath path, bool recursive)
      : session_(session), me_(me), path_(std::move(path)), recursive_(recursive) {}

  Result<Step> next() override {
    Packer packer;
    if (!looked_) {
      DOS_TRY(find());
      for (const auto& d : files_) remove_file_call(packer.room(), d.chain, d.entry);
    }
    // Deepest first, one depth after the other: a folder goes when it is empty.
    if (packer.empty()) take_deepest(packer);
    return Step{packer.take("removes " + path_.text()), 0};
  }
  Status proved(std::vector<Done> done) override {
    std::ranges::move(done, std::back_inserter(out_.done));
    return {};
  }
  Removed outcome() override { return std::move(out_); }

 private:
  Status find() {
    DOS_ASSIGN(const auto place, look(session_, path_, kFolderFacts));
    DOS_TRY(must_exist(place));
    if (!place.entry) return fail(Errc::usage, "/ cannot be removed");
    DOS_TRY(must_have(place, me_.account(), fs::kDelete, "delete"));
    DOS_TRY(must_be_able_to_return(place, "delete"));
    const bool folder = place.entry->is_folder();
    std::vector<Folder> chain(place.folders.begin(), place.folders.end() - (folder ? 1 : 0));
    if (folder && !recursive_) folders_.push_back({chain, *place.entry});
    else DOS_TRY(collect(session_, chain, *place.entry, files_, folders_));
    out_ = {files_.size(), folders_.size(), {}};
    looked_ = true;
    return {};
  }
  void take_deepest(Packer& packer) {
    std::size_t deepest = 0;
    for (const auto& d : folders_) deepest = std::max(deepest, d.chain.size());
    std::erase_if(folders_, [&](const Doomed& d) {
      if (d.chain.size() != deepest) return false;
      remove_folder_call(packer.room(), d.chain, d.entry, {});
      return true;
    });
  }

  Session& session_;
  const Identity& me_;
  DosPath path_;
  bool recursive_, looked_ = false;
  std::vector<Doomed> files_, folders_;
  Removed out_;
};

Draft undelete(const std::vector<Folder>& chain, const Entry& gone) {
  Draft draft;
  draft.told = "brings back " + gone.name;
  draft.exact(fs::removed_key(gone.dir, gone.name, gone.version), gone.record);
  draft.absent(fs::entry_key(gone.dir, gone.name));
  if (gone.is_folder()) draft.absent(fs::directory_key(gone.meta.id));
  declare_rights(draft, chain, chain.size());
  draft.call(ledger::kFsModule, fs::kUndelete, fs::Undelete{gone.dir, gone.name, gone.version});
  return draft;
}

// What was removed in a folder that was removed: of each name the newest, by name.
Result<std::vector<Entry>> removed_below(Session& session, const fs::Id& dir) {
  std::map<std::string, Entry> newest;
  const auto prefix = fs::fs_key('t', dir);
  auto read = session.range(prefix, false, [&](const Answer&, const proof::View::Range& page) -> Status {
    for (const auto* record : page.items) {
      const auto rest = BytesView(record->leaf.key).subspan(prefix.size());
      if (rest.size() < 10) continue;
      Entry e{
          dir, std::string(as_text(rest.first(rest.size() - 9))), {}, Version(read_be<std::uint64_t>(rest.last(8))), record->leaf.version};
      e.paid_until = record->leaf.paid_until;
      DOS_ASSIGN(e.meta, codec::decode<fs::EntryMeta>(record->leaf.meta, "a removed entry"));
      auto& slot = newest[e.name];
      if (slot.version < e.version) slot = std::move(e);
    }
    return {};
  });
  if (!read) return std::unexpected(read.error());
  std::vector<Entry> out;
  for (auto& [name, entry] : newest) out.push_back(std::move(entry));
  return out;
}

class RestorePath final : public PlanOf<std::vector<Done>> {
 public:
  RestorePath(Session& session, const Identity& me, PathSpec spec) : session_(session), me_(me), spec_(std::move(spec)) {}

  Result<Step> next() override {
    if (!looked_) DOS_TRY(find());
    if (opened_) {  // a folder that is back: what lies below it comes after it, before what stands beside it
      auto chain = below_.back().chain;
      chain.push_back({opened_->meta.id, opened_->name, {}, {}, {}, {}});
      DOS_ASSIGN(auto gone, removed_below(session_, opened_->meta.id));
      std::ranges::reverse(gone);
      below_.push_back({std::move(chain), std::move(gone)});
      opened_.reset();
    }
    while (!below_.empty() && below_.back().gone.empty()) below_.pop_back();
    if (!below_.empty()) return one_step(undelete(below_.back().chain, below_.back().gone.back()));
    if (!revision_) return Step{};
    DOS_ASSIGN(auto draft, make_newest());
    return one_step(std::move(draft), ++attempt_);
  }
  Status proved(std::vector<Done> done) override {
    done_.push_back(std::move(done.at(0)));
    if (below_.empty()) {
      revision_ = false;
      return {};
    }
    auto& gone = below_.back().gone;
    if (gone.back().is_folder()) opened_ = std::move(gone.back());
    gone.pop_back();
    return {};
  }
  std::vector<Done> outcome() override { return std::move(done_); }

 private:
  struct Level {
    std::vector<Folder> chain;  // of the folder that held them
    std::vector<Entry> gone;    // the next one last
  };
  Status find() {
    DOS_ASSIGN(auto place, look(session_, spec_.path, kFolderFacts));
    if (place.missing) {
      if (!place.parent_there()) DOS_TRY(must_exist(place));
      DOS_ASSIGN(const auto gone, removed_entries(session_, place.folders.back().id, spec_.path.name()));
      if (gone.empty()) return fail(Errc::not_found, "nothing of the name " + spec_.path.text() + " was removed here");
      revision_ = spec_.revision && *spec_.revision != gone.back().meta.revision;
      below_.push_back({std::move(place.folders), {gone.back()}});
    } else if (!spec_.revision && !spec_.height) {
      return fail(Errc::conflict, spec_.path.text() + " is there; name what to bring back: " + spec_.path.text() + "@1");
    }
    looked_ = true;
    return {};
  }
  Result<Draft> make_newest() {
    DOS_ASSIGN(const auto file, find_file(session_, spec_));
    DOS_ASSIGN(const auto now, look(session_, spec_.path, kFolderFacts));
    DOS_TRY(must_be_file(now));
    Draft draft;
    draft.told = "makes revision " + std::to_string(file.revision.number) + " of " + spec_.path.text() + " the newest";
    DOS_ASSIGN(const auto target, target_folder(session_, me_, now.folders, now.folders.size(), draft));
    DOS_ASSIGN(auto content, content_under(session_, me_, file, target, false));
    const bool blob = std::holds_alternative<ledger::BlobRef>(content.where);
    const auto source = blob ? std::optional(fs::Source{file.entry.meta.id, file.revision.number}) : std::nullopt;
    write_call(draft, target.chain, *now.entry, {fs::Op::restore, std::move(content), source, default_time(session_)});
    return draft;
  }

  Session& session_;
  const Identity& me_;
  PathSpec spec_;
  bool looked_ = false, revision_ = true;
  std::vector<Level> below_;
  std::optional<Entry> opened_;
  int attempt_ = 0;
  std::vector<Done> done_;
};

class ChangeRights final : public PlanOf<Done> {
 public:
  ChangeRights(Session& session, const Identity& me, DosPath path, RightsChange change)
      : session_(session), me_(me), path_(std::move(path)), change_(std::move(change)) {}

  Result<Step> next() override {
    if (done_) return Step{};
    ++attempt_;
    renewing_ = false;
    DOS_ASSIGN(const auto place, look(session_, path_, kFolderFacts | ledger::PathItem::kRevision));
    DOS_TRY(must_exist(place));
    if (!place.entry) return fail(Errc::denied, "nobody owns /");
    DOS_TRY(must_have(place, me_.account(), fs::kAdmin, "change the rights of"));
    const auto& entry = *place.entry;
    const auto& who = change_.who;
    if (entry.meta.owner == who) return fail(Errc::usage, who + " owns " + path_.text() + " and has every right");
    std::uint8_t before = 0;
    for (const auto& g : entry.meta.grants)
      if (g.account == who) before = g.rights;
    const std::uint8_t after = change_.add ? std::uint8_t(before | change_.rights) : std::uint8_t(before & ~change_.rights);
    const bool readers_change = ((before ^ after) & fs::kRead) != 0;
    Draft draft;
    draft.told = (change_.add ? "gives " + who + " rights on " : "takes rights from " + who + " on ") + path_.text();
    Bytes seal;
    draft.exact(fs::entry_key(entry.dir, entry.name), entry.version);
    draft.read(ledger::account_key(who));
    if (entry.is_folder()) {
      draft.exact(fs::directory_key(entry.meta.id), place.folders.back().version);
      if (readers_change) {
        Draft renewals;  // a folder without a key, or with an old one, gets its present one first, in a transaction of its own
        DOS_ASSIGN(const auto ring, writing_ring(session_, me_, place.folders, place.folders.size(), renewals));
        (void)ring;
        if (renewals.calls() != 0) {
          renewing_ = true;
          return one_step(std::move(renewals), attempt_);
        }
        DOS_TRY(change_ring(place.folders, draft));
      } else {
        declare_rights(draft, place.folders, place.folders.size());
      }
    } else {
      declare_rights(draft, place.folders, place.folders.size());
      if (readers_change && !entry.meta.is_public) { DOS_ASSIGN(seal, change_seal(place, draft)); }
    }
    draft.call(ledger::kFsModule, fs::kChmod, fs::Chmod{entry.dir, entry.name, who, after, std::move(seal)});
    return one_step(std::move(draft), attempt_);
  }
  Status proved(std::vector<Done> done) override {
    if (!renewing_) done_ = std::move(done.at(0));
    else if (attempt_ >= kStaleTries) return fail(Errc::stale, "the folder's key was renewed");
    return {};
  }
  Done outcome() override { return std::move(*done_); }

 private:
  // The folder's key after the change: an envelope more, or a new epoch without `who`.
  Status change_ring(const std::vector<Folder>& chain, Draft& draft) {
    auto folders = chain;
    DOS_ASSIGN(auto ring, newest_in(session_, me_, folders, folders.size()));
    const auto& folder = folders.back();
    auto record = folder.rings.at(ring.epoch);
    declare_rights(draft, chain, chain.size());
    if (change_.add) {
      DOS_ASSIGN(const auto readers, readers_of(session_, {change_.who}));
      DOS_ASSIGN(record, with_reader(ring, std::move(record), readers[0], entropy_));
      draft.exact(fs::ring_key(folder.id, ring.epoch), folder.ring_versions.at(ring.epoch));
      draft.call(ledger::kFsModule, fs::kRing, fs::Ring{folder.id, ring.epoch, std::move(record)});
      return {};
    }
    DOS_ASSIGN(auto names, direct_readers(session_, folders.back()));
    std::erase(names, change_.who);
    DOS_ASSIGN(const auto readers, readers_of(session_, names));
    std::optional<RingKey> parent;
    if (chain.size() > 1 && !record.under_parent.empty()) { DOS_ASSIGN(parent, newest_in(session_, me_, folders, folders.size() - 1)); }
    const auto epoch = folder.rings.rbegin()->first;
    DOS_ASSIGN(auto fresh, next_ring(ring, epoch, parent ? &*parent : nullptr, readers, entropy_));
    draft.read(fs::ring_key(folder.id, epoch));
    draft.absent(fs::ring_key(folder.id, epoch + 1));
    draft.call(ledger::kFsModule, fs::kRing, fs::Ring{folder.id, epoch + 1, std::move(fresh.record)});
    also_told(draft, "renews the key of " + path_.text());
    return {};
  }
  // The present revision's seal with an envelope for `who`, or without it.
  Result<Bytes> change_seal(const Place& place, Draft& draft) {
    const auto& entry = *place.entry;
    const auto key = fs::revision_key(entry.meta.id, entry.meta.revision);
    DOS_ASSIGN(const auto* record, place.view.find(key));
    if (record == nullptr) return fail(Errc::not_found, "the present revision of " + path_.text() + " has expired");
    FileAt at{place, entry, false, {}};
    DOS_ASSIGN(at.revision, read_revision(*record));
    DOS_ASSIGN(auto now, decode_seal(at.revision.content.seal));
    if (change_.add) {
      DOS_ASSIGN(const auto secrets, secrets_of(session_, me_, at));
      DOS_ASSIGN(const auto reader, readers_of(session_, {change_.who}));
      DOS_ASSIGN(now, add_reader(now, secrets, {reader[0].account, reader[0].key}, entropy_));
    } else {
      now = remove_reader(std::move(now), change_.who);
    }
    draft.exact(key, record->leaf.version);
    return codec::encode(now);
  }

  Session& session_;
  const Identity& me_;
  DosPath path_;
  RightsChange change_;
  SystemEntropy entropy_;
  int attempt_ = 0;
  bool renewing_ = false;
  std::optional<Done> done_;
};

}  // namespace

Planned<Removed> remove_path(Session& session, const Identity& me, const DosPath& path, bool recursive) {
  return std::make_unique<RemovePath>(session, me, path, recursive);
}

Planned<std::vector<Done>> restore_path(Session& session, const Identity& me, const PathSpec& spec) {
  return std::make_unique<RestorePath>(session, me, spec);
}

Planned<Done> change_rights(Session& session, const Identity& me, const DosPath& path, RightsChange change) {
  return std::make_unique<ChangeRights>(session, me, path, std::move(change));
}

}  // namespace dos::client
