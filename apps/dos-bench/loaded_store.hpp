// A store with its journal on the disk that is measured, fed block by block as a node feeds it.
#pragma once
#include <filesystem>
#include <random>

#include "base/check.hpp"
#include "os/posix_disk.hpp"
#include "os/system.hpp"
#include "row.hpp"
#include "store/journal.hpp"
#include "store/store.hpp"

namespace dos::bench {

inline constexpr std::uint32_t kBlock = 1000;
inline constexpr std::uint32_t kValueBytes = 100;  // with the 32-byte key: a record of 132 bytes

inline Bytes key_of(std::uint64_t i) {  // spread like ids are
  Bytes seed;
  append_be(seed, i);
  const auto h = crypto::plain_hash(seed);
  Bytes k{0, 3};
  append(k, h.view().first(30));
  return k;
}

inline store::Record record(std::uint64_t height, std::mt19937_64& rng) {
  store::Record r;
  r.version = Version{Height{height}, 0};
  r.lock = {0};
  r.data.resize(kValueBytes);
  for (auto& b : r.data) b = std::uint8_t(rng());
  return r;
}

struct Quiet final : Log {
  void write(LogLevel, std::string_view, std::string_view) override {}
};

struct LoadedStore {
  std::unique_ptr<Disk> disk;
  std::unique_ptr<Log> log;
  std::unique_ptr<store::Store> store;
  os::SystemEntropy entropy;
  std::unique_ptr<store::Journal> journal;
  std::uint64_t height = 0;  // of the next block

  explicit LoadedStore(const std::filesystem::path& at) {
    std::filesystem::create_directories(at);
    auto opened = os::open_posix_disk(at.string());
    DOS_CHECK(opened.has_value());
    disk = std::move(*opened);
    log = std::make_unique<Quiet>();
    store = std::move(*store::Store::open(*disk, *log));
    journal = std::move(*store::Journal::open(*disk, entropy, *log));
    if (store->empty()) DOS_CHECK(apply({}));
    else height = store->height().value + 1;
  }
  bool apply(const store::Delta& delta) {
    auto stage = store->stage(nullptr, Height{height}, delta);
    if (!stage) return false;
    Bytes payload(delta.size() * (32 + kValueBytes), 7);
    const store::JournalRecord group[] = {{1, height, std::move(payload)}};
    if (!journal->append(group) || !store->commit(*stage)) return false;
    return ++height % 64 != 0 || checkpoint();
  }
  bool checkpoint() { return store->checkpoint() && journal->release(height - 1); }
  // Objects 0 to live, in blocks of ten thousand; `each` sees their keys.
  template <class Each>
  void load(std::uint64_t live, std::mt19937_64& rng, Each&& each) {
    for (std::uint64_t i = 0; i < live;) {
      store::Delta delta;
      std::vector<Bytes> keys;
      for (std::uint64_t n = 0; n < 10 * kBlock && i < live; ++n, ++i) {
        keys.push_back(key_of(i));
        delta[keys.back()] = record(height, rng);
      }
      DOS_CHECK(apply(delta));
      each(keys);
    }
    DOS_CHECK(checkpoint());  // what the load left to be written is nobody's cost but its own
  }
};

}  // namespace dos::bench
