#include "kernel/access.hpp"

#include <algorithm>

#include "ledger/native_gas.hpp"

namespace dos::kernel {
namespace {

// Sorted, and without those at or under another: then only the one before a key can hold it.
void make_ranges(std::vector<BytesView>& ranges) {
  std::ranges::sort(ranges, store::KeyLess{});
  std::size_t kept = 0;
  for (const auto& r : ranges)
    if (kept == 0 || !starts_with(r, ranges[kept - 1])) ranges[kept++] = r;
  ranges.resize(kept);
}
bool under(const std::vector<BytesView>& ranges, BytesView key) {
  const auto after = std::upper_bound(ranges.begin(), ranges.end(), key, store::KeyLess{});
  return after != ranges.begin() && starts_with(key, *std::prev(after));
}

struct RangeItem {  // what the digest of a range covers
  Bytes key;
  Version version;
  DOS_FIELDS(key, version);
};

Status stale(std::size_t index, const char* why) { return fail(Errc::stale, "access " + std::to_string(index) + " " + why); }

}  // namespace

AccessSet::AccessSet(const std::vector<ledger::Access>& access) : access_(access) {
  for (const auto& a : access_) {
    if (auto* exact = std::get_if<ledger::Exact>(&a.is)) writes_.insert(exact->key);
    else if (auto* latest = std::get_if<ledger::Latest>(&a.is)) writes_.insert(latest->key);
    else if (auto* absent = std::get_if<ledger::Absent>(&a.is)) writes_.insert(absent->key);
    else if (auto* read = std::get_if<ledger::Read>(&a.is)) reads_.insert(read->key);
    else if (auto* range = std::get_if<ledger::RangeRead>(&a.is)) read_ranges_.push_back(range->prefix);
    else if (auto* latest_range = std::get_if<ledger::LatestRange>(&a.is)) write_ranges_.push_back(latest_range->prefix);
    else if (auto* append = std::get_if<ledger::Append>(&a.is)) appends_.insert(append->prefix);
    else if (auto* debit = std::get_if<ledger::Debit>(&a.is)) reads_.insert(debit->purse);
    else if (auto* deposit = std::get_if<ledger::Deposit>(&a.is)) reads_.insert(deposit->purse);
  }
  make_ranges(read_ranges_);
  make_ranges(write_ranges_);
}

Status AccessSet::check_versions(const store::StateView& view, vm::GasMeter& gas) const {
  std::size_t items = 0;  // of all digests together
  for (std::size_t i = 0; i < access_.size(); ++i) {
    const auto& a = access_[i].is;
    if (auto* exact = std::get_if<ledger::Exact>(&a)) {
      DOS_ASSIGN(const auto version, view.version(exact->key));
      if (!version) return stale(i, "consumes an object that is not there");
      if (*version != exact->version) return stale(i, "consumes a version that is not current");
    } else if (auto* absent = std::get_if<ledger::Absent>(&a)) {
      DOS_ASSIGN(const auto version, view.version(absent->key));
      if (version) return stale(i, "creates an object that exists");
    } else if (auto* read = std::get_if<ledger::Read>(&a)) {
      if (!read->version) continue;
      DOS_ASSIGN(const auto version, view.version(read->key));
      if (version.value_or(Version{0}) != *read->version) return stale(i, "reads a version that is not current");
    } else if (auto* range = std::get_if<ledger::RangeRead>(&a)) {
      if (!range->digest) continue;
      std::vector<RangeItem> found;
      for (Bytes after;;) {
        DOS_ASSIGN(auto key, view.next(range->prefix, after));
        if (!key) break;
        if (++items > kMaxRangeItems)
          return fail(Errc::limit, "objects under the digests of a transaction: at most " + std::to_string(kMaxRangeItems));
        DOS_TRY(gas.use(ledger::kGasRangeItem + key->size()));
        DOS_ASSIGN(const auto version, view.version(*key));
        if (!version) return fail(Errc::corrupt, "the state lists a key that it does not have");
        after = *key;
        found.push_back({std::move(*key), *version});
      }
      if (crypto::hash_of(crypto::domain::kAccess, found) != *range->digest) return stale(i, "reads a range that has changed");
    }
  }
  return {};
}

bool AccessSet::may_read(BytesView key) const {
  return writes_.contains(key) || reads_.contains(key) || under(read_ranges_, key) || under(write_ranges_, key) || appended_.contains(key);
}
bool AccessSet::may_write(BytesView key) const { return writes_.contains(key) || under(write_ranges_, key); }
bool AccessSet::may_append(BytesView prefix) const { return appends_.contains(prefix); }
bool AccessSet::may_scan(BytesView prefix) const { return under(read_ranges_, prefix) || under(write_ranges_, prefix); }

}  // namespace dos::kernel
