// Many readers at a time, nobody writing: the promise of the headers. Every reader sees what one alone sees; with the preset
// tsan the sanitizer watches as well. Small segments and caches make readers throw out each other's files all the time.
#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <set>
#include <thread>

#include "base/limits.hpp"
#include "crypto/hash.hpp"
#include "store/blob_store.hpp"
#include "store/block_archive.hpp"
#include "store/shared_reads.hpp"
#include "store/store.hpp"
#include "store/store_model_test.hpp"

namespace dos::store {
namespace {

constexpr unsigned kReaders = 6;

struct SharedLog final : Log {
  void write(LogLevel, std::string_view, std::string_view) override { lines.fetch_add(1); }
  std::atomic<int> lines = 0;
};

// Files in memory that count nothing, as the sanitizer must see every race and no lock of the disk may hide one.
struct PlainDisk final : Disk {
  struct File final : DiskFile {
    std::shared_ptr<Bytes> bytes;
    explicit File(std::shared_ptr<Bytes> b) : bytes(std::move(b)) {}
    Status read_at(std::uint64_t offset, std::span<std::uint8_t> out) override {
      if (offset > bytes->size() || out.size() > bytes->size() - offset) return fail(Errc::disk, "past the end");
      std::copy_n(bytes->begin() + std::ptrdiff_t(offset), out.size(), out.begin());
      return {};
    }
    Status write_at(std::uint64_t offset, BytesView data) override {
      if (bytes->size() < offset + data.size()) bytes->resize(offset + data.size());
      std::copy(data.begin(), data.end(), bytes->begin() + std::ptrdiff_t(offset));
      return {};
    }
    Status sync() override { return {}; }
    Status truncate(std::uint64_t size) override { return bytes->resize(size), Status(); }
    Result<std::uint64_t> size() override { return bytes->size(); }
  };
  std::map<std::string, std::shared_ptr<Bytes>> files;

  Result<std::unique_ptr<DiskFile>> open(std::string_view path, Mode mode) override {
    auto it = files.find(std::string(path));
    if (it == files.end()) {
      if (mode != Mode::create) return fail(Errc::disk, std::string(path) + " is not there");
      it = files.emplace(path, std::make_shared<Bytes>()).first;
    }
    return std::make_unique<File>(it->second);
  }
  Result<bool> exists(std::string_view path) override { return files.contains(std::string(path)); }
  Result<std::vector<std::string>> list(std::string_view folder) override {
    std::set<std::string> names;
    for (const auto& [name, file] : files)
      if (name.starts_with(std::string(folder) + "/"))
        names.insert(name.substr(folder.size() + 1, name.find('/', folder.size() + 1) - folder.size() - 1));
    return std::vector(names.begin(), names.end());
  }
  Status make_folder(std::string_view) override { return {}; }
  Status rename(std::string_view from, std::string_view to) override {
    files[std::string(to)] = files.at(std::string(from));
    files.erase(std::string(from));
    return {};
  }
  Status remove(std::string_view path) override { return files.erase(std::string(path)), Status(); }
  Status sync_folder(std::string_view) override { return {}; }
};

// Runs `read(thread, round)` in every reader at once; it returns what was wrong.
template <class Read>
void expect_no_fault(unsigned rounds, Read&& read) {
  std::vector<std::string> faults(kReaders);
  std::atomic<unsigned> waiting = kReaders;
  std::vector<std::thread> readers;
  for (unsigned t = 0; t < kReaders; ++t)
    readers.emplace_back([&, t] {
      waiting.fetch_sub(1);
      while (waiting.load() != 0) std::this_thread::yield();
      for (unsigned round = 0; round < rounds && faults[t].empty(); ++round) faults[t] = read(t, round);
    });
  for (auto& r : readers) r.join();
  for (const auto& f : faults) EXPECT_EQ(f, "");
}

TEST(Readers, of_one_store_see_state_history_and_proofs_as_one_alone_does) {
  test::Model m(7);
  PlainDisk disk;
  SharedLog log;
  StoreOptions options;
  options.segment_bytes = 512;  // hundreds of segments: more than are kept open
  auto opened = Store::open(disk, log, options);
  ASSERT_TRUE(opened);
  auto& store = **opened;
  for (std::uint64_t h = 0; h < 120; ++h) {
    const auto stage = store.stage(nullptr, Height{h}, m.next_block(6));
    ASSERT_TRUE(stage);
    ASSERT_TRUE(store.commit(*stage));
  }
  ASSERT_TRUE(store.checkpoint());
  const auto state = m.state;
  const auto root = store.root();
  expect_no_fault(8, [&](unsigned t, unsigned round) -> std::string {
    for (const auto& [key, record] : state) {
      const auto got = store.view().get(key);
      if (!got || !*got || **got != record) return "a live record reads differently";
    }
    const Height at{(t * 17 + round * 29) % 120};
    ProofRequest request{at, {}};
    for (std::uint64_t i = 0; i < 14; ++i) request.items.push_back(ProofRequest::Key{m.name(i), true});
    const auto proof = store.prove(request);
    if (!proof) return proof.error().detail;
    const auto view = proof::verify(*proof, root, store.height());
    if (!view) return view.error().detail;
    for (std::uint64_t i = 0; i < 14; ++i) {
      const auto now = store.get_at(m.name(i), at);
      const auto proved = view->find(m.name(i));
      if (!now || !proved || now->has_value() != (*proved != nullptr)) return "history and proof differ";
    }
    return {};
  });
  EXPECT_TRUE(store.scrub());
  EXPECT_EQ(log.lines, 0);
}

TEST(Readers, of_one_archive_find_every_block_and_transaction) {
  PlainDisk disk;
  SharedLog log;
  auto archive = BlockArchive::open(disk, log, 1000);
  ASSERT_TRUE(archive);
  const auto id = [](std::uint64_t h) { return crypto::plain_hash(as_bytes(std::to_string(h))); };
  constexpr std::uint64_t kBlocks = 40;
  for (std::uint64_t h = 0; h < kBlocks; ++h)  // a few fill a segment, whose index is then a file; more of them than are kept
    ASSERT_TRUE((*archive)->append({Height{h}, Bytes(10, std::uint8_t(h)), Bytes(300, std::uint8_t(h)), {}, {}}, std::vector{id(h)}));
  expect_no_fault(100, [&](unsigned t, unsigned round) -> std::string {
    const std::uint64_t h = (t * 5 + round * 2) % kBlocks;
    const auto place = (*archive)->find(id(h));
    if (!place || !*place || (*place)->height.value != h) return "a transaction is not found";
    const auto block = (*archive)->block(Height{h});
    if (!block || !*block || (*block)->header != Bytes(10, std::uint8_t(h))) return "a block reads differently";
    return {};
  });
  EXPECT_EQ(log.lines, 0);
}

TEST(Readers, of_blobs_get_whole_chunks_and_agree_on_damage) {
  PlainDisk disk;
  SharedLog log;
  auto blobs = BlobStore::open(disk, log, 1ull << 30);
  ASSERT_TRUE(blobs);
  constexpr unsigned kBlobs = 40;  // more than files are kept open
  std::vector<Bytes> contents;
  std::vector<Hash> roots;
  for (unsigned i = 0; i < kBlobs; ++i) {
    contents.emplace_back(5000 + i, std::uint8_t(i + 1));
    roots.push_back(crypto::plain_hash(contents[i]));
    ASSERT_TRUE((*blobs)->begin(roots[i], contents[i].size(), {roots[i]}, 0));
    ASSERT_TRUE((*blobs)->put_chunk(roots[i], 0, contents[i]));
  }
  ASSERT_TRUE((*blobs)->make_durable(roots));  // what is in memory about them is dropped: readers fetch it again
  const auto rotten = hex(roots[3].view());
  disk.files.at("blobs/" + rotten.substr(0, 2) + "/" + rotten)->back() ^= 1;
  expect_no_fault(30, [&](unsigned t, unsigned round) -> std::string {
    const unsigned i = (t * 11 + round * 7) % kBlobs;
    const auto info = (*blobs)->info(roots[i]);
    if (!info || !*info || (*info)->bytes != contents[i].size()) return "a blob is not known";
    const auto chunk = (*blobs)->read_chunk(roots[i], 0);
    if (i == 3) return chunk ? "a damaged chunk was served" : "";
    if (!chunk || *chunk != contents[i]) return "a chunk reads differently";
    return {};
  });
  EXPECT_EQ((*blobs)->read_chunk(roots[3], 0).error().code, Errc::no_blob) << "marked as missing: it can be fetched again";
}

TEST(SharedReads, keeps_so_many_and_what_is_in_use_stays_alive) {
  SharedReads<int, const int> kept(2);
  int made = 0;
  const auto get = [&](int key) {
    return *kept.get(key, [&]() -> Result<std::shared_ptr<const int>> { return std::make_shared<const int>((++made, key)); });
  };
  const auto first = get(1);
  get(2), get(2), get(3);
  EXPECT_EQ(made, 3);
  EXPECT_EQ(*first, 1) << "though it was thrown out";
  get(1);
  EXPECT_EQ(made, 4);
  EXPECT_FALSE(kept.get(9, []() -> Result<std::shared_ptr<const int>> { return fail(Errc::disk, "no"); }));
}

}  // namespace
}  // namespace dos::store
