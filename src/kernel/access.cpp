#include "kernel/access.hpp"

namespace dos::kernel {
namespace {

bool under(const std::vector<BytesView>& ranges, BytesView key) {
  for (const auto& r : ranges)
    if (starts_with(key, r)) return true;
  return false;
}

struct RangeItem {  // what the digest of a range covers
  Bytes key;
  Version version;
  static constexpr void fields(auto& s, auto&& visit) { visit(s.key, s.version); }
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
    else if (auto* append = std::get_if<ledger::Append>(&a.is)) appends_.push_back(append->prefix);
    else if (auto* debit = std::get_if<ledger::Debit>(&a.is)) reads_.insert(debit->purse);
    else if (auto* deposit = std::get_if<ledger::Deposit>(&a.is)) reads_.insert(deposit->purse);
  }
}

Status AccessSet::check_versions(const store::StateView& view) const {
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
bool AccessSet::may_append(BytesView prefix) const {
  for (const auto& p : appends_)
    if (equal(p, prefix)) return true;
  return false;
}
bool AccessSet::may_scan(BytesView prefix) const { return under(read_ranges_, prefix) || under(write_ranges_, prefix); }

}  // namespace dos::kernel
