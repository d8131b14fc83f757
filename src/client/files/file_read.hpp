// Reading a file: which revision a path names, who may open it, and its bytes, checked before they are given out.
#pragma once
#include "client/files/blobs.hpp"
#include "client/files/folder_keys.hpp"

namespace dos::client {

struct FileAt {
  Place place;          // where it stands, or where the removed one stood
  Entry entry;          // of the file, or the removed entry
  bool removed = false;
  Revision revision;    // the one that the path names
};
// PATH, PATH@REV, PATH@#HEIGHT. not_found, wrong_type.
Result<FileAt> find_file(Session& session, const PathSpec& spec);
Result<std::vector<Revision>> revisions(Session& session, const fs::Id& file);           // ascending
Result<std::vector<Entry>> removed_entries(Session& session, const fs::Id& dir, std::string_view name);  // oldest first

// The file's secrets for `me`; sealed (exit 4) if they do not open. Public files have none.
Result<FileSecrets> secrets_of(Session& session, const Identity& me, const FileAt& file);

// not_found of a revision whose storage has ended by block time. Its own record alone decides.
Status must_be_paid(const Session& session, const FileAt& file);

using PlainSink = std::function<Status(BytesView plain)>;
struct ReadFile {
  std::uint64_t bytes = 0;
  Hash plain;  // BLAKE3 of what was read
};
// Writes the plaintext to `sink`, chunk by chunk. `me` may be null for public files. content_mismatch before wrong bytes go out;
// not_found of a revision whose storage has ended, by its own record.
Result<ReadFile> read_file(Session& session, const Identity* me, const FileAt& file, const PlainSink& sink, const Progress& progress = {});

// The exact size for who may read it, else nothing: from the folder's key alone.
std::optional<std::uint64_t> exact_size(Session& session, const Identity* me, const std::vector<Folder>& folders,
                                        const fs::EntryMeta& meta);

}  // namespace dos::client
