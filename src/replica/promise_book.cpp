#include "replica/promise_book.hpp"

namespace dos::replica {

Hash PromiseBook::key_of(const ledger::StoredPromise& promise) { return crypto::plain_hash(codec::encode(promise)); }

bool PromiseBook::join(const ledger::StoredPromise& promise, Done& done) {
  const auto at = waiting_.find(key_of(promise));
  if (at == waiting_.end()) return false;
  if (at->second.size() >= kMaxPromiseWaiters) {
    done(fail(Errc::busy, std::to_string(kMaxPromiseWaiters) + " wait for this promise already"));
    return true;
  }
  at->second.push_back(std::move(done));
  return true;
}

void PromiseBook::begin(const ledger::StoredPromise& promise, Done done) { waiting_[key_of(promise)].push_back(std::move(done)); }

void PromiseBook::end(const ledger::StoredPromise& promise, Result<ledger::StoredAnswer> answer, bool strong) {
  const auto key = key_of(promise);
  if (answer && strong) strong_.keep(key, *answer);
  const auto waiting = waiting_.extract(key);
  if (waiting.empty()) return;
  for (const auto& done : waiting.mapped()) done(answer);
}

std::size_t PromiseBook::waiting() const {
  std::size_t all = 0;
  for (const auto& [key, who] : waiting_) all += who.size();
  return all;
}

}  // namespace dos::replica
