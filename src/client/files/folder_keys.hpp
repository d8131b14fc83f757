// Ring keys where files are read and written: from the proved records of a path to the key of its folder, and the calls that
// a write must make first because a folder has no key yet, was moved, or its parent began a new epoch (docs/spec/sealing.md).
#pragma once
#include <functional>

#include "client/calls/account_facts.hpp"
#include "client/calls/plan.hpp"
#include "client/files/rings.hpp"
#include "client/files/tree.hpp"

namespace dos::client {

inline constexpr std::uint32_t kFolderFacts = ledger::PathItem::kDirectories | ledger::PathItem::kRings;

Result<std::vector<RingReader>> readers_of(Session& session, const std::vector<std::string>& names);

RingPath ring_path(const std::vector<Folder>& folders, std::size_t count);

// The ring key `epoch` of directory `dir`, to read with: on the path, else by walking from the directory upward in the
// present state (a file moved since keeps older revisions under where it was).
Result<RingKey> reading_ring(Session& session, const Identity& me, const std::vector<Folder>& path, const fs::Id& dir, std::uint32_t epoch);

// The newest key of folders[count - 1] that opens for `me`. Older epochs are added to `folders` if it needs them.
Result<RingKey> newest_in(Session& session, const Identity& me, std::vector<Folder>& folders, std::size_t count);

// So that the key of that epoch is among those of the last folder, if it is there: before many are asked for.
Status add_rings_down_to(Session& session, std::vector<Folder>& folders, std::uint32_t epoch);

// Whom owner and grants of the folder itself name and who have envelopes in it, in whichever epoch: only a folder of its own readers
// keeps envelopes; below a parent they come through it. An envelope alone makes no reader. While somebody named is in none of the epochs
// that are here, `older` adds more: whoever may write can leave many epochs without him.
using OlderRings = std::function<Status(Folder&)>;
Result<std::vector<std::string>> direct_readers(Folder& folder, const OlderRings& older);
Result<std::vector<std::string>> direct_readers(Session& session, Folder& folder);
bool has_envelopes(const fs::RingEpoch& ring, const std::vector<std::string>& names);  // for each of them

// The key under which a write into place.folders[count - 1] is sealed now. Adds the calls of new epochs to the draft, top down.
Result<RingKey> writing_ring(Session& session, const Identity& me, const std::vector<Folder>& path, std::size_t count, Draft& draft);

// A folder that moves below another one: a new epoch of its key, under the key of its new parent, with the readers that it has
// itself. Without it nobody who comes down from the new place could open it. Adds the call, to be made after the move.
Status rehang_ring(Session& session, const Identity& me, const std::vector<Folder>& path, const RingKey& parent, Draft& draft);

// Reads that the rights of a call in this folder rest on: the directories from it to the root, as they were seen.
void declare_rights(Draft& draft, const std::vector<Folder>& folders, std::size_t count);

}  // namespace dos::client
