// Storage promises that were made a moment ago. A signature costs far more than the question for it, and says the same again: what
// this validator signed, and what a strong set promised together, is kept and given to whoever asks for the same. Bounded; the oldest
// goes first.
#pragma once
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "ledger/wire.hpp"

namespace dos::replica {

inline constexpr std::uint64_t kPromiseStepMs = 300'000;  // a promise ends on such a step: questions of one step are for the same promise
inline constexpr std::size_t kMaxKeptSignatures = 256;
inline constexpr std::size_t kMaxKeptPromises = 64;
inline constexpr std::size_t kMaxPromiseWaiters = 64;  // for one promise that is being collected

template <class Value>
class NewestKept {
 public:
  explicit NewestKept(std::size_t most) : most_(most) {}
  const Value* find(const Hash& key) const {
    const auto at = values_.find(key);
    return at == values_.end() ? nullptr : &at->second;
  }
  void keep(const Hash& key, Value value) {
    if (!values_.insert_or_assign(key, std::move(value)).second) return;
    order_.push_back(key);
    if (order_.size() <= most_) return;
    values_.erase(order_.front());
    order_.pop_front();
  }
  std::size_t size() const { return values_.size(); }

 private:
  std::size_t most_;
  std::map<Hash, Value> values_;
  std::deque<Hash> order_;
};

class PromiseBook {
 public:
  using Done = std::function<void(Result<ledger::StoredAnswer>)>;
  static Hash key_of(const ledger::StoredPromise& promise);

  NewestKept<crypto::Signature>& own() { return own_; }
  const ledger::StoredAnswer* find(const ledger::StoredPromise& promise) const { return strong_.find(key_of(promise)); }
  // Whether this promise is being collected already: then `done` is called with what comes of it (busy: too many wait for it).
  bool join(const ledger::StoredPromise& promise, Done& done);
  void begin(const ledger::StoredPromise& promise, Done done);
  // To all who wait; kept where a strong set signed.
  void end(const ledger::StoredPromise& promise, Result<ledger::StoredAnswer> answer, bool strong);

  std::size_t kept() const { return own_.size() + strong_.size(); }
  std::size_t waiting() const;

 private:
  NewestKept<crypto::Signature> own_{kMaxKeptSignatures};
  NewestKept<ledger::StoredAnswer> strong_{kMaxKeptPromises};
  std::map<Hash, std::vector<Done>> waiting_;
};

}  // namespace dos::replica
