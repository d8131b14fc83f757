// Places, shared fairly by those who ask for them from outside: when all are taken, the source that holds most gives up the one
// that has waited longest for its other side. So a flood turns over its own places, newcomers get in, and many clients of one
// machine (all of 127.0.0.1) are held to no number smaller than the whole. Not for several threads at once.
#pragma once
#include <cstdint>
#include <list>
#include <map>
#include <optional>
#include <set>

#include "api/http.hpp"

namespace dos::serve {

class Crowd {
 public:
  using Id = std::uint64_t;
  explicit Crowd(std::size_t most) : most_(most) {}

  // One more, waiting for its other side. `out`: who goes for it; is taken out here, and the caller closes it. Not in: all are at
  // work, and no source holds clearly more than this one.
  struct Entry {
    bool in = false;
    std::optional<Id> out;
  };
  Entry enter(Id id, const api::Source& source);
  void leave(Id id);  // unknown: nothing
  void rest(Id id);   // waits for its other side, and is the youngest of those
  void work(Id id);   // is being answered: goes only for a source that holds less
  std::optional<Id> give_up();  // room is short for another reason: who goes; only one that waits
  std::optional<Id> give_up(const api::Source& source);  // only one of its
  bool contains(Id id) const { return members_.contains(id); }
  std::size_t size() const { return members_.size(); }
  std::size_t working() const { return working_; }
  std::size_t of(const api::Source& source) const;
  std::size_t most() const { return most_; }

 private:
  struct Group {
    std::list<Id> resting, working;  // oldest first
    std::size_t size() const { return resting.size() + working.size(); }
  };
  struct Member {
    api::Source source;
    bool works = false;
    std::list<Id>::iterator at;
  };
  void move(Id id, bool works);
  Id take_out(Id id);

  std::size_t most_, working_ = 0;
  std::map<Id, Member> members_;
  std::map<api::Source, Group> groups_;
  std::set<std::pair<std::size_t, api::Source>> by_size_;  // of groups_
};

}  // namespace dos::serve
