#include "store/record_forest.hpp"

#include "base/check.hpp"

namespace dos::store {
namespace {

constexpr const char* kPath = "nodes/twigs";
constexpr std::uint64_t kTwigBytes = RecordForest::kTwigSlots * 32;

std::size_t level_slot(int level) { return RecordForest::kTwigSlots - (RecordForest::kTwigSlots >> level); }

}  // namespace

std::string RecordForest::twig_place(std::uint64_t twig) { return std::string(kPath) + " at byte " + std::to_string(twig * kTwigBytes); }

Status RecordForest::open() {
  DOS_TRY(disk_.make_folder("nodes"));
  DOS_ASSIGN(file_, disk_.open(kPath, Disk::Mode::create));
  count_ = 0;
  for (auto& level : young_) level.clear();
  upper_.clear();
  return {};
}

Result<std::uint64_t> RecordForest::twigs_on_file() const {
  DOS_ASSIGN(const auto size, file_->size());
  return size / kTwigBytes;
}

Status RecordForest::put(int level, const Hash& h) {
  if (level < kTwigLevel) {
    young_[level].push_back(h);
    return {};
  }
  if (level == kTwigLevel) {
    Bytes twig;
    twig.reserve(kTwigBytes);
    for (auto& nodes : young_) {
      for (const Hash& n : nodes) dos::append(twig, n.view());
      nodes.clear();
    }
    dos::append(twig, h.view());
    twig.resize(kTwigBytes);
    const std::uint64_t index = upper_.empty() ? 0 : upper_[0].size();
    DOS_TRY(file_->write_at(index * kTwigBytes, twig));
  }
  const std::size_t above = std::size_t(level - kTwigLevel);
  if (upper_.size() <= above) upper_.resize(above + 1);
  upper_[above].push_back(h);
  return {};
}

Status RecordForest::append(std::uint64_t leaves, std::span<const Hash> made) {
  std::size_t at = 0;
  for (std::uint64_t i = 0; i < leaves; ++i, ++count_) {
    DOS_TRY(put(0, made[at++]));
    for (int level = 0; (count_ >> level & 1) != 0; ++level) DOS_TRY(put(level + 1, made[at++]));
  }
  DOS_CHECK(at == made.size());
  return {};
}

Status RecordForest::restore(std::span<const Hash> twig_roots, std::span<const Hash> young_leaves) {
  DOS_CHECK(young_leaves.size() < proof::kTwigRecords);
  DOS_TRY(open());
  if (!twig_roots.empty()) upper_.emplace_back(twig_roots.begin(), twig_roots.end());
  for (std::size_t l = 0; l < upper_.size() && upper_[l].size() > 1; ++l) {
    std::vector<Hash> level(upper_[l].size() / 2);
    for (std::size_t i = 0; i < level.size(); ++i)
      level[i] = crypto::hash_pair(crypto::domain::kNode, upper_[l][2 * i], upper_[l][2 * i + 1]);
    upper_.push_back(std::move(level));
  }
  count_ = twig_roots.size() * proof::kTwigRecords;
  MountainEdge e = edge();
  std::vector<Hash> made;
  for (const Hash& h : young_leaves) e.append(h, crypto::domain::kNode, made);
  return append(young_leaves.size(), made);
}

Status RecordForest::sync() { return file_->sync(); }

Status RecordForest::cut_file() {
  DOS_ASSIGN(const auto size, file_->size());
  if (size > twig_roots().size() * kTwigBytes) return file_->truncate(twig_roots().size() * kTwigBytes);
  return {};
}

Result<Hash> RecordForest::node(int level, std::uint64_t index) const {
  DOS_CHECK(level < 64 && index < count_ >> level);
  if (level >= kTwigLevel) return upper_[std::size_t(level - kTwigLevel)][index];
  const std::uint64_t per_twig = proof::kTwigRecords >> level;
  const std::uint64_t twig = index / per_twig;
  if (twig == twig_roots().size()) return young_[level][index % per_twig];
  Hash h;
  DOS_TRY(file_->read_at(twig * kTwigBytes + (level_slot(level) + index % per_twig) * 32, h.bytes));
  return h;
}

MountainEdge RecordForest::edge() const {
  MountainEdge e{count_, {}};
  for (int level = 63; level >= 0; --level) {
    if ((count_ >> level & 1) == 0) continue;
    e.peaks.push_back(level >= kTwigLevel ? upper_[std::size_t(level - kTwigLevel)].back() : young_[level].back());
  }
  return e;
}

Hash RecordForest::root() const { return proof::mmr_root(count_, edge().peaks); }

std::uint64_t RecordForest::memory_bytes() const {
  std::uint64_t n = 0;
  for (const auto& level : young_) n += level.capacity() * sizeof(Hash);
  for (const auto& level : upper_) n += level.capacity() * sizeof(Hash);
  return n;
}

Bytes RecordForest::twig_bytes(std::span<const Hash> leaves) {
  std::vector<Hash> level(leaves.begin(), leaves.end());
  Bytes out;
  out.reserve(kTwigBytes);
  for (;;) {
    for (const Hash& h : level) dos::append(out, h.view());
    if (level.size() == 1) break;
    for (std::size_t i = 0; i + 1 < level.size(); i += 2) level[i / 2] = crypto::hash_pair(crypto::domain::kNode, level[i], level[i + 1]);
    level.resize(level.size() / 2);
  }
  out.resize(kTwigBytes);
  return out;
}

Result<bool> RecordForest::repair_twig(std::uint64_t twig, std::span<const Hash> leaves) const {
  DOS_CHECK(twig < twig_roots().size() && leaves.size() == proof::kTwigRecords);
  const Bytes right = twig_bytes(leaves);
  if (!equal(BytesView(right).subspan(level_slot(kTwigLevel) * 32, 32), twig_roots()[twig].view()))
    return fail(Errc::corrupt, "the records of " + twig_place(twig) + " are not those of the state root");
  Bytes there(kTwigBytes);
  DOS_ASSIGN(const auto size, file_->size());
  if (size >= (twig + 1) * kTwigBytes) DOS_TRY(file_->read_at(twig * kTwigBytes, there));
  if (there == right) return false;
  DOS_TRY(file_->write_at(twig * kTwigBytes, right));
  return true;
}

}  // namespace dos::store
