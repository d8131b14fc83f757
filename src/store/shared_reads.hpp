// What const methods keep from one read for the next: opened files, decoded indexes. Any number of threads may call the const
// methods of a store, archive or blob store at a time, as long as nobody changes it meanwhile; this file has the one lock that
// takes in a pure layer (tests/house/layers_check.py excuses it). It is held for a look-up or an insertion, never while the disk
// works, and no answer depends on what is kept, so a simulated run is the same with it.
#pragma once
#include <map>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace dos::store {

class ReadersLock {
 public:
  // The result of `use`, called while no other reader is inside. It must not read the disk.
  template <class Use>
  auto hold(Use&& use) const {
    const std::lock_guard held(mutex_);
    return use();
  }

 private:
  mutable std::mutex mutex_;
};

template <class Key, class Value>
class SharedReads {
 public:
  explicit SharedReads(std::size_t most) : most_(most) {}

  // The value kept for `key`, or what `make` gives (a Result of a shared_ptr), kept from then on in place of another one. Whoever
  // has a value keeps it alive. Two readers may make the same value at once; then one of the two is kept.
  template <class Make>
  Result<std::shared_ptr<Value>> get(const Key& key, Make&& make) const {
    auto kept = lock_.hold([&] {
      const auto it = kept_.find(key);
      return it == kept_.end() ? std::shared_ptr<Value>() : it->second;
    });
    if (kept) return kept;
    DOS_ASSIGN(std::shared_ptr<Value> made, make());
    lock_.hold([&] {
      if (!kept_.contains(key) && kept_.size() >= most_) kept_.erase(kept_.begin());
      kept_.insert_or_assign(key, made);
    });
    return made;
  }
  void drop(const Key& key) { kept_.erase(key); }
  void clear() { kept_.clear(); }

 private:
  std::size_t most_;
  ReadersLock lock_;
  mutable std::map<Key, std::shared_ptr<Value>> kept_;
};

// The values read last, each in the one place that its number leads to. For small values that never change.
template <class Value>
class RecentReads {
 public:
  explicit RecentReads(std::size_t places) : places_(places) {}

  std::shared_ptr<const Value> find(std::uint64_t number) const {
    return lock_.hold([&] {
      const auto& [kept, value] = places_[number % places_.size()];
      return kept == number ? value : nullptr;
    });
  }
  void keep(std::uint64_t number, std::shared_ptr<const Value> value) const {
    Place place(number, std::move(value));
    lock_.hold([&] { places_[number % places_.size()].swap(place); });  // what goes, goes outside the lock
  }
  void clear() {
    for (auto& place : places_) place = {};
  }

 private:
  using Place = std::pair<std::uint64_t, std::shared_ptr<const Value>>;
  ReadersLock lock_;
  mutable std::vector<Place> places_;
};

}  // namespace dos::store
