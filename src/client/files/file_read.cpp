#include "client/files/file_read.hpp"

#include "base/text.hpp"
#include "client/files/seal_stream.hpp"

namespace dos::client {
namespace {

std::string utc(TimeMs time) {  // to the second
  auto text = utc_text(time);
  return text.replace(text.size() - 5, 4, "");
}

}  // namespace

Result<std::vector<Revision>> revisions(Session& session, const fs::Id& file) {
  std::vector<Revision> out;
  auto read = session.range(fs::revision_prefix(file), true, [&](const Answer&, const proof::View::Range& page) -> Status {
    for (const auto* record : page.items) {
      DOS_ASSIGN(auto revision, read_revision(*record));
      out.push_back(std::move(revision));
    }
    return {};
  });
  if (!read) return std::unexpected(read.error());
  return out;
}

Result<std::vector<Entry>> removed_entries(Session& session, const fs::Id& dir, std::string_view name) {
  std::vector<Entry> out;
  const auto prefix = fs::removed_prefix(dir, name);
  auto read = session.range(prefix, false, [&](const Answer&, const proof::View::Range& page) -> Status {
    for (const auto* record : page.items) {
      Entry e{dir, std::string(name), {}, Version(read_be<std::uint64_t>(BytesView(record->leaf.key).last(8))), record->leaf.version};
      e.paid_until = record->leaf.paid_until;
      DOS_ASSIGN(e.meta, codec::decode<fs::EntryMeta>(record->leaf.meta, "a removed entry"));
      out.push_back(std::move(e));
    }
    return {};
  });
  if (!read) return std::unexpected(read.error());
  return out;
}

Result<FileAt> find_file(Session& session, const PathSpec& spec) {
  FileAt out;
  DOS_ASSIGN(out.place, look(session, spec.path, kFolderFacts | ledger::PathItem::kRevision, spec.height));
  if (out.place.missing && spec.revision && out.place.parent_there()) {
    // The revision of the file last removed there.
    const auto& folder = out.place.folders.back();
    DOS_ASSIGN(auto gone, removed_entries(session, folder.id, spec.path.name()));
    while (!gone.empty() && gone.back().is_folder()) gone.pop_back();
    if (!gone.empty()) {
      out.entry = std::move(gone.back());
      out.removed = true;
    }
  }
  if (!out.removed) {
    DOS_TRY(must_be_file(out.place));
    out.entry = *out.place.entry;
  }
  const auto number = spec.revision ? *spec.revision : out.entry.meta.revision;
  if (!out.removed && number == out.entry.meta.revision) {
    DOS_ASSIGN(const auto* record, out.place.view.find(fs::revision_key(out.entry.meta.id, number)));
    if (record != nullptr) {
      DOS_ASSIGN(out.revision, read_revision(*record));
      return out;
    }
  }
  ledger::StateQuery query;
  query.at = spec.height;
  query.items.push_back(ledger::KeyItem{fs::revision_key(out.entry.meta.id, number), true});
  DOS_ASSIGN(const auto answer, session.state(std::move(query)));
  DOS_ASSIGN(const auto* record, answer.view.find(fs::revision_key(out.entry.meta.id, number)));
  if (record == nullptr)
    return fail(Errc::not_found, spec.path.text() + " has no revision " + std::to_string(number) + "; the present one is " +
                                     std::to_string(out.entry.meta.revision));
  DOS_ASSIGN(out.revision, read_revision(*record));
  return out;
}

Result<FileSecrets> secrets_of(Session& session, const Identity& me, const FileAt& file) {
  DOS_ASSIGN(const auto seal, decode_seal(file.revision.content.seal));
  const auto ring = reading_ring(session, me, file.place.folders, seal.ring, seal.ring_epoch);
  if (ring) return open_seal(seal, *ring, file.revision.content.commit);
  if (ring.error().code != Errc::sealed && ring.error().code != Errc::not_found && ring.error().code != Errc::no_key)
    return std::unexpected(ring.error());
  auto secrets = open_seal(seal, me, file.revision.content.commit);
  if (!secrets && (secrets.error().code == Errc::sealed || secrets.error().code == Errc::no_key))
    return fail(Errc::sealed, me.account() + " has no key to " + file.place.path.text() + " (owner " + file.entry.meta.owner + ")");
  return secrets;
}

Status must_be_paid(const Session& session, const FileAt& file) {
  if (has_expired(session, file.revision.paid_until, file.place.block))
    return fail(Errc::not_found, file.place.path.text() + "@" + std::to_string(file.revision.number) +
                                     " has expired: its storage was paid until " + utc(file.revision.paid_until));
  return {};
}

Result<ReadFile> read_file(Session& session, const Identity* me, const FileAt& file, const PlainSink& sink, const Progress& progress) {
  const auto& content = file.revision.content;
  DOS_TRY(must_be_paid(session, file));
  std::optional<OpenedStream> opened;
  if (content.is_public) {
    DOS_ASSIGN(opened, OpenedStream::open_to_all(content.bytes, content.commit));
  } else {
    if (me == nullptr) return fail(Errc::sealed, file.place.path.text());
    DOS_ASSIGN(const auto seal, decode_seal(content.seal));
    DOS_ASSIGN(auto secrets, secrets_of(session, *me, file));
    DOS_ASSIGN(opened, OpenedStream::sealed(seal, std::move(secrets)));
  }
  auto& stream = *opened;
  std::uint64_t done = 0;
  const auto take = [&](std::uint64_t, BytesView chunk) -> Status {
    DOS_ASSIGN(const auto plain, stream.next(chunk));
    done += plain.size();
    if (progress) progress(done, stream.bytes());
    return sink(plain);
  };
  if (const auto* inside = std::get_if<Bytes>(&content.where)) {
    if (stream.chunks() > 0 || !inside->empty()) DOS_TRY(take(0, *inside));
  } else {
    DOS_TRY(download(session, std::get<ledger::BlobRef>(content.where), take));
  }
  DOS_TRY(stream.finish());
  return ReadFile{stream.bytes(), stream.plain()};
}

std::optional<std::uint64_t> exact_size(Session& session, const Identity* me, const std::vector<Folder>& folders,
                                        const fs::EntryMeta& meta) {
  if (meta.is_public || meta.type == fs::EntryType::directory) return meta.bytes;
  if (me == nullptr || folders.empty()) return {};
  (void)session;
  const auto epoch = sealed_size_epoch(meta.sealed_size);
  if (!epoch) return {};
  const auto ring = find_ring(*me, ring_path(folders, folders.size()), *epoch);
  if (!ring) return {};
  const auto size = open_size(*ring, meta.hash, meta.sealed_size);
  return size ? std::optional(*size) : std::nullopt;
}

}  // namespace dos::client
