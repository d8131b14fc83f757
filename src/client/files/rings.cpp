#include "client/files/rings.hpp"

#include <algorithm>

#include "client/entropy.hpp"
#include "client/files/wrap.hpp"

namespace dos::client {
namespace {

constexpr std::size_t kRingKeyBytes = 32;

// What wrapped forms of a ring key are bound to. Directory ids are kept by `mv` and `net load`; the chain is not bound.
struct ChildBinding {
  const fs::Id& directory;
  std::uint32_t epoch;
  const fs::Id& parent;
  std::uint32_t parent_epoch;
  DOS_FIELDS(directory, epoch, parent, parent_epoch);
};
struct PriorBinding {
  const fs::Id& directory;
  std::uint32_t epoch;  // of the key inside
  DOS_FIELDS(directory, epoch);
};
struct KeyPlace {  // which key of which folder a commitment is to
  std::string purpose;
  const fs::Id& directory;
  std::uint32_t epoch;
  DOS_FIELDS(purpose, directory, epoch);
};
struct EnvelopeBinding {
  std::string purpose;
  fs::Id directory{};
  std::uint32_t epoch = 0;
  std::string account;
  std::uint32_t key_epoch = 0;
  DOS_FIELDS(purpose, directory, epoch, account, key_epoch);
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
  record.commitment = ring_commitment(ring);
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

// Every epoch of one directory that `me` can open. All ways are tried, the cheap ones first: by a later epoch, by the directory
// above, by an envelope. What opens counts if it is the key that its record commits to; what does not is passed over, for anybody
// who may write here could have left it.
class Level {
 public:
  Level(const Identity& me, const DirectoryRings& level, const fs::Id* parent, const Keys& above)
      : me_(me), dir_(level.directory), parent_(parent), above_(above) {
    for (auto it = level.epochs.rbegin(); it != level.epochs.rend(); ++it) open(it->first, it->second);
  }
  Keys keys;

 private:
  void open(std::uint32_t epoch, const fs::RingEpoch& record) {
    auto found = by_later(epoch, record);
    if (!found) found = by_parent(epoch, record);
    if (!found) found = by_envelope(epoch, record);
    if (!found) return;
    if (!record.prior.empty()) leads_to_[record.prior_epoch].emplace_back(epoch, &record.prior);
    keys.emplace(epoch, std::move(*found));
  }

  std::optional<RingKey> accept(std::uint32_t epoch, const fs::RingEpoch& record, Result<crypto::Secret> key) const {
    if (!key || key->size() != kRingKeyBytes) return {};
    RingKey ring{dir_, epoch, std::move(*key)};
    if (!crypto::equal_secret(ring_commitment(ring).view(), record.commitment.view())) return {};
    return ring;
  }

  std::optional<RingKey> by_later(std::uint32_t epoch, const fs::RingEpoch& record) const {
    const auto ways = leads_to_.find(epoch);
    if (ways == leads_to_.end()) return {};
    for (const auto& [later, wrapped] : ways->second)
      if (auto found =
              accept(epoch, record,
                     unwrap(crypto::domain::kRingPrior, keys.at(later).key.view(), codec::encode(PriorBinding{dir_, epoch}), *wrapped)))
        return found;
    return {};
  }

  std::optional<RingKey> by_parent(std::uint32_t epoch, const fs::RingEpoch& record) const {
    if (parent_ == nullptr || record.parent != *parent_ || record.under_parent.empty()) return {};
    const auto up = above_.find(record.parent_epoch);
    if (up == above_.end()) return {};
    return accept(epoch, record,
                  unwrap(crypto::domain::kRingChild, up->second.key.view(),
                         codec::encode(ChildBinding{dir_, epoch, record.parent, record.parent_epoch}), record.under_parent));
  }

  std::optional<RingKey> by_envelope(std::uint32_t epoch, const fs::RingEpoch& record) const {
    for (const auto& e : record.envelopes) {
      if (e.account != me_.account()) continue;
      if (auto found = accept(epoch, record, me_.open_box(e.key_epoch, e.box, envelope_binding(dir_, epoch, e.account, e.key_epoch))))
        return found;
    }
    return {};
  }

  const Identity& me_;
  const fs::Id& dir_;
  const fs::Id* parent_;
  const Keys& above_;
  std::map<std::uint32_t, std::vector<std::pair<std::uint32_t, const Bytes*>>> leads_to_;  // by the epoch that it leads to
};

Keys open_path(const Identity& me, const RingPath& path) {
  Keys above;
  for (std::size_t i = 0; i < path.size(); ++i) {
    Level level(me, path[i], i == 0 ? nullptr : &path[i - 1].directory, above);
    above = std::move(level.keys);
  }
  return above;
}

std::unexpected<Error> no_key(const Identity& me) { return fail(Errc::sealed, me.account() + " holds no key to this folder"); }

}  // namespace

Hash ring_commitment(const RingKey& ring) {
  crypto::Hasher h(crypto::domain::kSealCommit);
  h.update(ring.key.view());
  h.update(crypto::hash_of(crypto::domain::kSealHeader, KeyPlace{"ring", ring.directory, ring.epoch}).view());
  return h.finish();
}

Result<RingKey> find_ring(const Identity& me, const RingPath& path, std::uint32_t epoch) {
  if (path.empty() || path.back().epochs.empty()) return fail(Errc::not_found, "the folder has no key: what is in it is public");
  const auto wanted = epoch == 0 ? path.back().latest() : epoch;
  auto keys = open_path(me, path);
  if (auto found = keys.find(wanted); found != keys.end()) return std::move(found->second);
  for (const auto& [number, record] : path.back().epochs)
    if (number == wanted) return no_key(me);
  return fail(Errc::not_found, "the folder has no key of epoch " + std::to_string(wanted));
}

Result<RingKey> newest_ring(const Identity& me, const RingPath& path) {
  if (path.empty() || path.back().epochs.empty()) return fail(Errc::not_found, "the folder has no key: what is in it is public");
  auto keys = open_path(me, path);
  if (keys.empty()) return no_key(me);
  return std::move(keys.rbegin()->second);
}

Result<NewRing> first_ring(const fs::Id& directory, const RingKey* parent, const std::vector<RingReader>& readers, Entropy& entropy) {
  NewRing ring{fresh_key(directory, 1, entropy), {}};
  DOS_ASSIGN(ring.record, record_of(ring.key, parent, readers, entropy));
  return ring;
}

Result<NewRing> next_ring(const RingKey& now, std::uint32_t newest, const RingKey* parent, const std::vector<RingReader>& readers,
                          Entropy& entropy) {
  if (newest >= fs::kMaxRingEpochs)
    return fail(Errc::limit, "this folder has " + std::to_string(fs::kMaxRingEpochs) +
                                 " keys, the most there can be; its owner removes the newest: dos call fs.fold FOLDER EPOCH");
  NewRing ring{fresh_key(now.directory, newest + 1, entropy), {}};
  DOS_ASSIGN(ring.record, record_of(ring.key, parent, readers, entropy));
  ring.record.prior_epoch = now.epoch;
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
