#include "store/live_bits.hpp"

#include "base/check.hpp"

namespace dos::store {
namespace {

template <class T>
const T* find_in(const std::vector<std::pair<std::uint64_t, T>>& list, std::uint64_t index) {
  auto it = std::lower_bound(list.begin(), list.end(), index, [](const auto& e, std::uint64_t i) { return e.first < i; });
  return it != list.end() && it->first == index ? &it->second : nullptr;
}

}  // namespace

const BitsWord* BitsChange::chunk(std::uint64_t index) const { return find_in(chunks, index); }

const Hash* BitsChange::node(int level, std::uint64_t index) const {
  return std::size_t(level) < levels.size() ? find_in(levels[std::size_t(level)], index) : nullptr;
}

BitsChange change_bits(const BitsBelow& below, std::span<const Position> cleared, std::uint64_t added) {
  BitsChange out;
  const std::uint64_t before = below.count();
  const std::uint64_t had = chunk_count(before);
  out.count = before + added;
  auto chunk_at = [&](std::uint64_t index) -> BitsWord& {
    if (out.chunks.empty() || out.chunks.back().first != index)
      out.chunks.emplace_back(index, index < had ? below.chunk(index) : BitsWord{});
    return out.chunks.back().second;
  };
  for (Position p : cleared) {
    BitsWord& w = chunk_at(p.value / proof::kChunkBits);
    const std::uint64_t bit = p.value % proof::kChunkBits;
    DOS_CHECK((w[bit / 8] >> (bit % 8) & 1) != 0);
    w[bit / 8] &= std::uint8_t(~(1u << (bit % 8)));
  }
  for (std::uint64_t p = before; p < out.count; ++p) {
    const std::uint64_t bit = p % proof::kChunkBits;
    chunk_at(p / proof::kChunkBits)[bit / 8] |= std::uint8_t(1u << (bit % 8));
  }

  const std::uint64_t chunks = chunk_count(out.count);
  out.levels.emplace_back();
  for (const auto& [index, word] : out.chunks) out.levels[0].emplace_back(index, proof::chunk_hash(word));
  std::vector<Hash> pairs, hashes;
  for (int level = 0;; ++level) {
    std::vector<std::pair<std::uint64_t, Hash>> up;
    const auto& here = out.levels[std::size_t(level)];
    pairs.clear();
    for (std::size_t i = 0; i < here.size(); ++i) {
      const auto& [index, h] = here[i];
      if ((index | 1) >= chunks >> level) continue;  // a peak
      up.emplace_back(index / 2, Hash{});
      if (index % 2 != 0) {
        pairs.push_back(below.node(level, index - 1));
        pairs.push_back(h);
      } else {
        pairs.push_back(h);
        pairs.push_back(i + 1 < here.size() && here[i + 1].first == index + 1 ? here[++i].second : below.node(level, index + 1));
      }
    }
    if (up.empty()) break;
    hashes.resize(up.size());
    crypto::hash_pairs(crypto::domain::kBitsNode, pairs, hashes);
    for (std::size_t i = 0; i < up.size(); ++i) up[i].second = hashes[i];
    out.levels.push_back(std::move(up));
  }
  for (int level = 63; level >= 0; --level) {
    if ((chunks >> level & 1) == 0) continue;
    const std::uint64_t index = (chunks >> level) - 1;
    const Hash* changed = out.node(level, index);
    out.peaks.push_back(changed != nullptr ? *changed : below.node(level, index));
  }
  return out;
}

void LiveBits::apply(const BitsChange& change) {
  count_ = change.count;
  chunks_.resize(chunk_count(count_));
  for (const auto& [index, word] : change.chunks) chunks_[index] = word;
  if (levels_.size() < change.levels.size()) levels_.resize(change.levels.size());
  for (std::size_t l = 0; l < change.levels.size(); ++l) {
    levels_[l].resize(chunks_.size() >> l);
    for (const auto& [index, h] : change.levels[l]) levels_[l][index] = h;
  }
}

void LiveBits::restore(std::uint64_t records, std::vector<BitsWord> chunks) {
  DOS_CHECK(chunks.size() == chunk_count(records));
  count_ = records;
  chunks_ = std::move(chunks);
  levels_.clear();
  if (chunks_.empty()) return;
  levels_.emplace_back(chunks_.size());
  for (std::size_t i = 0; i < chunks_.size(); ++i) levels_[0][i] = proof::chunk_hash(chunks_[i]);
  while (levels_.back().size() > 1) {
    const auto& under = levels_.back();
    std::vector<Hash> level(under.size() / 2);
    crypto::hash_pairs(crypto::domain::kBitsNode, std::span(under).first(2 * level.size()), level);
    levels_.push_back(std::move(level));
  }
}

bool LiveBits::live(Position p) const {
  const std::uint64_t bit = p.value % proof::kChunkBits;
  return p.value < count_ && (chunks_[p.value / proof::kChunkBits][bit / 8] >> (bit % 8) & 1) != 0;
}

Hash LiveBits::root() const {
  std::vector<Hash> peaks;
  for (int level = 63; level >= 0; --level)
    if ((chunks_.size() >> level & 1) != 0) peaks.push_back(levels_[std::size_t(level)].back());
  return proof::bits_root(chunks_.size(), peaks);
}

std::uint64_t LiveBits::memory_bytes() const {
  std::uint64_t n = chunks_.capacity() * sizeof(BitsWord);
  for (const auto& level : levels_) n += level.capacity() * sizeof(Hash);
  return n;
}

}  // namespace dos::store
