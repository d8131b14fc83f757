#include "client/files/folder_keys.hpp"

#include <algorithm>
#include <span>

#include "client/calls/told.hpp"
#include "client/entropy.hpp"
#include "client/files/dos_path.hpp"
#include "modules/fs/calls.hpp"

namespace dos::client {

Result<std::vector<RingReader>> readers_of(Session& session, const std::vector<std::string>& names) {
  DOS_ASSIGN(const auto facts, accounts(session, names));
  std::vector<RingReader> out;
  for (const auto& f : facts) {
    DOS_ASSIGN(auto key, encryption_key(f.account));
    out.push_back({f.name, std::move(key)});
  }
  return out;
}

RingPath ring_path(const std::vector<Folder>& folders, std::size_t count) {
  RingPath path;
  for (std::size_t i = 0; i < count; ++i) {
    DirectoryRings d{folders[i].id, {}};
    for (const auto& [epoch, ring] : folders[i].rings) d.epochs.emplace_back(epoch, ring);
    path.push_back(std::move(d));
  }
  return path;
}

namespace {

constexpr std::uint32_t kRingsAtOnce = 64;  // of one query: a key with all its envelopes takes 50 kB

// Epochs `from` to `to` of the folder's key, by number.
Status add_rings(Session& session, Folder& folder, std::uint32_t from, std::uint32_t to) {
  const auto prefix = fs::ring_prefix(folder.id);
  ledger::StateQuery query;
  const Bytes after = from > 1 ? fs::ring_key(folder.id, from - 1) : Bytes{};
  query.items.push_back(ledger::RangeItem{prefix, after, to - from + 1, true});
  DOS_ASSIGN(const auto answer, session.state(std::move(query)));
  DOS_ASSIGN(const auto page, answer.view.range(prefix, after, to - from + 1));
  // They stand without a gap: one that is left out, at the end too, would close what only its key leads to.
  if (page.items.size() != to - from + 1) return fail(Errc::proof_incomplete, "a key of a folder did not come");
  for (const auto* record : page.items) DOS_TRY(add_ring(folder, *record));
  return {};
}

bool lacks_older(const Folder& folder) { return !folder.rings.empty() && folder.rings.begin()->first > 1; }

// Some of the epochs that are older than those that are here.
Status add_some_older(Session& session, Folder& folder) {
  const auto first = folder.rings.begin()->first;
  return add_rings(session, folder, first - std::min(first - 1, kRingsAtOnce), first - 1);
}

Status add_older_rings(Session& session, Folder& folder) {
  while (lacks_older(folder)) DOS_TRY(add_some_older(session, folder));
  return {};
}

// What `open` finds with the newest keys of the first `count` folders, or with all of them, which are added then.
template <class Open>
Result<RingKey> with_older(Session& session, std::vector<Folder>& folders, std::size_t count, const Open& open) {
  auto ring = open(ring_path(folders, count));
  if (ring || (ring.error().code != Errc::sealed && ring.error().code != Errc::not_found)) return ring;
  const std::span asked(folders.data(), count);
  if (std::ranges::none_of(asked, lacks_older)) return ring;
  for (auto& folder : asked) DOS_TRY(add_older_rings(session, folder));
  return open(ring_path(folders, count));
}

Result<RingKey> find_in(Session& session, const Identity& me, std::vector<Folder> folders, std::size_t count, std::uint32_t epoch) {
  return with_older(session, folders, count, [&](const RingPath& path) { return find_ring(me, path, epoch); });
}

// The directories from the root down to `dir` as they stand now, with the newest epochs of their keys.
Result<std::vector<Folder>> walk_up(Session& session, fs::Id dir) {
  std::vector<Folder> up;
  for (std::uint32_t depth = 0; depth <= kMaxPathDepth; ++depth) {
    ledger::StateQuery query;
    query.items.push_back(ledger::KeyItem{fs::directory_key(dir), false});
    query.items.push_back(ledger::KeyItem{fs::ring_key(dir, UINT32_MAX), true});  // shows the newest, which stands before it
    DOS_ASSIGN(const auto answer, session.state(std::move(query)));
    Folder folder;
    folder.id = dir;
    DOS_ASSIGN(const auto* record, answer.view.find(fs::directory_key(dir)));
    if (record == nullptr) break;  // removed since: what lies above is not known any more
    DOS_ASSIGN(folder.meta, codec::decode<fs::DirectoryMeta>(record->leaf.meta, "a directory"));
    DOS_ASSIGN(const auto newest, newest_ring_number(answer.view, dir));
    if (newest != 0) DOS_TRY(add_rings(session, folder, newest - std::min(newest - 1, fs::kRingsOnPath - 1), newest));
    const auto parent = folder.meta.parent;
    up.insert(up.begin(), std::move(folder));
    if (dir == fs::kRoot) break;
    dir = parent;
  }
  return up;
}

// Whom owner and grants of the folder itself name.
std::vector<std::string> named_readers(const Folder& folder) {
  std::vector<std::string> names;
  if (ledger::valid_account_name(folder.meta.owner)) names.push_back(folder.meta.owner);
  for (const auto& g : folder.meta.grants)
    if ((g.rights & fs::kRead) != 0 && g.account != folder.meta.owner) names.push_back(g.account);
  return names;
}

std::string path_text(const std::vector<Folder>& folders, std::size_t count) {
  DosPath path;
  for (std::size_t i = 1; i < count; ++i) path.components.push_back(folders[i].name);
  return path.text();
}

// The module refuses the next epoch to others (modules/fs/fs.md, Rights); asked here, the error tells which folder lacks what.
Status may_renew(const Identity& me, const std::vector<Folder>& folders, std::size_t count) {
  Place place;
  place.folders.assign(folders.begin(), folders.begin() + std::ptrdiff_t(count));
  const auto rights = rights_of(place, me.account());
  if ((rights & fs::kRead) != 0 && (rights & fs::kWrite) != 0) return {};
  const auto& folder = folders[count - 1];
  return fail(Errc::denied, "the folder " + folder.name + " needs a new key before a write; who makes it may read and write there, " +
                                me.account() + " may not do both; its owner is " + folder.meta.owner);
}

}  // namespace

Result<RingKey> reading_ring(Session& session, const Identity& me, const std::vector<Folder>& path, const fs::Id& dir,
                             std::uint32_t epoch) {
  for (std::size_t i = 0; i < path.size(); ++i)
    if (path[i].id == dir)
      if (auto ring = find_in(session, me, path, i + 1, epoch); ring || ring.error().code != Errc::sealed) return ring;
  DOS_ASSIGN(const auto now, walk_up(session, dir));
  if (now.empty()) return fail(Errc::sealed, "the folder under whose key it was sealed is gone");
  return find_in(session, me, now, now.size(), epoch);
}

Status add_rings_down_to(Session& session, std::vector<Folder>& folders, std::uint32_t epoch) {
  if (folders.empty() || folders.back().rings.empty() || folders.back().rings.begin()->first <= epoch) return {};
  for (auto& folder : folders) DOS_TRY(add_older_rings(session, folder));
  return {};
}

bool has_envelopes(const fs::RingEpoch& ring, const std::vector<std::string>& names) {
  return std::ranges::all_of(names, [&](const auto& name) {
    return std::ranges::any_of(ring.envelopes, [&](const auto& envelope) { return envelope.account == name; });
  });
}

Result<std::vector<std::string>> direct_readers(Folder& folder, const OlderRings& older) {
  auto names = named_readers(folder);
  const auto unseen = [&](const std::string& name) {
    return std::ranges::none_of(folder.rings, [&](const auto& ring) { return has_envelopes(ring.second, {name}); });
  };
  while (lacks_older(folder) && std::ranges::any_of(names, unseen)) DOS_TRY(older(folder));
  std::erase_if(names, unseen);
  return names;
}

Result<std::vector<std::string>> direct_readers(Session& session, Folder& folder) {
  return direct_readers(folder, [&](Folder& f) { return add_some_older(session, f); });
}

Result<RingKey> newest_in(Session& session, const Identity& me, std::vector<Folder>& folders, std::size_t count) {
  return with_older(session, folders, count, [&](const RingPath& path) { return newest_ring(me, path); });
}

Result<RingKey> writing_ring(Session& session, const Identity& me, const std::vector<Folder>& path, std::size_t count, Draft& draft) {
  SystemEntropy entropy;
  auto folders = path;
  std::optional<RingKey> above;
  bool renewed = false;
  for (std::size_t i = 1; i < count; ++i) {  // the root itself has no key
    const auto& folder = folders[i];
    const auto epoch = folder.rings.empty() ? 0 : folder.rings.rbegin()->first;
    const bool mine = folder.meta.owner == me.account();
    const bool last = i + 1 == count;
    if (epoch == 0 && !above && !mine && !last) continue;  // a public folder on the way, like /home
    const auto* parent = above ? &*above : nullptr;
    std::optional<NewRing> fresh;
    if (epoch == 0) {
      if (!mine)
        return fail(Errc::denied,
                    "the folder " + folder.name + " has no key yet; its owner " + folder.meta.owner + " makes it by a first write");
      DOS_ASSIGN(const auto readers, readers_of(session, named_readers(folder)));
      DOS_ASSIGN(fresh, first_ring(folder.id, parent, readers, entropy));
    } else {
      auto ring = newest_in(session, me, folders, i + 1);
      if (!ring) {
        if (last || ring.error().code != Errc::sealed) return std::unexpected(ring.error());
        continue;  // opened further down by an envelope of its own
      }
      const bool current = !renewed && (parent == nullptr || is_current(folder.rings.at(ring->epoch), parent->directory, parent->epoch));
      // Newer ones that do not open, or leave a reader out, were left by somebody who may write: the next one is begun, or what does open
      // goes on.
      DOS_ASSIGN(const auto names, direct_readers(session, folders[i]));
      const bool newest = ring->epoch == epoch && has_envelopes(folder.rings.at(epoch), names);
      const auto may = may_renew(me, folders, i + 1);
      if (current && (newest || !may || epoch >= fs::kMaxRingEpochs)) {
        draft.read(fs::ring_key(folder.id, ring->epoch), folder.ring_versions.at(ring->epoch));
        above = std::move(*ring);
        continue;
      }
      DOS_TRY(may);
      DOS_ASSIGN(const auto readers, readers_of(session, names));
      DOS_ASSIGN(fresh, next_ring(*ring, epoch, parent, readers, entropy));
    }
    renewed = true;
    draft.absent(fs::ring_key(folder.id, fresh->key.epoch));
    if (epoch != 0) draft.read(fs::ring_key(folder.id, epoch), folder.ring_versions.at(epoch));
    declare_rights(draft, folders, i + 1);
    draft.call(ledger::kFsModule, fs::kRing, fs::Ring{folder.id, fresh->key.epoch, fresh->record});
    also_told(draft, (epoch == 0 ? "makes the first key of " : "renews the key of ") + path_text(folders, i + 1));
    above = std::move(fresh->key);
  }
  if (!above) return fail(Errc::denied, "nothing can be sealed here; choose a folder below /home/" + me.account());
  return std::move(*above);
}

Status rehang_ring(Session& session, const Identity& me, const std::vector<Folder>& path, const RingKey& parent, Draft& draft) {
  auto folders = path;
  const auto& folder = folders.back();
  if (folder.rings.empty()) return {};  // public: its first write makes a key
  SystemEntropy entropy;
  const auto epoch = folder.rings.rbegin()->first;
  DOS_ASSIGN(const auto now, newest_in(session, me, folders, folders.size()));
  DOS_ASSIGN(const auto names, direct_readers(session, folders.back()));
  DOS_ASSIGN(const auto readers, readers_of(session, names));
  DOS_ASSIGN(const auto fresh, next_ring(now, epoch, &parent, readers, entropy));
  draft.read(fs::ring_key(folder.id, epoch), folder.ring_versions.at(epoch));
  draft.absent(fs::ring_key(folder.id, fresh.key.epoch));
  draft.call(ledger::kFsModule, fs::kRing, fs::Ring{folder.id, fresh.key.epoch, fresh.record});
  also_told(draft, "renews the key of " + path_text(folders, folders.size()));
  return {};
}

void declare_rights(Draft& draft, const std::vector<Folder>& folders, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    const auto version = folders[i].version;
    draft.read(fs::directory_key(folders[i].id), version.value == 0 ? std::optional<Version>() : version);
  }
}

}  // namespace dos::client
