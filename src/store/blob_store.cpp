#include "store/blob_store.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "base/limits.hpp"
#include "crypto/hash.hpp"
#include "store/blob_contents.hpp"

namespace dos::store {
namespace {

constexpr const char* kStatePath = "blobs/state";
constexpr std::uint64_t kNoteEveryMs = 60'000;  // signs of life: more often they would only fill the disk

class FileBlobStore final : public BlobStore {
 public:
  FileBlobStore(Disk& disk, Log& log, std::uint64_t quota) : disk_(disk), log_(log), unclaimed_(quota), contents_(disk, log) {}

  Status open() {
    DOS_TRY(disk_.make_folder("blobs"));
    DOS_ASSIGN(const auto folders, disk_.list("blobs"));
    for (const auto& folder : folders) {
      if (folder.size() != 2) continue;
      const auto inside = "blobs/" + folder;
      DOS_ASSIGN(const auto names, disk_.list(inside));
      for (const auto& name : names) DOS_TRY(find_blob(inside + "/" + name, name));
    }
    DOS_TRY(read_states());
    if (states_end_ == 0 && !blobs_.empty()) claims_intact_ = false;  // the whole file is gone
    for (const auto& [root, b] : blobs_)
      if (!b.claimed) unclaimed_.add(root, {b.held, b.first_ms, b.since_ms, {}, b.promised});
    std::size_t lost = 0;
    for (const Hash& root : claims_) lost += blobs_.contains(root) ? 0 : 1;
    if (lost != 0)
      log_.write(LogLevel::error, "store", std::to_string(lost) + " blobs that live records name are not here: upload or fetch them again");
    return {};
  }

  Result<BlobInfo> begin(const Hash& root, std::uint64_t bytes, std::vector<Hash> chunks, std::uint64_t now_ms,
                         const Uploader& by) override {
    if (bytes > kMaxBlobBytes) return fail(Errc::limit, "a blob is larger than any may be");
    if (chunks.size() != chunks_of(bytes)) return fail(Errc::malformed, "a blob's manifest does not fit its size");
    if (const auto* e = unclaimed_.find(root); e != nullptr && !e->promised && now_ms > e->first_ms + kUnclaimedMostMs)
      DOS_TRY(drop_all({&root, 1}));  // nothing prolongs its life: a new upload does
    if (auto it = blobs_.find(root); it != blobs_.end()) return resume(root, it->second, bytes, std::move(chunks), now_ms, by);
    const bool claimed = claims_.contains(root);
    Blob b;
    b.claimed = claimed;
    b.head = {bytes, now_ms, std::uint32_t(chunks.size()), 0};
    b.held = b.head.content_at();
    b.noted_ms = now_ms;
    if (!claimed) {
      if (b.held + bytes > unclaimed_.limit_of_uploader())
        return fail(Errc::disk_full, "this node keeps at most " + std::to_string(unclaimed_.limit_of_uploader() >> 20) +
                                         " MiB of one uploader before a transaction names it, and this is more");
      DOS_TRY(make_room(root, by, b.held, true, now_ms));
    }
    DOS_TRY(contents_.create(root, b, std::move(chunks)));
    auto& kept = blobs_[root] = std::move(b);
    if (!claimed) unclaimed_.add(root, {kept.held, now_ms, now_ms, by, false});
    return contents_.info_of(kept);
  }

  Status put_chunk(const Hash& root, std::uint64_t index, BytesView chunk, std::uint64_t now_ms) override {
    auto it = blobs_.find(root);
    if (it == blobs_.end()) return fail(Errc::no_blob, "no upload of " + hex(root.view()) + " was begun");
    Blob& b = it->second;
    DOS_TRY(examine(root, b));
    if (index >= b.head.chunks) return fail(Errc::malformed, "a chunk lies past the blob's end");
    if (chunk.size() != b.head.chunk_bytes(index) || crypto::plain_hash(chunk) != (*b.chunks)[index])
      return fail(Errc::content_mismatch, "chunk " + std::to_string(index) + " is not what its blob commits to");
    if (b.have[index]) return {};
    if (const auto* e = unclaimed_.find(root)) DOS_TRY(make_room(root, e->by, chunk.size(), false, std::max(now_ms, e->since_ms)));
    DOS_TRY(contents_.put_chunk(root, b, index, chunk));
    unclaimed_.resize(root, b.held);
    return touch(root, now_ms);
  }

  Result<std::shared_ptr<DiskFile>> to_flush(const Hash& root) override { return contents_.writer(root); }

  Result<bool> look_over(const Hash& root, std::uint64_t most) const override {
    const auto it = blobs_.find(root);
    if (it == blobs_.end()) return true;
    auto known = contents_.look(root, it->second, most);
    if (!known && known.error().code == Errc::corrupt) return true;  // whoever needs it is told
    return known;
  }

  Result<std::optional<BlobInfo>> info(const Hash& root) const override {
    auto it = blobs_.find(root);
    if (it == blobs_.end()) return std::nullopt;
    if (auto known = examine(root, it->second); !known) {
      if (known.error().code != Errc::corrupt) return std::unexpected(known.error());
      log_.write(LogLevel::warn, "store", known.error().detail + "; an upload of it starts again");
      return std::nullopt;
    }
    return contents_.info_of(it->second);
  }

  Result<Bytes> read_chunk(const Hash& root, std::uint64_t index) const override {
    auto it = blobs_.find(root);
    if (it == blobs_.end()) return fail(Errc::no_blob, "this node does not hold " + hex(root.view()));
    return contents_.read_chunk(root, it->second, index);
  }

  Result<BlobSync> begin_durable(std::span<const Hash> roots) override {
    BlobSync out;
    std::set<std::string> folders;
    for (const Hash& root : roots) {
      auto it = blobs_.find(root);
      if (it == blobs_.end()) return fail(Errc::no_blob, "this node does not hold " + hex(root.view()));
      DOS_TRY(examine(root, it->second));
      if (!contents_.whole(it->second)) return fail(Errc::no_blob, "a blob is not complete: " + hex(root.view()));
      if (it->second.durable) continue;
      DOS_ASSIGN(auto f, contents_.writer(root));
      out.files.push_back(std::move(f));
      folders.insert(blob_folder(root));
      out.fresh.emplace_back(root, it->second.stamp);
    }
    if (!folders.empty()) folders.insert("blobs");
    out.folders.assign(folders.rbegin(), folders.rend());  // what lies inside first
    out.disk = &disk_;
    return out;
  }

  Status end_durable(const BlobSync& synced) override {
    for (const auto& [root, stamp] : synced.fresh) {
      const auto it = blobs_.find(root);
      // What was synced is what is here: else it went meanwhile, or something was found damaged and written once more.
      if (it == blobs_.end() || it->second.stamp != stamp || (it->second.examined && !contents_.whole(it->second)))
        return fail(Errc::no_blob, "a blob changed while it went to the disk: " + hex(root.view()));
      if (it->second.durable) continue;
      contents_.made_durable(it->second);
      DOS_TRY(note({BlobEvent::durable, root, 0}));  // only saves reading the blob after a restart
    }
    return {};
  }

  Result<BlobSync> begin_promise(std::span<const Hash> roots, std::uint64_t now_ms) override {
    std::vector<Hash> first;  // that count as promised after a restart because of this
    for (const Hash& root : roots)
      if (const auto* e = unclaimed_.find(root); e != nullptr && !e->promised && blobs_.at(root).durable) first.push_back(root);
    DOS_ASSIGN(auto out, begin_durable(roots));
    for (const Hash& root : roots) account(root, blobs_.at(root));
    DOS_TRY(unclaimed_.promise(roots, now_ms));
    out.promised = std::move(first);
    return out;
  }

  Status end_promise(std::span<const Hash> roots, const BlobSync& synced, std::uint64_t now_ms) override {
    DOS_TRY(end_durable(synced));
    for (const Hash& root : synced.promised) DOS_TRY(note({BlobEvent::durable, root, 0}));
    for (const Hash& root : roots) {
      if (!blobs_.contains(root)) return fail(Errc::no_blob, "this node does not hold " + hex(root.view()));
      DOS_TRY(touch(root, now_ms));
    }
    return {};
  }

  // Noted only when it moves by a minute: a resumed upload asks often.
  Status touch(const Hash& root, std::uint64_t now_ms) override {
    if (!unclaimed_.alive(root, now_ms)) return {};
    Blob& b = blobs_.at(root);
    if (now_ms < b.noted_ms + kNoteEveryMs) return {};
    b.noted_ms = now_ms;
    return note({BlobEvent::released, root, now_ms});
  }

  Status claim(const Hash& root) override {
    auto it = blobs_.find(root);
    if (claims_.insert(root).second) {
      if (it != blobs_.end() && !it->second.claimed) {
        it->second.claimed = true;
        unclaimed_.remove(root);
      }
      DOS_TRY(note({BlobEvent::claimed, root, 0}));
    }
    if (it == blobs_.end()) return fail(Errc::no_blob, "this node does not hold " + hex(root.view()));
    return {};
  }

  Result<std::vector<Hash>> wanted() const override {
    std::vector<Hash> all;
    for (const Hash& root : claims_) {
      const auto it = blobs_.find(root);
      if (it != blobs_.end() && it->second.durable) continue;
      if (it != blobs_.end()) {
        const auto known = examine(root, it->second);
        if (!known && known.error().code != Errc::corrupt) return std::unexpected(known.error());
        if (known && contents_.whole(it->second)) continue;
      }
      all.push_back(root);
    }
    return all;
  }

  Status release(const Hash& root, std::uint64_t now_ms) override {
    if (claims_.erase(root) == 0) return {};
    if (auto it = blobs_.find(root); it != blobs_.end() && it->second.claimed) {
      it->second.claimed = false;
      it->second.noted_ms = now_ms;
      unclaimed_.add(root, {it->second.held, now_ms, now_ms, {}, false});
    }
    return note({BlobEvent::released, root, now_ms});
  }

  using BlobStore::sweep;
  Result<std::uint64_t> sweep(std::uint64_t now_ms, std::uint64_t life_ms, std::uint64_t promised_life_ms) override {
    DOS_TRY(sync());
    std::uint64_t freed = 0;
    for (const auto& root : unclaimed_.over_age(now_ms, life_ms, promised_life_ms)) {
      freed += blobs_.at(root).head.bytes;
      DOS_TRY(drop(root));
    }
    return freed;
  }

  Status shed(std::uint64_t bytes, std::uint64_t now_ms) override {
    const auto least = unclaimed_.least_needed(bytes, now_ms);
    return drop_all(least);
  }

  Status sync() override {
    if (!unsynced_states_) return {};
    DOS_TRY(states_->sync());
    unsynced_states_ = false;
    return {};
  }

  std::uint64_t unclaimed_bytes() const override { return unclaimed_.bytes(); }
  std::uint64_t unclaimed_limit() const override { return unclaimed_.limit(); }
  bool claims_intact() const override { return claims_intact_; }

 private:
  Status examine(const Hash& root, const Blob& b) const { return contents_.examine(root, b); }

  // Of a blob that was examined: what it takes, now that this is known.
  void account(const Hash& root, Blob& b) {
    b.held = contents_.held(b);
    unclaimed_.resize(root, b.held);
  }

  Result<BlobInfo> resume(const Hash& root, Blob& b, std::uint64_t bytes, std::vector<Hash> chunks, std::uint64_t now_ms,
                          const Uploader& by) {
    if (b.head.bytes != bytes) return fail(Errc::content_mismatch, "a blob of that root has another size");
    DOS_TRY(touch(root, now_ms));
    unclaimed_.give(root, by);
    if (auto known = examine(root, b); !known) {
      if (known.error().code != Errc::corrupt) return std::unexpected(known.error());
      DOS_TRY(contents_.restore_hashes(root, b, std::move(chunks)));
      DOS_TRY(examine(root, b));
    }
    account(root, b);
    return contents_.info_of(b);
  }

  Status make_room(const Hash& root, const Uploader& by, std::uint64_t bytes, bool fresh, std::uint64_t now_ms) {
    DOS_ASSIGN(const auto gone, unclaimed_.room_for(root, by, bytes, fresh, now_ms));
    return drop_all(gone);
  }

  // Claims are durable first: what one of them names must not be gone after a crash.
  Status drop_all(std::span<const Hash> roots) {
    if (roots.empty()) return {};
    DOS_TRY(sync());
    for (const Hash& root : roots) DOS_TRY(drop(root));
    return {};
  }

  Status drop(const Hash& root) {
    DOS_TRY(contents_.remove(root));
    unclaimed_.remove(root);
    blobs_.erase(root);
    return {};
  }

  Status find_blob(const std::string& path, const std::string& name) {
    Bytes raw;
    Hash root;
    if (!unhex(name, raw) || raw.size() != 32) return {};
    std::copy(raw.begin(), raw.end(), root.bytes.begin());
    DOS_ASSIGN(auto f, disk_.open(path, Disk::Mode::read));
    DOS_ASSIGN(const auto size, f->size());
    Bytes head(std::min<std::uint64_t>(size, kBlobHeadBytes));
    DOS_TRY(f->read_at(0, head));
    const auto h = read_blob_head(head);
    Blob b;
    if (!h) {  // a torn beginning of an upload, or rot in the head: the content behind may be the only copy, so it stays
      log_.write(LogLevel::warn, "store", path + " is damaged at byte 0; its content must be uploaded or fetched again");
      return size > kBlobHeadBytes ? Status{} : disk_.remove(path);
    }
    b.head = *h;
    b.held = std::min(std::max(size, h->content_at()), h->content_at() + h->bytes);
    b.first_ms = b.since_ms = b.noted_ms = h->created_ms;
    blobs_[root] = std::move(b);
    return {};
  }

  Status read_states() {
    DOS_ASSIGN(states_, disk_.open(kStatePath, Disk::Mode::create));
    DOS_ASSIGN(const auto size, states_->size());
    Bytes bytes(size);
    if (size != 0) DOS_TRY(states_->read_at(0, bytes));
    for (std::size_t at = 0; at + kBlobStateBytes <= bytes.size(); at += kBlobStateBytes) {
      const auto s = read_blob_state(BytesView(bytes).subspan(at, kBlobStateBytes));
      if (!s) {  // fixed length: the next one is where it should be
        log_.write(LogLevel::warn, "store", std::string(kStatePath) + " is damaged at byte " + std::to_string(at));
        claims_intact_ = false;
        continue;
      }
      bool let_go = false;
      if (s->event == BlobEvent::claimed) claims_.insert(s->root);
      if (s->event == BlobEvent::released) let_go = claims_.erase(s->root) != 0;
      const auto it = blobs_.find(s->root);
      if (it != blobs_.end()) apply(it->second, *s, let_go);
    }
    states_end_ = size / kBlobStateBytes * kBlobStateBytes;
    return {};
  }

  static void apply(Blob& b, const BlobState& s, bool let_go) {
    if (s.event == BlobEvent::durable) {
      b.durable = true;
      b.promised = !b.claimed;
      return;
    }
    b.claimed = s.event == BlobEvent::claimed;
    if (b.claimed) b.promised = false;
    if (s.event != BlobEvent::released) return;
    b.since_ms = b.noted_ms = s.time_ms;
    if (let_go) b.first_ms = s.time_ms;
  }

  Status note(const BlobState& s) {
    DOS_TRY(states_->write_at(states_end_, write_blob_state(s)));
    states_end_ += kBlobStateBytes;
    unsynced_states_ = true;
    return {};
  }

  Disk& disk_;
  Log& log_;
  UnclaimedSpace unclaimed_;
  BlobContents contents_;
  std::map<Hash, Blob> blobs_;
  std::set<Hash> claims_;  // also of blobs that are not here
  std::unique_ptr<DiskFile> states_;
  std::uint64_t states_end_ = 0;
  bool unsynced_states_ = false, claims_intact_ = true;
};

}  // namespace

Status BlobSync::run() const {
  for (const auto& file : files) DOS_TRY(file->sync());
  for (const auto& folder : folders) DOS_TRY(disk->sync_folder(folder));
  return {};
}

Status BlobStore::make_durable(std::span<const Hash> roots) {
  DOS_ASSIGN(const auto sync, begin_durable(roots));
  DOS_TRY(sync.run());
  return end_durable(sync);
}

Status BlobStore::promise(std::span<const Hash> roots, std::uint64_t now_ms) {
  DOS_ASSIGN(const auto sync, begin_promise(roots, now_ms));
  DOS_TRY(sync.run());
  return end_promise(roots, sync, now_ms);
}

bool BlobInfo::complete() const {
  for (const bool h : have)
    if (!h) return false;
  return true;
}

Result<std::unique_ptr<BlobStore>> BlobStore::open(Disk& disk, Log& log, std::uint64_t unclaimed_quota_bytes) {
  auto b = std::make_unique<FileBlobStore>(disk, log, unclaimed_quota_bytes);
  DOS_TRY(b->open());
  return b;
}

}  // namespace dos::store
