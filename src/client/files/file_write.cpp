#include "client/files/file_write.hpp"

#include "client/calls/told.hpp"
#include "client/entropy.hpp"
#include "client/files/uploads.hpp"
#include "modules/fs/calls.hpp"

namespace dos::client {
namespace {

// The folder that holds the last component, made with its parents where they are missing.
Result<Target> parent_of(Session& session, const Identity& me, const Place& place, bool parents, Draft& draft) {
  if (place.path.components.empty()) return fail(Errc::wrong_type, "/ is a folder");
  DOS_TRY(must_have_room(place));
  if (!place.parent_there() && !parents) DOS_TRY(must_exist(place));
  if (place.missing)
    for (auto i = place.missing_at; i < place.path.components.size(); ++i) DOS_TRY(may_be_given(place.path.components[i]));
  DOS_TRY(must_have(place, me.account(), fs::kWrite, "write"));
  // An existing folder at the end of the path is not its own parent.
  const auto count = place.folders.size() - (!place.missing && place.entry && place.entry->is_folder() ? 1 : 0);
  DOS_ASSIGN(auto target, target_folder(session, me, place.folders, count, draft));
  if (place.missing)
    for (auto i = place.missing_at; i + 1 < place.path.components.size(); ++i) {
      DOS_ASSIGN(target, make_folder(me, target, place.path.components[i], draft));
      also_told(draft, "makes the folder " +
                           DosPath{{place.path.components.begin(), place.path.components.begin() + std::ptrdiff_t(i) + 1}}.text());
    }
  return target;
}

class PutFile final : public PlanOf<Written> {
 public:
  PutFile(Session& session, const Identity& me, DosPath path, ByteSource& source, PutOptions options)
      : session_(session), me_(me), path_(std::move(path)), source_(source), options_(std::move(options)) {
    codec::write(where_, session_.chain());
    codec::write(where_, path_.text());
  }

  Result<Step> next() override {
    if (done_) return Step{};
    if (path_.components.empty()) return fail(Errc::wrong_type, "/ is a folder");
    DOS_ASSIGN(const auto place, look(session_, path_, kFolderFacts));
    if (!place.missing) DOS_TRY(must_be_file(place));
    Draft draft;
    draft.told = "writes " + path_.text();
    DOS_ASSIGN(const auto target, parent_of(session_, me_, place, options_.parents, draft));
    DOS_TRY(seal());
    std::vector<FileReader> readers;
    if (place.entry) { DOS_ASSIGN(readers, file_readers(session_, place.entry->meta)); }
    DOS_ASSIGN(auto content, content_of(*stream_, options_.is_public ? nullptr : &target.ring, readers, entropy_));
    out_ = {};
    if (!stream_->in_place()) DOS_TRY(store(draft));
    out_.path = path_.text();
    out_.hash = stream_->hash();
    out_.size = stream_->secrets().bytes;
    out_.revision = place.entry ? place.entry->meta.revision + 1 : 1;
    const auto paid = default_time(session_);
    if (place.entry) write_call(draft, target.chain, *place.entry, {fs::Op::write, std::move(content), {}, paid});
    else create_call(draft, me_, target, path_.name(), {fs::Op::create, std::move(content), {}, paid});
    return one_step(std::move(draft), ++attempt_);
  }
  Status proved(std::vector<Done> done) override {
    done_ = true;
    out_.done = std::move(done.at(0));
    return options_.is_public ? Status() : forget_upload(session_.places(), where_.out);
  }
  Written outcome() override { return std::move(out_); }

 private:
  Status seal() {  // once: what was uploaded at the first try is there at the next
    if (stream_) return {};
    const auto hashing = [](std::uint64_t) {};
    if (options_.is_public) {
      DOS_ASSIGN(stream_, SealedStream::open_to_all(source_, hashing));
    } else {
      DOS_ASSIGN(stream_, resumable_stream(session_.places(), where_.out, source_, entropy_, hashing));
    }
    return {};
  }
  Status store(Draft& draft) {
    DOS_ASSIGN(const auto set, upload_and_store(session_, *stream_, options_.progress));
    const ledger::BlobRef blob = stream_->blob();
    draft.tx.stored = set.claim(std::span(&blob, 1));
    draft.stored_by = set.signatures;
    out_.stored_got = set.got, out_.stored_need = set.need, out_.stored_of = set.of;
    return {};
  }

  Session& session_;
  const Identity& me_;
  DosPath path_;
  ByteSource& source_;
  PutOptions options_;
  SystemEntropy entropy_;
  codec::Encoder where_;  // of the upload's record
  std::optional<SealedStream> stream_;
  int attempt_ = 0;
  bool done_ = false;
  Written out_;
};

}  // namespace

Result<DosPath> place_for(Session& session, const DosPath& path, const std::string& name) {
  DOS_ASSIGN(const auto clean, normal_name(name));
  if (path.folder) return path.below(clean);
  DOS_ASSIGN(const auto place, look(session, path, ledger::PathItem::kDirectories));
  return !place.missing && place.is_folder() ? path.below(clean) : path;
}

Planned<Written> put_file(Session& session, const Identity& me, const DosPath& path, ByteSource& source, PutOptions options) {
  return std::make_unique<PutFile>(session, me, path, source, std::move(options));
}

Result<Draft> make_folders(Session& session, const Identity& me, const DosPath& path, bool parents) {
  DOS_ASSIGN(const auto place, look(session, path, kFolderFacts));
  if (!place.missing) return fail(place.is_folder() ? Errc::conflict : Errc::wrong_type, path.text() + " is there already");
  Draft draft;
  draft.told = "makes the folder " + path.text();
  DOS_ASSIGN(const auto target, parent_of(session, me, place, parents, draft));
  DOS_ASSIGN(const auto made, make_folder(me, target, path.name(), draft));
  (void)made;
  return draft;
}

Result<Draft> copy_file(Session& session, const Identity& me, const PathSpec& from, const DosPath& to, Written& out) {
  DOS_ASSIGN(const auto file, find_file(session, from));
  DOS_ASSIGN(const auto path, place_for(session, to, from.path.name()));
  DOS_ASSIGN(const auto place, look(session, path, kFolderFacts));
  Draft draft;
  draft.told = "copies " + from.path.text() + " to " + path.text();
  DOS_ASSIGN(const auto target, parent_of(session, me, place, false, draft));
  DOS_ASSIGN(auto content, content_under(session, me, file, target, false));
  const bool blob = std::holds_alternative<ledger::BlobRef>(content.where);
  const auto source = blob ? std::optional(fs::Source{file.entry.meta.id, file.revision.number}) : std::nullopt;
  if (place.entry && place.entry->meta.id == file.entry.meta.id && place.entry->meta.revision == file.revision.number)
    return fail(Errc::usage, path.text() + " is that file already");
  FileCall call{fs::Op::copy, std::move(content), source, default_time(session)};
  out.path = path.text();
  out.hash = file.revision.meta.hash;
  out.size = exact_size(session, &me, file.place.folders, meta_at(file.entry, file.revision)).value_or(file.revision.content.bytes);
  out.revision = place.entry ? place.entry->meta.revision + 1 : 1;
  if (place.entry && !place.missing) {
    DOS_TRY(must_be_file(place));
    write_call(draft, target.chain, *place.entry, std::move(call));
  } else {
    create_call(draft, me, target, path.name(), std::move(call));
  }
  return draft;
}

Result<Draft> move_entry(Session& session, const Identity& me, const DosPath& from, const DosPath& to) {
  DOS_ASSIGN(const auto file, look(session, from, kFolderFacts | ledger::PathItem::kRevision));
  DOS_TRY(must_exist(file));
  if (!file.entry) return fail(Errc::usage, "/ cannot be moved");
  DOS_TRY(must_have(file, me.account(), fs::kDelete, "move"));
  DOS_TRY(must_be_able_to_return(file, "move"));
  DOS_ASSIGN(const auto path, place_for(session, to, from.name()));
  DOS_ASSIGN(const auto place, look(session, path, kFolderFacts));
  if (!place.missing) return fail(Errc::conflict, path.text() + " is there already");
  Draft draft;
  draft.told = "moves " + from.text() + " to " + path.text();
  DOS_ASSIGN(const auto target, parent_of(session, me, place, false, draft));
  const auto& entry = *file.entry;
  const auto chain_size = file.folders.size() - (entry.is_folder() ? 1 : 0);
  std::optional<fs::Content> rewrapped;
  if (entry.is_folder()) {
    const auto& own = file.folders.back();
    draft.exact(fs::directory_key(own.id), own.version);
  } else if (!entry.meta.is_public && entry.dir != target.id()) {
    DOS_TRY(must_have(file, me.account(), fs::kWrite, "reseal"));
    FileAt at{file, entry, false, {}};
    const auto key = fs::revision_key(entry.meta.id, entry.meta.revision);
    DOS_ASSIGN(const auto* record, file.view.find(key));
    if (record == nullptr) return fail(Errc::not_found, "the present revision of " + from.text() + " has expired");
    DOS_ASSIGN(at.revision, read_revision(*record));
    DOS_ASSIGN(rewrapped, content_under(session, me, at, target, true));
    draft.exact(key, record->leaf.version);
  }
  draft.exact(fs::entry_key(entry.dir, entry.name), entry.version);
  draft.absent(fs::entry_key(target.id(), path.name()));
  declare_rights(draft, file.folders, chain_size);
  declare_rights(draft, target.chain, target.chain.size());
  draft.call(ledger::kFsModule, fs::kRename, fs::Rename{entry.dir, entry.name, target.id(), path.name(), std::move(rewrapped)});
  if (entry.is_folder() && entry.dir != target.id()) DOS_TRY(rehang_ring(session, me, file.folders, target.ring, draft));
  return draft;
}

}  // namespace dos::client
