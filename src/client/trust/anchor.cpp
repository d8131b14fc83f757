#include "client/trust/anchor.hpp"

#include <algorithm>

#include "crypto/merkle.hpp"
#include "crypto/sign.hpp"

namespace dos::client {
namespace {

std::string at(Height h) { return "block " + std::to_string(h.value); }

}  // namespace

Root root_of(const ledger::Genesis& genesis, const Hash& chain) {
  return {chain, ledger::valset_hash(genesis.validators), crypto::hash_of(crypto::domain::kParams, genesis.params), &genesis.validators,
          &consensus::verifier_of(genesis)};
}

Result<Trusted> verify_anchor(const Root& root, const ledger::Anchor& a) {
  if (a.header.chain != root.chain) return fail(Errc::chain_changed, "the answer is of chain " + hex(a.header.chain.view()).substr(0, 16));
  if (a.header.valset != root.valset || a.header.params != root.params)
    return fail(Errc::proof_invalid, at(a.header.height) + " names validators or parameters that genesis does not");
  DOS_ASSIGN(const auto signers, root.verifier->judge(root.chain, *root.validators, a));
  return Trusted{a.header, a.parts, ledger::block_id(a.header), signers};
}

Status Acks::add(const std::vector<ledger::TipAck>& acks) {
  auto said = said_;
  std::vector<bool> seen(said.size(), false);
  for (const auto& ack : acks) {
    if (ack.validator >= seen.size() || seen[ack.validator])
      return fail(Errc::proof_invalid, "an acknowledgement names an unknown validator, or one twice");
    seen[ack.validator] = true;
    const auto& member = root_.validators->members[ack.validator];
    DOS_ASSIGN(const auto climbed,
               crypto::merkle_climb(crypto::kNonceTree, crypto::merkle_leaf(crypto::kNonceTree, nonce_.view()), ack.path));
    if (climbed != ack.body.nonce_root) return fail(Errc::proof_invalid, "an acknowledgement is not for this question");
    DOS_TRY(crypto::verify(member.vote_key, crypto::domain::kTipAck, root_.chain, ack.body, ack.signature));
    auto& lowest = said[ack.validator];
    lowest = lowest ? std::min(*lowest, ack.body.fin_voted) : ack.body.fin_voted;
  }
  said_ = std::move(said);
  return {};
}

Freshness Acks::at(Height height) const {
  Freshness f;
  f.total = root_.validators->total();
  for (std::size_t i = 0; i < said_.size(); ++i) {
    if (!said_[i]) continue;
    ++f.answering;
    f.highest = std::max(f.highest, *said_[i]);
    if (*said_[i] <= height) f.have += root_.validators->members[i].weight;
  }
  f.current = ledger::strong(f.have, f.total);
  return f;
}

}  // namespace dos::client
