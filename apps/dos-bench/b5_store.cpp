// B5: state. Authenticated updates a second through stage, journal and commit, one journal sync a block of 1,000, against a
// raw RocksDB batch put with one log sync a batch of 1,000 of the same keys and record sizes.
#include <rocksdb/db.h>
#include <rocksdb/options.h>
#include <rocksdb/write_batch.h>

#include <malloc.h>

#include <fstream>

#include "loaded_store.hpp"
#include "store/index.hpp"

namespace dos::bench {
namespace {

namespace fs = std::filesystem;

std::uint64_t folder_bytes(const fs::path& p) {
  std::uint64_t n = 0;
  for (const auto& e : fs::recursive_directory_iterator(p))
    if (e.is_regular_file()) n += e.file_size();
  return n;
}

// Bytes that this process has caused to be sent to the disk.
std::uint64_t disk_written() {
  std::ifstream io("/proc/self/io");
  for (std::string line; std::getline(io, line);)
    if (line.starts_with("write_bytes: ")) return std::stoull(line.substr(13));
  return 0;
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
  LoadedStore ours(base / "dos");
  Peer peer(base / "rocksdb");
  std::mt19937_64 rng(live);
  ours.load(live, rng, [&](const std::vector<Bytes>& keys) { peer.put(keys, rng); });
  const std::string size = " at " + std::to_string(live);
  const int blocks = options.quick ? 40 : 120;
  for (int pair = 0; pair < pairs; ++pair) {
    std::vector<std::vector<Bytes>> work(blocks);
    for (auto& keys : work)
      for (std::uint32_t n = 0; n < kBlock; ++n) keys.push_back(key_of(rng() % live));
    const auto log_before = folder_bytes(base / "dos" / "log");
    const auto written_before = disk_written();
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
    DOS_CHECK(ours.checkpoint());  // its writes are the updates' too
    const auto dos_written = disk_written() - written_before;
    start = wall_seconds();
    for (const auto& keys : work) peer.put(keys, rng);
    const double peer_rate = double(blocks) * kBlock / (wall_seconds() - start);
    DOS_CHECK(peer.db->Flush({}).ok());
    const auto peer_written = disk_written() - written_before - dos_written;
    row("B5", "MemIndex updates" + size, "rocksdb", dos_rate, peer_rate, "1/s", false);
    note("B5", "CPU an update" + size, dos_cpu, "us");
    row("B5", "bytes written to the disk an update" + size, "rocksdb", double(dos_written) / double(updates),
        double(peer_written) / (double(blocks) * kBlock), "B", true);
    note("B5", "log bytes an update" + size, double(folder_bytes(base / "dos" / "log") - log_before) / double(updates), "B");

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

// Heap of the index a live object, beyond the bytes of its key: what decides how many objects fit into a node's memory. Keys
// come in random order, a third are erased and as many others put in their place, as an index has lived.
void index_memory(std::uint64_t live) {
  const auto heap = [] {
    const auto m = mallinfo2();
    return double(m.uordblks + m.hblkhd);
  };
  const double before = heap();
  auto index = store::make_mem_index();
  for (std::uint64_t i = 0; i < live; ++i) DOS_CHECK(index->put(key_of(i), Position{i}).has_value());
  for (std::uint64_t i = 0; i < live / 3; ++i) {
    DOS_CHECK(index->erase(key_of(i)).has_value());
    DOS_CHECK(index->put(key_of(live + i), Position{live + i}).has_value());
  }
  const double each = (heap() - before - double(index->key_bytes())) / double(index->size());
  note("B5", "index memory a live object beyond its key at " + std::to_string(live), each, "B", {"dos <=", 48});
}

}  // namespace

void b5_store(const Options& options) {
  index_memory(1'000'000);
  at_size(options, 100'000, options.quick ? 1 : 5);
  at_size(options, 1'000'000, options.quick ? 1 : 5);
}

}  // namespace dos::bench
