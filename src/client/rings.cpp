#include "client/rings.hpp"

#include <algorithm>

#include "client/entropy.hpp"
#include "client/wrap.hpp"

namespace dos::client {
namespace {

constexpr std::size_t kRingKeyBytes = 32;

// What wrapped forms of a ring key are bound to. Directory ids are kept by `mv` and `net load`; the chain is not bound.
struct ChildBinding {
  const fs::Id& directory;
  std::uint32_t epoch;
  const fs::Id& parent;
  std::uint32_t parent_epoch;
  static constexpr void fields(auto& s, auto&& visit) { visit(s.directory, s.epoch, s.parent, s.parent_epoch); }
};
struct PriorBinding {
  const fs::Id& directory;
  std::uint32_t epoch;  // of the key inside
  static constexpr void fields(auto& s, auto&& visit) { visit(s.directory, s.epoch); }
};
struct EnvelopeBinding {
  std::string purpose;
  fs::Id directory{};
  std::uint32_t epoch = 0;
  std::string account;
  std::uint32_t key_epoch = 0;
  static constexpr void fields(auto& s, auto&& visit) { visit(s.purpose, s.directory, s.epoch, s.account, s.key_epoch); }
};
Bytes envelope_binding(const fs::Id& directory, std::uint32_t epoch, const std::string& account, std::uint32_t key_epoch) {
  return codec::encode(EnvelopeBinding{"ring", directory, epoch, account, key_epoch});
}

Result<fs::Envelope> envelope(const RingKey& ring, const RingReader& reader, Entropy& entropy) {
  DOS_ASSIGN(auto box, seal_box(reader.key.key, envelope_binding(ring.directory, ring.epoch, reader.account, reader.key.epoch),
                                ring.key.view(), entropy));
  return fs::Envelope{reader.account, reader.key.epoch, std::move(box)};
}

Result<fs::RingEpoch> record_of(const RingKey& ring, const RingKey* parent, const std::vector<RingReader>& readers, Entropy& entropy) {
  fs::RingEpoch record;
  if (parent != nullptr) {
    record.parent = parent->directory;
    record.parent_epoch = parent->epoch;
    record.under_parent =
        wrap(crypto::domain::kRingChild, parent->key.view(),
             codec::encode(ChildBinding{ring.directory, ring.epoch, parent->directory, parent->epoch}), ring.key.view(), entropy);
  }
  if (readers.size() > fs::kMaxEnvelopes)
    return fail(Errc::limit, "a folder has at most " + std::to_string(fs::kMaxEnvelopes) + " readers of its own");
  for (const auto& reader : readers) {
    DOS_ASSIGN(auto one, envelope(ring, reader, entropy));
    record.envelopes.push_back(std::move(one));
  }
  std::sort(record.envelopes.begin(), record.envelopes.end(),
            [](const auto& a, const auto& b) { return std::tie(a.account, a.key_epoch) < std::tie(b.account, b.key_epoch); });
  if (record.envelopes.empty() && record.under_parent.empty()) return fail(Errc::usage, "a folder key needs a reader or a folder above");
  return record;
}

RingKey fresh_key(const fs::Id& directory, std::uint32_t epoch, Entropy& entropy) {
  RingKey ring{directory, epoch, crypto::Secret(kRingKeyBytes)};
  entropy.fill(ring.key.span());
  return ring;
}

using Keys = std::map<std::uint32_t, RingKey>;  // of one directory, by epoch

std::optional<RingKey> accept(const fs::Id& directory, std::uint32_t epoch, Result<crypto::Secret> key) {
  if (!key || key->size() != kRingKeyBytes) return {};
  return RingKey{directory, epoch, std::move(*key)};
}

// Every epoch that `me` can open, from the newest down: by the epoch after it, by the directory above, by an envelope. The
// cheap ways first; a way that does not open is no error, for anybody who may write here could have left it.
Keys open_level(const Identity& me, const DirectoryRings& level, const fs::Id* parent, const Keys& above) {
  Keys keys;
  const fs::RingEpoch* next = nullptr;
  std::uint32_t next_epoch = 0;
  for (auto it = level.epochs.rbegin(); it != level.epochs.rend(); ++it) {
    const auto& [epoch, record] = *it;
    std::optional<RingKey> found;
    if (next != nullptr && next_epoch == epoch + 1 && !next->prior.empty())
      if (auto after = keys.find(next_epoch); after != keys.end())
        found = accept(
            level.directory, epoch,
            unwrap(crypto::domain::kRingPrior, after->second.key.view(), codec::encode(PriorBinding{level.directory, epoch}), next->prior));
    if (!found && parent != nullptr && record.parent == *parent && !record.under_parent.empty())
      if (auto up = above.find(record.parent_epoch); up != above.end())
        found =
            accept(level.directory, epoch,
                   unwrap(crypto::domain::kRingChild, up->second.key.view(),
                          codec::encode(ChildBinding{level.directory, epoch, record.parent, record.parent_epoch}), record.under_parent));
    for (const auto& e : record.envelopes) {
      if (found) break;
      if (e.account == me.account())
        found = accept(level.directory, epoch,
                       me.open_box(e.key_epoch, e.box, envelope_binding(level.directory, epoch, e.account, e.key_epoch)));
    }
    if (found) keys.emplace(epoch, std::move(*found));
    next = &record;
    next_epoch = epoch;
  }
  return keys;
}

}  // namespace

Result<RingKey> find_ring(const Identity& me, const RingPath& path, std::uint32_t epoch) {
  if (path.empty() || path.back().epochs.empty()) return fail(Errc::not_found, "the folder has no key: what is in it is public");
  const auto wanted = epoch == 0 ? path.back().latest() : epoch;
  Keys above;
  for (std::size_t i = 0; i < path.size(); ++i) above = open_level(me, path[i], i == 0 ? nullptr : &path[i - 1].directory, above);
  if (auto found = above.find(wanted); found != above.end()) return std::move(found->second);
  for (const auto& [number, record] : path.back().epochs)
    if (number == wanted) return fail(Errc::sealed, me.account() + " holds no key to this folder");
  return fail(Errc::not_found, "the folder has no key of epoch " + std::to_string(wanted));
}

Result<NewRing> first_ring(const fs::Id& directory, const RingKey* parent, const std::vector<RingReader>& readers, Entropy& entropy) {
  NewRing ring{fresh_key(directory, 1, entropy), {}};
  DOS_ASSIGN(ring.record, record_of(ring.key, parent, readers, entropy));
  return ring;
}

Result<NewRing> next_ring(const RingKey& now, const RingKey* parent, const std::vector<RingReader>& readers, Entropy& entropy) {
  if (now.epoch == UINT32_MAX) return fail(Errc::limit, "this folder's keys are used up");
  NewRing ring{fresh_key(now.directory, now.epoch + 1, entropy), {}};
  DOS_ASSIGN(ring.record, record_of(ring.key, parent, readers, entropy));
  ring.record.prior =
      wrap(crypto::domain::kRingPrior, ring.key.key.view(), codec::encode(PriorBinding{now.directory, now.epoch}), now.key.view(), entropy);
  return ring;
}

Result<fs::RingEpoch> with_reader(const RingKey& now, fs::RingEpoch record, const RingReader& reader, Entropy& entropy) {
  std::erase_if(record.envelopes, [&](const auto& e) { return e.account == reader.account; });
  if (record.envelopes.size() >= fs::kMaxEnvelopes)
    return fail(Errc::limit, "a folder has at most " + std::to_string(fs::kMaxEnvelopes) + " readers of its own");
  DOS_ASSIGN(auto one, envelope(now, reader, entropy));
  const auto place = std::lower_bound(record.envelopes.begin(), record.envelopes.end(), one,
                                      [](const auto& a, const auto& b) { return a.account < b.account; });
  record.envelopes.insert(place, std::move(one));
  return record;
}

bool is_current(const fs::RingEpoch& latest, const fs::Id& parent, std::uint32_t parent_epoch) {
  if (parent_epoch == 0) return latest.under_parent.empty();
  return latest.parent == parent && latest.parent_epoch == parent_epoch && !latest.under_parent.empty();
}

}  // namespace dos::client
