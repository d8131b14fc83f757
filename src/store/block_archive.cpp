#include "store/block_archive.hpp"

#include <algorithm>
#include <cstdio>

#include "base/hash_table.hpp"
#include "codec/bcs.hpp"
#include "store/archive_segment.hpp"

namespace dos::store {
namespace {

std::uint32_t id_prefix(const Hash& id) {
  return std::uint32_t(id.bytes[0]) << 24 | std::uint32_t(id.bytes[1]) << 16 | std::uint32_t(id.bytes[2]) << 8 | id.bytes[3];
}

std::string path_of(std::uint32_t n, const char* suffix = "") {
  char name[40];
  std::snprintf(name, sizeof name, "archive/%06u%s", n, suffix);
  return name;
}

class FileArchive final : public BlockArchive {
 public:
  FileArchive(Disk& disk, Log& log, std::uint64_t segment_bytes) : disk_(disk), log_(log), segment_bytes_(segment_bytes) {}

  Status open() {
    DOS_TRY(disk_.make_folder("archive"));
    closed_.clear();
    std::uint64_t first = 0;
    for (std::uint32_t n = 0;; ++n) {
      DOS_ASSIGN(const bool there, disk_.exists(path_of(n)));
      DOS_ASSIGN(const bool more, disk_.exists(path_of(n + 1)));
      if (!there && more) return fail(Errc::corrupt, path_of(n) + " is missing");
      number_ = n;
      if (!more) {
        if (there) DOS_TRY(scan(n, first, open_));
        else open_ = ArchiveIndex{first, {}, {}, 0};
        break;
      }
      Closed c;
      DOS_ASSIGN(const auto index, closed_index(n, first));
      // It was whole and durable before the next one was begun. Without any of its blocks the heights of what follows are not known.
      if (index.offsets.empty()) return fail(Errc::corrupt, path_of(n) + " holds no sound block, and its index is gone");
      c.first = first = index.first;  // the first segment says where the archive begins
      for (const auto& t : index.txs) c.ids.push_back(id_prefix(t.id));  // ascending, as the ids are
      c.offsets = std::move(index.offsets);
      first += c.offsets.size();
      closed_.push_back(std::move(c));
    }
    DOS_ASSIGN(file_, disk_.open(path_of(number_), Disk::Mode::create));
    DOS_ASSIGN(const auto size, file_->size());
    if (size > open_.end) {
      log_.write(LogLevel::warn, "store", path_of(number_) + ": torn at byte " + std::to_string(open_.end) + "; cut there");
      DOS_TRY(file_->truncate(open_.end));
    }
    index_transactions();
    synced_ = last() ? last()->value + 1 : 0;
    // A process killed before its sync leaves blocks in the system's cache only: they count as synced from here on.
    DOS_TRY(file_->sync());
    return disk_.sync_folder("archive");
  }

  Status append(const ArchivedBlock& block, std::span<const Hash> txids) override {
    if (failed_) return std::unexpected(*failed_);
    const std::uint64_t want = last() ? last()->value + 1 : block.height.value;
    if (block.height.value != want)
      return fail(Errc::internal, "block " + std::to_string(block.height.value) + " does not follow the archive's last");
    if (!last()) open_.first = want;
    const Bytes bytes = write_archive_record(synced_, block, txids);
    if (open_.end >= segment_bytes_) DOS_TRY(stop_on(close_segment()));
    DOS_TRY(stop_on(file_->write_at(open_.end, bytes)));
    open_.offsets.push_back(open_.end);
    for (std::size_t i = 0; i < txids.size(); ++i) by_txid_[txids[i]] = {block.height, std::uint32_t(i)};
    open_.end += std::uint32_t(bytes.size());
    return {};
  }

  Status sync() override {
    if (failed_) return std::unexpected(*failed_);
    if (last() && synced_ == last()->value + 1) return {};
    DOS_TRY(stop_on(file_->sync()));
    synced_ = last() ? last()->value + 1 : 0;
    return {};
  }

  std::optional<Height> last() const override {
    const std::uint64_t end = open_.first + open_.offsets.size();
    if (open_.offsets.empty() && closed_.empty()) return std::nullopt;
    return Height{end - 1};
  }

  Status truncate_after(Height height) override {
    if (failed_) return std::unexpected(*failed_);
    if (!last() || *last() <= height) return {};
    return stop_on(cut(height));
  }

  Result<std::optional<ArchivedBlock>> block(Height height) const override {
    DOS_ASSIGN(auto record, record_of(height));
    if (!record) return std::nullopt;
    Bytes bytes(record->bytes);
    DOS_TRY(record->file->read_at(record->offset, bytes));
    const auto r = read_archive_record(bytes);
    if (!r || r->height != height.value) return damaged(height, record->number, record->offset);
    auto body = codec::decode<ArchiveBody>(r->body, "an archived block");
    if (!body || body->block.height != height) return damaged(height, record->number, record->offset);
    return std::move(body->block);
  }

  Result<std::optional<TransactionPlace>> find(const Hash& txid) const override {
    if (auto it = by_txid_.find(txid); it != by_txid_.end()) return it->second;
    for (std::uint32_t n = std::uint32_t(closed_.size()); n-- > 0;) {
      const auto& ids = closed_[n].ids;
      const auto alike = std::ranges::equal_range(ids, id_prefix(txid));
      auto low = std::size_t(alike.begin() - ids.begin()), high = std::size_t(alike.end() - ids.begin());
      while (low < high) {  // ids that begin alike can be made: one look halves them, as they ascend
        const auto middle = low + (high - low) / 2;
        DOS_ASSIGN(const auto tx, closed_tx(n, middle));
        if (tx.id == txid) return TransactionPlace{Height{tx.height}, tx.index};
        (tx.id < txid ? low : high) = tx.id < txid ? middle + 1 : middle;
      }
    }
    return std::nullopt;
  }

 private:
  // What anybody asks for is found without reading an index as a whole: that takes ten milliseconds, and who asks for blocks here and
  // there would have it done with each.
  struct Closed {
    std::uint64_t first = 0;
    std::vector<std::uint32_t> offsets;  // by height
    std::vector<std::uint32_t> ids;      // beginnings, ascending: most transactions asked for are new, and no index is read for them
  };
  struct Record {
    std::uint32_t number = 0, offset = 0;  // the segment, and where in it
    std::uint64_t bytes = 0;               // as its head says
    std::unique_ptr<DiskFile> file;
  };

  std::unexpected<Error> damaged(Height height, std::uint32_t number, std::uint32_t offset) const {
    return fail(Errc::corrupt,
                "block " + std::to_string(height.value) + " is damaged in " + path_of(number) + " at byte " + std::to_string(offset));
  }

  Result<std::optional<Record>> record_of(Height height) const {
    if (!last() || height > *last()) return std::nullopt;
    Record r;
    r.number = number_;
    if (height.value >= open_.first) {
      r.offset = open_.offsets[height.value - open_.first];
    } else {
      const auto it =
          std::upper_bound(closed_.begin(), closed_.end(), height.value, [](std::uint64_t h, const Closed& c) { return h < c.first; });
      if (it == closed_.begin()) return std::nullopt;
      r.number = std::uint32_t(it - closed_.begin() - 1);
      r.offset = std::prev(it)->offsets[height.value - std::prev(it)->first];
    }
    if (r.offset == UINT32_MAX) return damaged(height, r.number, r.offset);
    DOS_ASSIGN(r.file, disk_.open(path_of(r.number), Disk::Mode::read));
    DOS_ASSIGN(const auto size, r.file->size());
    if (size < r.offset + kArchiveHeader) return damaged(height, r.number, r.offset);
    Bytes head(kArchiveHeader);
    DOS_TRY(r.file->read_at(r.offset, head));
    codec::Decoder d(BytesView(head).subspan(4));
    r.bytes = (kArchiveHeader + std::uint64_t(d.integer<std::uint32_t>()) + kArchiveAlign - 1) / kArchiveAlign * kArchiveAlign;
    if (r.bytes > size - r.offset) return damaged(height, r.number, r.offset);
    return std::optional(std::move(r));
  }

  // The transaction at that place of a closed segment's index. Its file was verified at the start, or written since; what does not begin
  // as it must has rotted, and the index is verified, or made anew.
  Result<ArchiveIndex::Tx> closed_tx(std::uint32_t n, std::size_t place) const {
    const auto& c = closed_[n];
    Bytes entry(kArchiveIndexTxBytes);
    const auto read = [&]() -> Status {
      DOS_ASSIGN(auto f, disk_.open(path_of(n, ".index"), Disk::Mode::read));
      return f->read_at(archive_index_tx_at(c.offsets.size(), c.ids.size(), place), entry);
    };
    if (read())
      if (auto tx = codec::decode<ArchiveIndex::Tx>(entry); tx && id_prefix(tx->id) == c.ids[place]) return *tx;
    DOS_ASSIGN(const auto index, closed_index(n, c.first));
    if (index.offsets.size() != c.offsets.size() || index.txs.size() != c.ids.size())
      return fail(Errc::corrupt, path_of(n, ".index") + " has changed");
    return index.txs[place];
  }

  Status stop_on(Status s) {
    if (!s) failed_ = s.error();
    return s;
  }

  Status scan(std::uint32_t n, std::uint64_t first, ArchiveIndex& out) const {
    DOS_ASSIGN(auto f, disk_.open(path_of(n), Disk::Mode::read));
    DOS_ASSIGN(const auto size, f->size());
    Bytes bytes(size);
    if (size != 0) DOS_TRY(f->read_at(0, bytes));
    if (n == 0)
      if (const auto r = read_archive_record(bytes)) first = r->height;  // an archive may begin above genesis
    out = scan_archive_segment(bytes, first);
    for (std::size_t i = 0; i < out.offsets.size(); ++i)
      if (out.offsets[i] == UINT32_MAX)
        log_.write(LogLevel::error, "store", path_of(n) + ": block " + std::to_string(out.first + i) + " is damaged");
    return {};
  }

  // The index file of a closed segment, or, if it is missing or damaged, the segment again.
  Result<ArchiveIndex> closed_index(std::uint32_t n, std::uint64_t first) const {
    const auto path = path_of(n, ".index");
    DOS_ASSIGN(const bool there, disk_.exists(path));
    if (there) {
      DOS_ASSIGN(auto f, disk_.open(path, Disk::Mode::read));
      DOS_ASSIGN(const auto size, f->size());
      Bytes bytes(size);
      if (size != 0) DOS_TRY(f->read_at(0, bytes));
      auto index = unseal_archive_index(bytes);
      if (index && (n == 0 || index->first == first)) return index;
    }
    log_.write(LogLevel::warn, "store", path + " is missing or damaged; rebuilding it from the segment");
    ArchiveIndex index;
    DOS_TRY(scan(n, first, index));
    const Bytes sealed = seal_archive_index(std::move(index));
    DOS_ASSIGN(auto f, disk_.open(path, Disk::Mode::create));
    DOS_TRY(f->truncate(sealed.size()));
    DOS_TRY(f->write_at(0, sealed));
    return unseal_archive_index(sealed);
  }

  void index_transactions() {
    by_txid_.clear();
    for (const auto& t : open_.txs) by_txid_[t.id] = {Height{t.height}, t.index};
    open_.txs.clear();
  }

  Status close_segment() {
    DOS_TRY(file_->sync());
    ArchiveIndex full = open_;
    for (const auto& [id, place] : by_txid_) full.txs.push_back({id, place.height.value, place.index});
    const Bytes sealed = seal_archive_index(std::move(full));
    DOS_ASSIGN(auto f, disk_.open(path_of(number_, ".index"), Disk::Mode::create));
    DOS_TRY(f->truncate(sealed.size()));
    DOS_TRY(f->write_at(0, sealed));
    closed_.push_back({open_.first, open_.offsets, {}});
    for (const auto& [id, place] : by_txid_) closed_.back().ids.push_back(id_prefix(id));
    std::ranges::sort(closed_.back().ids);
    open_ = ArchiveIndex{open_.first + open_.offsets.size(), {}, {}, 0};
    by_txid_.clear();
    DOS_ASSIGN(file_, disk_.open(path_of(++number_), Disk::Mode::create));
    return disk_.sync_folder("archive");
  }

  Status cut(Height height) {
    while (!closed_.empty() && height.value + 1 < open_.first) {  // the cut lies before this segment
      file_.reset();
      DOS_TRY(disk_.remove(path_of(number_)));
      --number_;
      DOS_TRY(scan(number_, closed_.back().first, open_));
      DOS_TRY(disk_.remove(path_of(number_, ".index")));
      closed_.pop_back();
      DOS_ASSIGN(file_, disk_.open(path_of(number_), Disk::Mode::write));
      index_transactions();
    }
    const std::uint64_t keep = height.value + 1 > open_.first ? height.value + 1 - open_.first : 0;
    if (keep < open_.offsets.size()) {
      std::uint32_t end = open_.offsets[keep];
      for (std::uint64_t i = keep; end == UINT32_MAX && i-- > 0;) end = open_.offsets[i];  // damage goes with what follows it
      open_.end = end == UINT32_MAX ? 0 : end;
      while (!open_.offsets.empty() && (open_.offsets.back() == UINT32_MAX || open_.offsets.back() >= open_.end)) open_.offsets.pop_back();
    }
    std::erase_if(by_txid_, [&](const auto& e) { return e.second.height.value >= open_.first + open_.offsets.size(); });
    DOS_TRY(file_->truncate(open_.end));
    DOS_TRY(file_->sync());
    synced_ = last() ? last()->value + 1 : 0;
    return disk_.sync_folder("archive");
  }

  Disk& disk_;
  Log& log_;
  std::uint64_t segment_bytes_;
  std::vector<Closed> closed_;
  std::uint32_t number_ = 0;               // of the segment that is written
  ArchiveIndex open_;                      // its index, without transactions
  HashMap<TransactionPlace> by_txid_;
  std::unique_ptr<DiskFile> file_;
  std::uint64_t synced_ = 0;
  std::optional<Error> failed_;
};

}  // namespace

Result<std::unique_ptr<BlockArchive>> BlockArchive::open(Disk& disk, Log& log, std::uint64_t segment_bytes) {
  auto a = std::make_unique<FileArchive>(disk, log, segment_bytes);
  DOS_TRY(a->open());
  return a;
}

}  // namespace dos::store
