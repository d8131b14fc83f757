#include "net/store_asks.hpp"

#include <algorithm>
#include <utility>

namespace dos::net {

Status check_store_ask(const StoreAsk& ask) {
  if (ask.blobs.empty() || ask.blobs.size() > kMaxStoredBlobs)
    return fail(Errc::limit, "1 to " + std::to_string(kMaxStoredBlobs) + " blobs go under one promise");
  std::vector<Hash> leaves;
  std::uint64_t bytes = 0;
  for (std::size_t i = 0; i < ask.blobs.size(); ++i) {
    if (i > 0 && !(ask.blobs[i - 1].root < ask.blobs[i].root))
      return fail(Errc::malformed, "blobs stand in order of their roots, each once");
    if (ask.blobs[i].bytes > kMaxBlobBytes) return fail(Errc::limit, "a blob has at most " + std::to_string(kMaxBlobBytes) + " bytes");
    bytes += ask.blobs[i].bytes;
    leaves.push_back(ledger::stored_leaf(ask.blobs[i]));
  }
  if (bytes != ask.promise.bytes || crypto::merkle_root(crypto::kStoredTree, leaves) != ask.promise.list_root)
    return fail(Errc::malformed, "a promise over other blobs than those named");
  return {};
}

// ---- asking

StoreAsks::StoreAsks(const consensus::ChainFacts& facts, Outbox& out, Clock& clock) : facts_(facts), out_(out), clock_(clock) {}

Status StoreAsks::ask(ledger::StoredPromise promise, std::vector<ledger::BlobRef> blobs, std::optional<ledger::StoredSignature> own,
                      std::uint64_t timeout_ms, Done done) {
  if (table_.full()) return fail(Errc::busy, std::to_string(kMaxStoreAsks) + " storage promises are being collected");
  const auto peers = out_.linked();
  const auto number = table_.open(peers, clock_.monotonic_ns() + timeout_ms * 1'000'000);
  Asked& asked = asked_[number];
  asked.promise = promise;
  asked.begun_ns = clock_.monotonic_ns();
  asked.done = std::move(done);
  if (own) asked.signatures.emplace(own->validator, std::move(own->signature));
  out_.send_all(StoreAsk{number, promise, std::move(blobs)});
  if (table_.settled(number)) end(number);
  return {};
}

void StoreAsks::received(std::uint16_t from, StoreSaid said) {
  if (!table_.take(said.ask, from)) {
    ++refused_;
    return;
  }
  Asked& asked = asked_.at(said.ask);
  if (said.code == 0) {
    const auto& key = facts_.validators.members[from].vote_key;
    if (crypto::verify(key, crypto::domain::kStored, facts_.chain, asked.promise, said.signature))
      asked.signatures.emplace(from, std::move(said.signature));
    else ++refused_;
  }
  if (table_.settled(said.ask)) end(said.ask);
  else hurry(said.ask, asked);
}

void StoreAsks::hurry(std::uint64_t ask, const Asked& asked) {
  std::uint64_t weight = 0;
  for (const auto& [validator, signature] : asked.signatures) weight += facts_.validators.members[validator].weight;
  if (!ledger::strong(weight, facts_.validators.total())) return;
  const auto now = clock_.monotonic_ns();
  table_.sooner(ask, now + std::max(kStoreGraceNs, now - asked.begun_ns));
}

void StoreAsks::end(std::uint64_t ask) {
  auto asked = asked_.extract(ask);
  table_.close(ask);
  std::vector<ledger::StoredSignature> signatures;
  for (auto& [validator, signature] : asked.mapped().signatures) signatures.push_back({validator, std::move(signature)});
  asked.mapped().done(std::move(signatures));
}

void StoreAsks::peer_down(std::uint16_t peer) {
  for (const auto ask : table_.peer_down(peer)) end(ask);
}

void StoreAsks::wake() {
  for (const auto ask : table_.due(clock_.monotonic_ns())) end(ask);
}

// ---- asked

StoreDuties::StoreDuties(Outbox& out, Clock& clock, BlobPull& pull, PromiseSigner& signer)
    : out_(out), clock_(clock), pull_(pull), signer_(signer) {}

Status StoreDuties::received(std::uint16_t from, StoreAsk ask) {
  DOS_TRY(check_store_ask(ask));
  const Key key{from, ask.ask};
  std::size_t duties = 0, roots = 0;
  for (auto at = duties_.lower_bound({from, 0}); at != duties_.end() && at->first.first == from; ++at)
    ++duties, roots += at->second.missing.size();
  Duty duty{std::move(ask), {}, clock_.monotonic_ns() + kStoreDutyNs};
  for (const auto& blob : duty.ask.blobs)
    if (!signer_.holds(blob)) duty.missing.insert(blob.root);
  if (duties_.contains(key)) return {};  // sent twice
  const bool room = duties < kMaxStoreDuties && roots + duty.missing.size() <= kMaxDutyRoots;
  const auto missing = duty.missing;
  duties_.emplace(key, std::move(duty));
  if (!room) {
    refuse(key, Errc::busy);
    return {};
  }
  if (missing.empty()) {
    answer(key);
    return {};
  }
  for (const auto& root : missing) {
    if (!duties_.contains(key)) return {};  // given up at the first of them
    if (!pull_.want(root, PullReason::promise, from)) {
      refuse(key, Errc::busy);
      return {};
    }
  }
  return {};
}

void StoreDuties::blob_complete(const Hash& root) {
  std::vector<Key> ready;
  for (auto& [key, duty] : duties_)
    if (duty.missing.erase(root) != 0 && duty.missing.empty()) ready.push_back(key);
  for (const auto& key : ready) answer(key);
}

void StoreDuties::blob_given_up(const Hash& root, const Error& why) {
  std::vector<Key> hit;
  for (const auto& [key, duty] : duties_)
    if (duty.missing.contains(root)) hit.push_back(key);
  for (const auto& key : hit) refuse(key, why.code);
}

std::vector<std::uint16_t> StoreDuties::askers(const Hash& root) const {
  std::vector<std::uint16_t> out;
  for (const auto& [key, duty] : duties_)
    if (duty.missing.contains(root) && (out.empty() || out.back() != key.first)) out.push_back(key.first);
  return out;
}

void StoreDuties::answer(const Key& key) {
  auto& duty = duties_.at(key);
  duty.signing = ++promises_;
  const auto ask = duty.ask;  // the duty may be over before the promise is made
  signer_.promise(ask.promise, ask.blobs, [this, key, signing = duty.signing](Result<crypto::Signature> signature) {
    answered(key, signing, std::move(signature));
  });
}

void StoreDuties::answered(const Key& key, std::uint64_t signing, Result<crypto::Signature> signature) {
  const auto at = duties_.find(key);
  if (at == duties_.end() || at->second.signing != signing) return;  // late, or its asker has gone: another may ask by the same number
  if (!signature) return refuse(key, signature.error().code);
  duties_.erase(at);
  out_.send(key.first, StoreSaid{key.second, 0, std::move(*signature)});
}

void StoreDuties::refuse(const Key& key, Errc code) {
  const auto duty = duties_.extract(key);
  if (duty.empty()) return;
  out_.send(key.first, StoreSaid{key.second, std::uint16_t(code), {}});
  release(duty.mapped().missing);
}

void StoreDuties::release(const std::set<Hash>& roots) {
  std::set<Hash> needed;
  for (const auto& [key, duty] : duties_) needed.insert(duty.missing.begin(), duty.missing.end());
  for (const auto& root : roots)
    if (!needed.contains(root)) pull_.drop_promise(root);
}

void StoreDuties::peer_down(std::uint16_t peer) {
  for (auto at = duties_.lower_bound({peer, 0}); at != duties_.end() && at->first.first == peer;) {
    const auto missing = std::move(at->second.missing);
    at = duties_.erase(at);
    release(missing);
    at = duties_.lower_bound({peer, 0});
  }
}

void StoreDuties::wake() {
  const auto now = clock_.monotonic_ns();
  std::vector<Key> late;
  for (const auto& [key, duty] : duties_)
    if (duty.due_ns <= now) late.push_back(key);
  for (const auto& key : late) refuse(key, Errc::not_stored);
}

std::optional<std::uint64_t> StoreDuties::deadline_ns() const {
  std::optional<std::uint64_t> due;
  for (const auto& [key, duty] : duties_) due = due ? std::min(*due, duty.due_ns) : duty.due_ns;
  return due;
}

}  // namespace dos::net
