// The mountain range over all records. The youngest twig (2,048 records) is whole in memory; a full twig's nodes are
// written once to the file nodes/twigs, 128 KiB each (levels 0 to 11, leaves first; slot 4,095 is unused and zero);
// what lies above twigs stays in memory: 1/32 byte a record.
#pragma once
#include "base/edge.hpp"
#include "store/mountain.hpp"

namespace dos::store {

class RecordForest {
 public:
  static constexpr int kTwigLevel = 11;
  static constexpr std::size_t kTwigSlots = 4096;

  explicit RecordForest(Disk& disk) : disk_(disk) {}

  Status open();  // the file; the forest is empty afterwards
  // Continues from full twigs whose nodes lie in the file and the leaves of the youngest.
  Status restore(std::span<const Hash> twig_roots, std::span<const Hash> young_leaves);
  // Files the nodes that a MountainEdge made while it appended `leaves` records to edge().
  Status append(std::uint64_t leaves, std::span<const Hash> made);
  Status sync();
  Status cut_file();  // drops what lies behind the last full twig

  std::uint64_t count() const { return count_; }
  MountainEdge edge() const;
  Hash root() const;
  Result<Hash> node(int level, std::uint64_t index) const;  // the node must exist
  Result<std::uint64_t> twigs_on_file() const;
  std::span<const Hash> twig_roots() const { return upper_.empty() ? std::span<const Hash>{} : upper_[0]; }
  std::span<const Hash> young_leaves() const { return young_[0]; }
  std::uint64_t memory_bytes() const;

  // Checks a twig of the file against its leaves' hashes and against itself; rewrites it if it is damaged.
  Result<bool> repair_twig(std::uint64_t twig, std::span<const Hash> leaves) const;
  static std::string twig_place(std::uint64_t twig);

 private:
  Status put(int level, const Hash& h);
  static Bytes twig_bytes(std::span<const Hash> leaves);

  Disk& disk_;
  std::unique_ptr<DiskFile> file_;
  std::uint64_t count_ = 0;
  std::vector<Hash> young_[kTwigLevel];
  std::vector<std::vector<Hash>> upper_;  // [0]: twig roots
};

}  // namespace dos::store
