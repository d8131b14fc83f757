// The calls of `fs` with the accesses that their rows in modules/fs/calls.hpp name.
#include "client/entropy.hpp"
#include "client/files/file_write.hpp"
#include "modules/fs/calls.hpp"
#include "modules/fs/new_id.hpp"

namespace dos::client {
namespace {

void add_rent(Draft& draft, const FileCall& file) {
  const auto& [from, until, params] = file.paid;
  if (const auto* blob = std::get_if<ledger::BlobRef>(&file.content.where); blob != nullptr && until > from)
    draft.add_rent(blob->bytes, until.value - from.value, params);
}

}  // namespace

PaidTime default_time(const Session& session) {
  const auto now = session.now();
  return {now, TimeMs{now.value + session.params().default_rent_ms}, session.params()};
}

Result<Target> target_folder(Session& session, const Identity& me, const std::vector<Folder>& folders, std::size_t count, Draft& draft) {
  DOS_ASSIGN(auto ring, writing_ring(session, me, folders, count, draft));
  return Target{{folders.begin(), folders.begin() + std::ptrdiff_t(count)}, std::move(ring)};
}

Result<Target> make_folder(const Identity& me, const Target& in, const std::string& name, Draft& draft) {
  SystemEntropy entropy;
  const Hash salt{draw<32>(entropy)};
  Folder folder;
  folder.id = fs::new_id(me.account(), salt);
  folder.name = name;
  folder.meta = {in.id(), name, me.account(), {}};
  DOS_ASSIGN(auto ring, first_ring(folder.id, &in.ring, {}, entropy));
  draft.absent(fs::entry_key(in.id(), name));
  draft.absent(fs::directory_key(folder.id));
  draft.absent(fs::ring_key(folder.id, 1));
  declare_rights(draft, in.chain, in.chain.size());
  draft.call(ledger::kFsModule, fs::kMkdir, fs::Mkdir{in.id(), name, salt, ring.record});
  folder.rings.emplace(1, std::move(ring.record));
  Target out{in.chain, std::move(ring.key)};
  out.chain.push_back(std::move(folder));
  return out;
}

void create_call(Draft& draft, const Identity& me, const Target& in, const std::string& name, FileCall file) {
  SystemEntropy entropy;
  const Hash salt{draw<32>(entropy)};
  const auto id = fs::new_id(me.account(), salt);
  add_rent(draft, file);
  draft.absent(fs::entry_key(in.id(), name));
  draft.absent(fs::taken_key(id));
  draft.absent(fs::revision_key(id, 1));
  if (file.source) draft.read(fs::revision_key(file.source->file, file.source->revision));
  declare_rights(draft, in.chain, in.chain.size());
  draft.call(ledger::kFsModule, fs::kCreate,
             fs::Create{in.id(), name, salt, file.op, std::move(file.content), file.source, file.paid.until});
}

void write_call(Draft& draft, const std::vector<Folder>& chain, const Entry& entry, FileCall file) {
  add_rent(draft, file);
  draft.exact(fs::entry_key(entry.dir, entry.name), entry.version);
  draft.absent(fs::revision_key(entry.meta.id, entry.meta.revision + 1));
  if (file.source) draft.read(fs::revision_key(file.source->file, file.source->revision));
  declare_rights(draft, chain, chain.size());
  draft.call(ledger::kFsModule, fs::kWriteCall,
             fs::Write{entry.dir, entry.name, entry.meta.revision, file.op, std::move(file.content), file.source, file.paid.until});
}

void remove_file_call(Draft& draft, const std::vector<Folder>& chain, const Entry& entry) {
  draft.exact(fs::entry_key(entry.dir, entry.name), entry.version);
  draft.absent(fs::removed_key(entry.dir, entry.name, entry.version));
  declare_rights(draft, chain, chain.size());
  draft.call(ledger::kFsModule, fs::kRemove, fs::Remove{entry.dir, entry.name});
}

void remove_folder_call(Draft& draft, const std::vector<Folder>& chain, const Entry& entry, Version directory) {
  draft.exact(fs::entry_key(entry.dir, entry.name), entry.version);
  if (directory.value != 0) draft.exact(fs::directory_key(entry.meta.id), directory);
  else draft.latest(fs::directory_key(entry.meta.id));
  draft.range(fs::entry_prefix(entry.meta.id));
  draft.absent(fs::removed_key(entry.dir, entry.name, entry.version));
  declare_rights(draft, chain, chain.size());
  draft.call(ledger::kFsModule, fs::kRmdir, fs::Rmdir{entry.dir, entry.name});
}

Result<fs::Content> content_under(Session& session, const Identity& me, const FileAt& file, const Target& to, bool keep_envelopes) {
  if (!keep_envelopes) DOS_TRY(must_be_paid(session, file));  // a copy is a reading
  auto content = file.revision.content;
  if (content.is_public) return content;
  SystemEntropy entropy;
  DOS_ASSIGN(const auto seal, decode_seal(content.seal));
  DOS_ASSIGN(const auto secrets, secrets_of(session, me, file));
  DOS_ASSIGN(const auto fresh, rewrap(seal, secrets, to.ring, keep_envelopes, entropy));
  content.seal = codec::encode(fresh);
  DOS_ASSIGN(content.sealed_size, seal_size(to.ring, file.revision.meta.hash, secrets.bytes, entropy));
  return content;
}

Result<std::vector<FileReader>> file_readers(Session& session, const fs::EntryMeta& meta) {
  std::vector<std::string> names;
  for (const auto& g : meta.grants)
    if ((g.rights & fs::kRead) != 0) names.push_back(g.account);
  DOS_ASSIGN(auto rings, readers_of(session, names));
  std::vector<FileReader> out;
  for (auto& r : rings) out.push_back({r.account, r.key});
  return out;
}

}  // namespace dos::client
