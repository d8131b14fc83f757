// B5: state. Authenticated updates a second through stage, journal and commit, one journal sync a block of 1,000, against a
// raw RocksDB batch put with one log sync a batch of 1,000 of the same keys and record sizes.
#include <rocksdb/db.h>
#include <rocksdb/options.h>
#include <rocksdb/write_batch.h>

#include <filesystem>
#include <random>

#include "base/check.hpp"
#include "node/os/posix_disk.hpp"
#include "row.hpp"
#include "store/journal.hpp"
#include "store/store.hpp"

namespace dos::bench {
namespace {

namespace fs = std::filesystem;
constexpr std::uint32_t kBlock = 1000;
constexpr std::uint32_t kValueBytes = 100;  // with the 32-byte key: a record of 132 bytes

Bytes key_of(std::uint64_t i) {  // spread like ids are
  Bytes seed;
  append_be(seed, i);
  const auto h = crypto::plain_hash(seed);
  Bytes k{0, 3};
  append(k, h.view().first(30));
  return k;
}

std::uint64_t folder_bytes(const fs::path& p) {
  std::uint64_t n = 0;
  for (const auto& e : fs::recursive_directory_iterator(p))
    if (e.is_regular_file()) n += e.file_size();
  return n;
}

struct Quiet final : Log {
  void write(LogLevel, std::string_view, std::string_view) override {}
};

struct OurStore {
  std::unique_ptr<Disk> disk;
  std::unique_ptr<Log> log;
  std::unique_ptr<store::Store> store;
  std::unique_ptr<store::Journal> journal;
  std::uint64_t height = 0;

  explicit OurStore(const fs::path& at) {
    fs::create_directories(at);
    auto opened = node::open_posix_disk(at.string());
    DOS_CHECK(opened.has_value());
    disk = std::move(*opened);
    log = std::make_unique<Quiet>();
    store = std::move(*store::Store::open(*disk, *log));
    journal = std::move(*store::Journal::open(*disk, *log));
    DOS_CHECK(apply({}));
  }
  bool apply(const store::Delta& delta) {
    auto stage = store->stage(nullptr, Height{height}, delta);
    if (!stage) return false;
    Bytes payload(delta.size() * (32 + kValueBytes), 7);
    const store::JournalRecord group[] = {{1, height, std::move(payload)}};
    if (!journal->append(group) || !store->commit(*stage)) return false;
    if (++height % 64 == 0) {
      if (!store->checkpoint() || !journal->release(height - 1)) return false;
    }
    return true;
  }
};

store::Record record(std::uint64_t height, std::mt19937_64& rng) {
  store::Record r;
  r.version = Version{Height{height}, 0};
  r.lock = {0};
  r.data.resize(kValueBytes);
  for (auto& b : r.data) b = std::uint8_t(rng());
  return r;
}

struct Peer {
  std::unique_ptr<rocksdb::DB> db;
  explicit Peer(const fs::path& at) {
    rocksdb::Options o;
    o.create_if_missing = true;
    o.IncreaseParallelism(2);
    rocksdb::DB* raw = nullptr;
    DOS_CHECK(rocksdb::DB::Open(o, at.string(), &raw).ok());
    db.reset(raw);
  }
  void put(const std::vector<Bytes>& keys, std::mt19937_64& rng) {
    rocksdb::WriteBatch batch;
    std::string value(kValueBytes, 0);
    for (const auto& k : keys) {
      for (auto& c : value) c = char(rng());
      batch.Put({reinterpret_cast<const char*>(k.data()), k.size()}, value);
    }
    rocksdb::WriteOptions w;
    w.sync = true;
    DOS_CHECK(db->Write(w, &batch).ok());
  }
};

void at_size(const Options& options, std::uint64_t live, int pairs) {
  const fs::path base = fs::path(options.folder) / ("b5-" + std::to_string(live));
  fs::remove_all(base);
  OurStore ours(base / "dos");
  Peer peer(base / "rocksdb");
  std::mt19937_64 rng(live);
  for (std::uint64_t i = 0; i < live;) {
    store::Delta delta;
    std::vector<Bytes> keys;
    for (std::uint64_t n = 0; n < 10 * kBlock && i < live; ++n, ++i) {
      keys.push_back(key_of(i));
      delta[keys.back()] = record(ours.height, rng);
    }
    DOS_CHECK(ours.apply(delta));
    peer.put(keys, rng);
  }
  // What the load left to be written is not the updates' cost.
  DOS_CHECK(ours.store->checkpoint().has_value() && ours.journal->release(ours.height - 1).has_value());
  const std::string size = " at " + std::to_string(live);
  const int blocks = options.quick ? 40 : 120;
  for (int pair = 0; pair < pairs; ++pair) {
    std::vector<std::vector<Bytes>> work(blocks);
    for (auto& keys : work)
      for (std::uint32_t n = 0; n < kBlock; ++n) keys.push_back(key_of(rng() % live));
    const auto disk_before = folder_bytes(base / "dos" / "log");
    double start = wall_seconds(), cpu = cpu_seconds();
    std::uint64_t updates = 0;
    for (const auto& keys : work) {
      store::Delta delta;
      for (const auto& k : keys) delta[k] = record(ours.height, rng);
      updates += delta.size();
      DOS_CHECK(ours.apply(delta));
    }
    const double dos_rate = double(updates) / (wall_seconds() - start);
    const double dos_cpu = (cpu_seconds() - cpu) * 1e6 / double(updates);
    start = wall_seconds();
    for (const auto& keys : work) peer.put(keys, rng);
    const double peer_rate = double(blocks) * kBlock / (wall_seconds() - start);
    row("B5", "MemIndex updates" + size, "rocksdb", dos_rate, peer_rate, "1/s", false);
    note("B5", "CPU an update" + size, dos_cpu, "us");
    note("B5", "log bytes an update" + size, double(folder_bytes(base / "dos" / "log") - disk_before) / double(updates), "B");

    const int reads = options.quick ? 20'000 : 100'000;
    start = wall_seconds();
    for (int i = 0; i < reads; ++i) {
      auto r = ours.store->view().get(key_of(rng() % live));
      DOS_CHECK(r && *r);
    }
    const double dos_reads = reads / (wall_seconds() - start);
    start = wall_seconds();
    std::string value;
    for (int i = 0; i < reads; ++i) {
      const auto k = key_of(rng() % live);
      DOS_CHECK(peer.db->Get({}, {reinterpret_cast<const char*>(k.data()), k.size()}, &value).ok());
    }
    row("B5", "MemIndex reads" + size, "rocksdb", dos_reads, reads / (wall_seconds() - start), "1/s", false);

    const int proofs = options.quick ? 2'000 : 10'000;
    start = wall_seconds();
    double verify = 0;
    for (int i = 0; i < proofs; ++i) {
      store::ProofRequest q;
      q.height = ours.store->height();
      q.items.push_back(store::ProofRequest::Key{key_of(rng() % live), true});
      auto p = ours.store->prove(q);
      DOS_CHECK(p.has_value());
      const double v = wall_seconds();
      DOS_CHECK(proof::verify(*p, ours.store->root()).has_value());
      verify += wall_seconds() - v;
    }
    note("B5", "proofs a second" + size, proofs / (wall_seconds() - start - verify), "1/s");
    note("B5", "verification of a state proof of one key" + size, verify * 1e6 / proofs, "us");
  }
  fs::remove_all(base);
}

}  // namespace

void b5_store(const Options& options) {
  at_size(options, 100'000, options.quick ? 1 : 5);
  at_size(options, 1'000'000, options.quick ? 1 : 5);
}

}  // namespace dos::bench
