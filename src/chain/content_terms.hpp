// Until when content is paid for: for each blob that revisions name, the latest of their times. A function of the state and of
// block time, so every node comes to the same, whenever it executes a block.
#pragma once
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "base/bytes.hpp"
#include "base/ids.hpp"

namespace dos::chain {

// Content whose every record has expired is kept this long, and then neither served nor kept: clocks and readers in the middle of
// a download get a day.
inline constexpr std::uint64_t kExpiredGraceMs = 86'400'000;

struct NamedContent {  // by one revision
  Hash root;
  TimeMs until;
};

class ContentTerms {
 public:
  void name(const Hash& root, TimeMs until);     // a revision names it until then
  void unname(const Hash& root, TimeMs until);   // no longer
  bool named(const Hash& root) const { return terms_.contains(root); }
  bool due(TimeMs block_time) const;  // expire() would give some
  // Those whose grace ended since the last call, in order of their times.
  std::vector<Hash> expire(TimeMs block_time);
  // Its time, if that and the grace have passed.
  std::optional<TimeMs> expired(const Hash& root) const;
  std::size_t size() const { return terms_.size(); }

 private:
  std::pair<std::uint64_t, Hash> first_due() const;
  static bool over(TimeMs until, TimeMs block_time);
  TimeMs last(const Hash& root) const { return TimeMs{*terms_.at(root).rbegin()}; }
  std::map<Hash, std::multiset<std::uint64_t>> terms_;
  std::set<std::pair<std::uint64_t, Hash>> by_time_;  // of the latest time of each
  TimeMs now_;                                        // block time of the last `expire`
};

}  // namespace dos::chain
