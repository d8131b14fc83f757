// Memory held for what comes from and goes to others, counted as it comes: what somebody only announces costs nobody anything. A
// little is free for each; above that it counts, for its source and in all. Over a limit, the oldest of the source in question that
// is not whole yet gives up its bytes. Not for several threads at once.
#pragma once
#include <cstdint>
#include <map>
#include <set>
#include <vector>

#include "api/http.hpp"

namespace dos::serve {

class ByteBudget {
 public:
  using Id = std::uint64_t;
  // One source may have three quarters: there is always something left for the others.
  ByteBudget(std::size_t most, std::size_t free_each) : most_(most), most_per_source_(most - most / 4), free_(free_each) {}

  // `id` holds so many bytes now. `out`: who gives up its bytes for it (taken out here, the caller closes it). Does not fit: it holds
  // nothing here any more, and is to be refused.
  struct Verdict {
    bool fits = true;
    std::vector<Id> out;
  };
  Verdict hold(Id id, const api::Source& source, std::size_t bytes);
  void keep(Id id);   // it is whole and is worked on: it does not give up its bytes
  void leave(Id id);  // unknown: nothing
  std::size_t bytes() const { return bytes_; }
  std::size_t most() const { return most_; }
  std::size_t most_per_source() const { return most_per_source_; }

 private:
  struct Member {
    api::Source source;
    std::size_t bytes = 0;
    std::uint64_t since = 0;
    bool kept = false;
  };
  struct Group {
    std::size_t bytes = 0, members = 0;
    std::set<std::pair<std::uint64_t, Id>> open;  // not kept, oldest first
  };
  Group* heaviest();

  std::size_t most_, most_per_source_, free_, bytes_ = 0;
  std::uint64_t next_ = 0;
  std::map<Id, Member> members_;
  std::map<api::Source, Group> groups_;
};

}  // namespace dos::serve
