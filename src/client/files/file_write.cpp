#include "client/files/file_write.hpp"

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
    }
  return target;
}

}  // namespace

Result<DosPath> place_for(Session& session, const DosPath& path, const std::string& name) {
  DOS_ASSIGN(const auto clean, normal_name(name));
  if (path.folder) return path.below(clean);
  DOS_ASSIGN(const auto place, look(session, path, ledger::PathItem::kDirectories));
  return !place.missing && place.is_folder() ? path.below(clean) : path;
}

Result<Written> put_file(Session& session, const Identity& me, const DosPath& path, ByteSource& source, const PutOptions& options) {
  SystemEntropy entropy;
  if (path.components.empty()) return fail(Errc::wrong_type, "/ is a folder");
  std::optional<SealedStream> stream;
  codec::Encoder where;
  codec::write(where, session.chain());
  codec::write(where, path.text());
  const auto hashing = [&](std::uint64_t) {};
  for (int attempt = 1;; ++attempt) {
    DOS_ASSIGN(const auto place, look(session, path, kFolderFacts));
    if (!place.missing) DOS_TRY(must_be_file(place));
    Draft draft;
    DOS_ASSIGN(const auto target, parent_of(session, me, place, options.parents, draft));
    if (!stream) {
      if (options.is_public) {
        DOS_ASSIGN(stream, SealedStream::open_to_all(source, hashing));
      } else {
        DOS_ASSIGN(stream, resumable_stream(session.places(), where.out, source, entropy, hashing));
      }
    }
    std::vector<FileReader> readers;
    if (place.entry) { DOS_ASSIGN(readers, file_readers(session, place.entry->meta)); }
    DOS_ASSIGN(auto content, content_of(*stream, options.is_public ? nullptr : &target.ring, readers, entropy));
    Written out;
    if (!stream->in_place()) {
      DOS_ASSIGN(const auto set, upload_and_store(session, *stream, options.progress));
      const ledger::BlobRef blob = stream->blob();
      draft.tx.stored = set.claim(std::span(&blob, 1));
      draft.stored_by = set.signatures;
      out.stored_got = set.got, out.stored_need = set.need, out.stored_of = set.of;
    }
    out.path = path.text();
    out.hash = stream->hash();
    out.size = stream->secrets().bytes;
    out.revision = place.entry ? place.entry->meta.revision + 1 : 1;
    const auto paid = default_time(session);
    if (place.entry) write_call(draft, target.chain, *place.entry, {fs::Op::write, std::move(content), {}, paid});
    else create_call(draft, me, target, path.name(), {fs::Op::create, std::move(content), {}, paid});
    auto done = submit_one(session, me, std::move(draft));
    if (!done && worth_repeating(done.error(), attempt)) continue;
    if (!done) return std::unexpected(done.error());
    out.done = std::move(*done);
    if (!options.is_public) DOS_TRY(forget_upload(session.places(), where.out));
    return out;
  }
}

Result<Done> make_folders(Session& session, const Identity& me, const DosPath& path, bool parents) {
  return submit_fresh(session, me, [&]() -> Result<Draft> {
    DOS_ASSIGN(const auto place, look(session, path, kFolderFacts));
    if (!place.missing) return fail(place.is_folder() ? Errc::conflict : Errc::wrong_type, path.text() + " is there already");
    Draft draft;
    DOS_ASSIGN(const auto target, parent_of(session, me, place, parents, draft));
    DOS_ASSIGN(const auto made, make_folder(me, target, path.name(), draft));
    (void)made;
    return draft;
  });
}

Result<Written> copy_file(Session& session, const Identity& me, const PathSpec& from, const DosPath& to) {
  Written out;
  DOS_ASSIGN(auto done, submit_fresh(session, me, [&]() -> Result<Draft> {
               DOS_ASSIGN(const auto file, find_file(session, from));
               DOS_ASSIGN(const auto path, place_for(session, to, from.path.name()));
               DOS_ASSIGN(const auto place, look(session, path, kFolderFacts));
               Draft draft;
               DOS_ASSIGN(const auto target, parent_of(session, me, place, false, draft));
               DOS_ASSIGN(auto content, content_under(session, me, file, target, false));
               const bool blob = std::holds_alternative<ledger::BlobRef>(content.where);
               const auto source = blob ? std::optional(fs::Source{file.entry.meta.id, file.revision.number}) : std::nullopt;
               if (place.entry && place.entry->meta.id == file.entry.meta.id && place.entry->meta.revision == file.revision.number)
                 return fail(Errc::usage, path.text() + " is that file already");
               FileCall call{fs::Op::copy, std::move(content), source, default_time(session)};
               out.path = path.text();
               out.hash = file.revision.meta.hash;
               out.size =
                   exact_size(session, &me, file.place.folders, meta_at(file.entry, file.revision)).value_or(file.revision.content.bytes);
               out.revision = place.entry ? place.entry->meta.revision + 1 : 1;
               if (place.entry && !place.missing) {
                 DOS_TRY(must_be_file(place));
                 write_call(draft, target.chain, *place.entry, std::move(call));
               } else {
                 create_call(draft, me, target, path.name(), std::move(call));
               }
               return draft;
             }));
  out.done = std::move(done);
  return out;
}

Result<Done> move_entry(Session& session, const Identity& me, const DosPath& from, const DosPath& to) {
  return submit_fresh(session, me, [&]() -> Result<Draft> {
    DOS_ASSIGN(const auto file, look(session, from, kFolderFacts | ledger::PathItem::kRevision));
    DOS_TRY(must_exist(file));
    if (!file.entry) return fail(Errc::usage, "/ cannot be moved");
    DOS_TRY(must_have(file, me.account(), fs::kDelete, "move"));
    DOS_TRY(must_be_able_to_return(file, "move"));
    DOS_ASSIGN(const auto path, place_for(session, to, from.name()));
    DOS_ASSIGN(const auto place, look(session, path, kFolderFacts));
    if (!place.missing) return fail(Errc::conflict, path.text() + " is there already");
    Draft draft;
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
  });
}

}  // namespace dos::client
