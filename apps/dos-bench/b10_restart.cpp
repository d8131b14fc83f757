// B10: a store with a million objects opened again after kill -9, from process start of the opener to the state in hand: what
// a node's restart costs beyond its process, certificates and the re-execution of the journal's blocks. RocksDB beside it.
#include <rocksdb/db.h>
#include <rocksdb/options.h>
#include <rocksdb/write_batch.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "loaded_store.hpp"

namespace dos::bench {
namespace {

namespace fs = std::filesystem;

std::unique_ptr<rocksdb::DB> open_peer(const fs::path& at) {
  rocksdb::Options o;
  o.create_if_missing = true;
  o.IncreaseParallelism(2);
  rocksdb::DB* raw = nullptr;
  DOS_CHECK(rocksdb::DB::Open(o, at.string(), &raw).ok());
  return std::unique_ptr<rocksdb::DB>(raw);
}

void put(rocksdb::DB& db, const std::vector<Bytes>& keys) {
  rocksdb::WriteBatch batch;
  const std::string value(kValueBytes, 7);
  for (const auto& k : keys) batch.Put({reinterpret_cast<const char*>(k.data()), k.size()}, value);
  rocksdb::WriteOptions w;
  w.sync = true;
  DOS_CHECK(db.Write(w, &batch).ok());
}

// Runs `work` in a child and kills it with SIGKILL once it is through, with everything open.
template <class Work>
void killed_after(Work&& work) {
  const pid_t child = ::fork();
  DOS_CHECK(child >= 0);
  if (child == 0) {
    work();
    ::kill(::getpid(), SIGKILL);
  }
  int status = 0;
  DOS_CHECK(::waitpid(child, &status, 0) == child && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

}  // namespace

void b10_restart(const Options& options) {
  const std::uint64_t live = options.quick ? 100'000 : 1'000'000;
  const fs::path base = fs::path(options.folder) / "b10";
  fs::remove_all(base);
  killed_after([&] {
    std::mt19937_64 rng(10);
    LoadedStore ours(base / "dos");
    const auto peer = open_peer(base / "rocksdb");
    ours.load(live, rng, [&](const std::vector<Bytes>& keys) { put(*peer, keys); });
  });
  for (int pair = 0; pair < (options.quick ? 2 : 5); ++pair) {
    killed_after([&] {  // blocks past the checkpoint: the store rolls forward, or back to it
      std::mt19937_64 rng(100 + std::uint64_t(pair));
      LoadedStore ours(base / "dos");
      const auto peer = open_peer(base / "rocksdb");
      for (int block = 0; block < 40; ++block) {
        store::Delta delta;
        std::vector<Bytes> keys;
        for (std::uint32_t n = 0; n < kBlock; ++n) keys.push_back(key_of(rng() % live));
        for (const auto& k : keys) delta[k] = record(ours.height, rng);
        DOS_CHECK(ours.apply(delta));
        put(*peer, keys);
      }
    });
    double start = wall_seconds();
    {
      const LoadedStore ours(base / "dos");
      DOS_CHECK(ours.store->live_count() >= live && ours.store->view().get(key_of(1)).value().has_value());
      DOS_CHECK(ours.journal->replay().has_value());
    }
    const double dos = wall_seconds() - start;
    start = wall_seconds();
    {
      const auto peer = open_peer(base / "rocksdb");
      std::string value;
      const auto k = key_of(1);
      DOS_CHECK(peer->Get({}, {reinterpret_cast<const char*>(k.data()), k.size()}, &value).ok());
    }
    row("B10", "store opened again after kill -9, " + std::to_string(live) + " objects", "rocksdb", dos, wall_seconds() - start, "s", true,
        {"dos <=", 2.0});
  }
  fs::remove_all(base);
}

}  // namespace dos::bench
