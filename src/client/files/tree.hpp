// The file tree as proved records show it: nothing here trusts a node. A path is resolved component by component in a
// verified view; what is absent is absent because the view proves it.
#pragma once
#include "client/files/dos_path.hpp"
#include "client/trust/session.hpp"
#include "modules/fs/formats.hpp"

namespace dos::client {

struct Folder {  // a directory on the way, root first
  fs::Id id{};
  std::string name;               // empty: the root
  fs::DirectoryMeta meta;
  Version version;                // of its 'd' object
  std::map<std::uint32_t, fs::RingEpoch> rings;  // with PathItem::kRings: the newest, without a gap
  std::map<std::uint32_t, Version> ring_versions;
};
struct Entry {
  fs::Id dir{};
  std::string name;
  fs::EntryMeta meta;
  Version version;
  Version record;                 // of a removed entry: of the object 't' itself; `version` is that of its key
  TimeMs paid_until = kPermanent;
  bool is_folder() const { return meta.type == fs::EntryType::directory; }
};
struct Revision {
  std::uint32_t number = 0;
  fs::RevisionMeta meta;
  fs::Content content;
  Version version;
  TimeMs paid_until;
};

struct Place {  // a path resolved at one height
  DosPath path;
  std::vector<Folder> folders;        // the directories of the path; of a file: those above it
  std::optional<Entry> entry;         // the last component; none for the root, or if absent
  bool missing = false;               // proved absent
  std::size_t missing_at = 0;         // index of the component that is absent
  bool through_file = false;          // it is absent because what stands before it is a file, which holds nothing
  Trusted block;
  Height height;
  proof::View view;
  ledger::StateAnswer raw;
  bool is_folder() const { return !missing && (!entry || entry->is_folder()); }
  const Folder& folder() const { return folders.back(); }  // the directory itself, or the one that holds the file
  bool parent_there() const { return !missing || (missing_at + 1 == path.components.size() && !through_file); }
};

// proof_incomplete if the view leaves a component open. `want` as PathItem::Want.
Result<Place> resolve(const DosPath& path, Answer answer, std::uint32_t want);
Result<Place> look(Session& session, const DosPath& path, std::uint32_t want, std::optional<Height> at = {});
Status must_exist(const Place& place);      // not_found, naming the first component that is absent
Status must_be_folder(const Place& place);  // also wrong_type
Status must_be_file(const Place& place);
Status must_have_room(const Place& place);  // wrong_type where the path runs through a file: nothing can be made there
// denied for what nobody could bring back: it lies in a folder that nobody owns, as homes do (fs.undelete needs w on the folder).
Status must_be_able_to_return(const Place& place, std::string_view verb);

// Whether what was paid until then has expired by block time: that of `block` or of the newest block seen, if that is later.
bool has_expired(const Session& session, TimeMs paid_until, const Trusted& block);

Result<std::uint32_t> newest_ring_number(const proof::View& view, const fs::Id& dir);  // 0: the folder has no key
Status add_ring(Folder& folder, const proof::View::Record& record);  // an epoch of its key
Result<Entry> read_entry(const fs::Id& dir, const proof::View::Record& record);
Result<Revision> read_revision(const proof::View::Record& record);  // with its data
// What the entry's record said when that revision was its newest: of the content then, of the rights now.
fs::EntryMeta meta_at(const Entry& entry, const Revision& revision);
// All entries of a directory, in key order, complete; as of `at`, if given.
Result<std::vector<Entry>> list_folder(Session& session, const fs::Id& dir, std::optional<Height> at = {});

// What the caller may do here by grants, from the folders above and the entry (modules/fs/fs.md, rights).
std::uint8_t rights_of(const Place& place, std::string_view account);
// denied, in words that name who may, before a transaction is paid that the ledger would refuse: "bob may not delete /home/alice/k
// (owner alice; bob has r)". Needs a place with kDirectories.
Status must_have(const Place& place, std::string_view account, std::uint8_t right, std::string_view verb);

}  // namespace dos::client
