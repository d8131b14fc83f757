#include "store/unclaimed.hpp"

#include <algorithm>

#include "base/check.hpp"

namespace dos::store {

const UnclaimedSpace::Entry* UnclaimedSpace::find(const Hash& root) const {
  const auto at = entries_.find(root);
  return at == entries_.end() ? nullptr : &at->second;
}

void UnclaimedSpace::count(const Entry& e, bool in) {
  auto& of = uploaders_[e.by];
  if (in) {
    bytes_ += e.bytes;
    of.bytes += e.bytes;
    ++of.count;
  } else {
    bytes_ -= e.bytes;
    of.bytes -= e.bytes;
    if (--of.count == 0) uploaders_.erase(e.by);
  }
}

void UnclaimedSpace::add(const Hash& root, const Entry& entry) {
  DOS_CHECK(entries_.emplace(root, entry).second);
  by_age_.emplace(entry.since_ms, root);
  count(entry, true);
}

void UnclaimedSpace::remove(const Hash& root) {
  const auto at = entries_.find(root);
  if (at == entries_.end()) return;
  by_age_.erase({at->second.since_ms, root});
  count(at->second, false);
  entries_.erase(at);
}

void UnclaimedSpace::resize(const Hash& root, std::uint64_t bytes) {
  const auto at = entries_.find(root);
  if (at == entries_.end()) return;
  count(at->second, false);
  at->second.bytes = bytes;
  count(at->second, true);
}

void UnclaimedSpace::give(const Hash& root, const Uploader& by) {
  const auto at = entries_.find(root);
  if (at == entries_.end() || at->second.by != Uploader{}) return;
  count(at->second, false);
  at->second.by = by;
  count(at->second, true);
}

bool UnclaimedSpace::alive(const Hash& root, std::uint64_t now_ms) {
  const auto at = entries_.find(root);
  if (at == entries_.end() || now_ms <= at->second.since_ms || now_ms > at->second.first_ms + kUnclaimedMostMs) return false;
  by_age_.erase({at->second.since_ms, root});
  at->second.since_ms = now_ms;
  by_age_.emplace(now_ms, root);
  return true;
}

Result<std::vector<Hash>> UnclaimedSpace::room_for(const Hash& root, const Uploader& by, std::uint64_t bytes, bool fresh,
                                                   std::uint64_t now_ms) const {
  const auto own = uploaders_.find(by);
  const Of of = own == uploaders_.end() || by == Uploader{} ? Of{} : own->second;  // those not known any more are bounded together only
  const auto over = [](std::uint64_t have, std::uint64_t more, std::uint64_t most) { return have + more > most ? have + more - most : 0; };
  auto own_bytes = over(of.bytes, bytes, limit_of_uploader()), all_bytes = over(bytes_, bytes, most_);
  auto own_count = over(of.count, fresh ? 1 : 0, kMaxUnclaimedOfUploader), all_count = over(entries_.size(), fresh ? 1 : 0, kMaxUnclaimed);
  std::vector<Hash> gone;
  const auto enough = [&] { return own_bytes == 0 && all_bytes == 0 && own_count == 0 && all_count == 0; };
  for (auto at = by_age_.begin(); at != by_age_.end() && !enough() && now_ms >= at->first + kNeedGraceMs; ++at) {
    const auto& e = entries_.at(at->second);
    const bool mine = e.by == by;
    if (at->second == root || !may_go(e, now_ms) || (!mine && all_bytes == 0 && all_count == 0)) continue;
    gone.push_back(at->second);
    all_bytes -= std::min(all_bytes, e.bytes);
    all_count -= std::min<std::uint64_t>(all_count, 1);
    if (!mine) continue;
    own_bytes -= std::min(own_bytes, e.bytes);
    own_count -= std::min<std::uint64_t>(own_count, 1);
  }
  if (enough()) return gone;
  const bool mine = own_bytes != 0 || own_count != 0;
  return fail(Errc::busy, std::string("the space for uploads that no transaction names yet is used up") +
                              (mine ? " by what came from the same address" : "") + ": try again later");
}

std::vector<Hash> UnclaimedSpace::least_needed(std::uint64_t bytes, std::uint64_t now_ms) const {
  std::vector<Hash> gone;
  std::uint64_t freed = 0;
  for (auto at = by_age_.begin(); at != by_age_.end() && freed < bytes && now_ms >= at->first + kNeedGraceMs; ++at) {
    const auto& e = entries_.at(at->second);
    if (!may_go(e, now_ms)) continue;
    gone.push_back(at->second);
    freed += e.bytes;
  }
  return gone;
}

std::vector<Hash> UnclaimedSpace::over_age(std::uint64_t now_ms, std::uint64_t life_ms, std::uint64_t promised_life_ms) const {
  std::vector<Hash> gone;
  for (const auto& [since, root] : by_age_) {
    if (since > now_ms || now_ms - since < life_ms) break;
    if (!entries_.at(root).promised || now_ms - since >= promised_life_ms) gone.push_back(root);
  }
  return gone;
}

Status UnclaimedSpace::promise(std::span<const Hash> roots, std::uint64_t now_ms) {
  std::uint64_t promised = 0;
  std::set<Hash> fresh;
  for (const auto& root : roots) {
    const auto at = entries_.find(root);
    if (at == entries_.end() || kept(at->second, now_ms) || !fresh.insert(root).second) continue;
    promised += at->second.bytes;
    if (now_ms > at->second.first_ms + kUnclaimedMostMs)
      return fail(Errc::not_stored, "content that no transaction named for a day is promised no longer: upload it again");
  }
  for (const auto& [root, e] : entries_)
    if (kept(e, now_ms)) promised += e.bytes;
  if (!fresh.empty() && promised > most_ / 4 * kPromisedQuarters)
    return fail(Errc::busy, "as much is promised already as may be without a transaction: try again later");
  for (const auto& root : roots) {
    const auto at = entries_.find(root);
    if (at != entries_.end()) at->second.promised = true;
  }
  return {};
}

}  // namespace dos::store
