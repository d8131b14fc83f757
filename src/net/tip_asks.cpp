#include "net/tip_asks.hpp"

#include <algorithm>
#include <utility>

#include "crypto/merkle_tree.hpp"

namespace dos::net {

TipAsks::TipAsks(const consensus::ChainFacts& facts, Outbox& out, Clock& clock, TipSigner& signer)
    : facts_(facts), out_(out), clock_(clock), signer_(signer) {}

Status TipAsks::ask(const Hash& nonce, std::uint64_t timeout_ms, Done done, Begun begun) {
  if (waiting_.size() >= kMaxTipNonces) return fail(Errc::busy, std::to_string(kMaxTipNonces) + " askers wait for acknowledgements");
  waiting_.push_back({nonce, clock_.monotonic_ns() + timeout_ms * 1'000'000, std::move(done), std::move(begun)});
  begin_if_due();
  return {};
}

void TipAsks::begin_if_due() {
  if (!round_ && !waiting_.empty() && clock_.monotonic_ns() >= begin_ns_) begin();
}

void TipAsks::begin() {
  const auto now = clock_.monotonic_ns();
  begin_ns_ = now + kTipSpacingNs;
  Round round;
  round.askers = std::exchange(waiting_, {});
  std::uint64_t due = now;
  for (const auto& a : round.askers) {
    round.leaves.push_back(crypto::merkle_leaf(crypto::kNonceTree, a.nonce.view()));
    due = std::max(due, a.due_ns);
  }
  round.root = crypto::merkle_root(crypto::kNonceTree, round.leaves);
  const auto peers = out_.linked();
  for (const auto& a : round.askers)
    if (a.begun) a.begun(peers.size(), round.askers.size());
  round.ask = table_.open(peers, std::min(due, now + kTipRoundNs));
  round_ = std::move(round);
  if (auto own = signer_.say_tip(round_->ask, round_->root)) note(facts_.voter, std::move(*own));
  out_.send_all(TipAsk{round_->ask, round_->root});
  end_if_settled();
}

bool TipAsks::verified(std::uint16_t from, const TipSaid& said) const {
  return said.body.epoch == facts_.epoch && said.body.nonce_root == round_->root &&
         crypto::verify(facts_.validators.members[from].vote_key, crypto::domain::kTipAck, facts_.chain, said.body, said.signature);
}

void TipAsks::note(std::uint16_t from, TipSaid said) { round_->said.emplace(from, std::move(said)); }

void TipAsks::received(std::uint16_t from, TipSaid said) {
  if (!round_ || said.ask != round_->ask || !table_.take(said.ask, from)) return;  // late answers are no fault
  if (verified(from, said)) note(from, std::move(said));
  else ++refused_;
  end_if_settled();
}

void TipAsks::received(std::uint16_t from, TipAsk ask) {
  auto& budget = budgets_.try_emplace(from, kTipAsksPerSecond, kTipAsksPerSecond).first->second;
  if (!budget.take(clock_.monotonic_ns(), 1)) return;
  if (auto said = signer_.say_tip(ask.ask, ask.nonce_root)) out_.send(from, std::move(*said));
}

void TipAsks::peer_down(std::uint16_t peer) {
  table_.peer_down(peer);
  end_if_settled();
}

void TipAsks::end_if_settled() {
  if (!round_) return;
  std::uint64_t weight = 0;
  for (const auto& [validator, said] : round_->said)
    if (said.body.fin_voted <= signer_.reached()) weight += facts_.validators.members[validator].weight;
  if (ledger::strong(weight, facts_.validators.total()) || table_.settled(round_->ask)) end();
}

void TipAsks::end() {
  const Round round = *std::exchange(round_, std::nullopt);
  table_.close(round.ask);
  const crypto::MerkleTree tree(crypto::kNonceTree, round.leaves);
  for (std::size_t i = 0; i < round.askers.size(); ++i) {
    std::vector<ledger::TipAck> acks;
    const auto path = tree.path(i);
    for (const auto& [validator, said] : round.said) acks.push_back({validator, said.body, path, said.signature});
    round.askers[i].done(std::move(acks));
  }
  begin_if_due();
}

void TipAsks::wake() {
  if (round_ && !table_.due(clock_.monotonic_ns()).empty()) end();
  begin_if_due();
}

std::optional<std::uint64_t> TipAsks::deadline_ns() const {
  if (round_) return table_.deadline_ns();
  return waiting_.empty() ? std::nullopt : std::optional(begin_ns_);
}

}  // namespace dos::net
