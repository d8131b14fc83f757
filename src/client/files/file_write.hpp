// Writing: the calls of `fs` with their accesses, from what was looked at (modules/fs/fs.md). Everything is sealed before it
// leaves, unless `is_public`.
#pragma once
#include "client/files/file_read.hpp"

namespace dos::client {

// A folder that is written into: its chain from the root, and the key under which its files are sealed.
struct Target {
  std::vector<Folder> chain;
  RingKey ring;
  const fs::Id& id() const { return chain.back().id; }
  Target clone() const { return {chain, ring.clone()}; }
};
Result<Target> target_folder(Session& session, const Identity& me, const std::vector<Folder>& folders, std::size_t count, Draft& draft);
Result<Target> make_folder(const Identity& me, const Target& in, const std::string& name, Draft& draft);  // adds the call

struct PaidTime {  // for which storage is paid ahead
  TimeMs from, until;
  const ledger::Params& params;
};
PaidTime default_time(const Session& session);  // from now on

struct Written {
  std::string path;
  std::uint64_t size = 0;      // plaintext
  Hash hash;
  std::uint32_t revision = 0;
  Done done;
  std::uint32_t stored_got = 0, stored_need = 0, stored_of = 0;  // 0 of 0: in the object itself
};
struct PutOptions {
  bool is_public = false;
  bool parents = true;  // missing folders are made
  Progress progress;
};
// Where `path` leads: if it is a folder, or ends with '/', the file `name` in it.
Result<DosPath> place_for(Session& session, const DosPath& path, const std::string& name);
// Seals `source`, stores its content and writes it. All of them outlive the plan.
Planned<Written> put_file(Session& session, const Identity& me, const DosPath& path, ByteSource& source, PutOptions options);

Result<Draft> make_folders(Session& session, const Identity& me, const DosPath& path,
                           bool parents);  // conflict if it is there and not `parents`
// `out` becomes what will have been written, but for its end.
Result<Draft> copy_file(Session& session, const Identity& me, const PathSpec& from, const DosPath& to, Written& out);
Result<Draft> move_entry(Session& session, const Identity& me, const DosPath& from, const DosPath& to);

// Calls for one entry each; the accesses rest on the chain of the folder that holds it.
void remove_file_call(Draft& draft, const std::vector<Folder>& chain, const Entry& entry);
void remove_folder_call(Draft& draft, const std::vector<Folder>& chain, const Entry& entry, Version directory);
struct Removed {
  std::uint64_t files = 0, folders = 0;
  std::vector<Done> done;
};
Planned<Removed> remove_path(Session& session, const Identity& me, const DosPath& path, bool recursive);
// PATH@REV: that revision becomes the newest; PATH of something removed: it is back, with all that was removed below it.
Planned<std::vector<Done>> restore_path(Session& session, const Identity& me, const PathSpec& spec);

struct RightsChange {
  std::string who;
  std::uint8_t rights = 0;
  bool add = false;  // `who` gets them; else loses them
};
Planned<Done> change_rights(Session& session, const Identity& me, const DosPath& path, RightsChange change);

// The parts shared by put, put -r, cp and restore.
struct FileCall {  // a file's next revision, as fs.create and fs.write take it
  fs::Op op = fs::Op::write;
  fs::Content content;
  std::optional<fs::Source> source;  // whose blob it takes over
  PaidTime paid;
};
void create_call(Draft& draft, const Identity& me, const Target& in, const std::string& name, FileCall file);
void write_call(Draft& draft, const std::vector<Folder>& chain, const Entry& entry, FileCall file);
Result<fs::Content> content_under(Session& session, const Identity& me, const FileAt& file, const Target& to, bool keep_envelopes);
Result<std::vector<FileReader>> file_readers(Session& session, const fs::EntryMeta& meta);

}  // namespace dos::client
