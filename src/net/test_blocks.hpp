// For tests: transactions, a pool of them, and proposals by a leader who signs.
#pragma once
#include "consensus/votes.hpp"
#include "net/compact_blocks.hpp"
#include "net/test_net.hpp"

namespace dos::net::test {

struct FakePool final : PendingTransactions {
  std::vector<std::pair<Hash, ledger::SignedTransaction>> entries;  // in order of arrival
  mutable std::size_t walked = 0;
  void add(const ledger::SignedTransaction& tx) { entries.emplace_back(ledger::wtxid(ledger::txid(tx.tx), tx.witnesses), tx); }
  const ledger::SignedTransaction* find(const Hash& wtxid) const override {
    for (const auto& [w, tx] : entries)
      if (w == wtxid) return &tx;
    return nullptr;
  }
  void each(const std::function<bool(const Hash&)>& take) const override {
    for (const auto& [w, tx] : entries) {
      ++walked;
      if (!take(w)) return;
    }
  }
};

// Every third one under a list signature, shared by six.
inline ledger::SignedTransaction transaction(std::uint64_t n, std::size_t extra = 0) {
  ledger::SignedTransaction tx;
  tx.tx.chain = some_hash(1);
  tx.tx.sender.is = ledger::AccountSender{"alice", "active"};
  tx.tx.valid_until = TimeMs{n};
  tx.tx.calls.push_back({1, 2, {ledger::Literal{Bytes(20 + extra, std::uint8_t(n))}}});
  const crypto::Signature signature{crypto::KeyType::ed25519, Bytes(64, std::uint8_t(n % 3 == 0 ? n / 18 : n))};
  if (n % 3 == 0) tx.witnesses.push_back({ledger::ListWitness{"alice", {}, {0, 1, {}}, signature}});
  else tx.witnesses.push_back({ledger::SigWitness{"", {}, signature}});
  return tx;
}

struct MadeProposal {
  ledger::Payload payload;
  Bytes bytes;
  std::vector<Hash> wtxids;
  consensus::Proposal proposal;
  Hash id;
};
inline MadeProposal propose(const Committee& committee, std::uint64_t view, const std::vector<ledger::SignedTransaction>& txs,
                            std::uint16_t leader = 1) {
  MadeProposal made;
  FakeEntropy entropy(view);
  made.payload = ledger::pack(txs);
  made.bytes = codec::encode(made.payload);
  for (const auto& tx : txs) made.wtxids.push_back(ledger::wtxid(ledger::txid(tx.tx), tx.witnesses));
  auto& header = made.proposal.header;
  header.chain = committee.facts.chain;
  header.height = Height{view};
  header.view = View{view};
  header.parent = some_hash(view - 1);
  header.proposer = leader;
  header.payload = {std::uint32_t(made.bytes.size()), ledger::payload_hash(made.bytes), {}};
  made.id = ledger::block_id(header);
  made.proposal.vote = *consensus::make_vote(committee.facts.chain, committee.facts.epoch, leader, committee.vote_keys[leader],
                                             {{ledger::VoteKind::notar, header.view, made.id, {}}}, entropy);
  return made;
}

struct RecordingArrivals final : BlockArrivals {
  std::vector<std::tuple<std::uint16_t, consensus::Proposal, Bytes>> got;
  std::vector<Hash> pending;  // of the last
  void block_arrived(std::uint16_t from, consensus::Proposal proposal, Bytes payload, std::vector<Hash> in_pool) override {
    EXPECT_TRUE(check_payload(proposal.header, payload));
    pending = std::move(in_pool);
    got.emplace_back(from, std::move(proposal), std::move(payload));
  }
};

}  // namespace dos::net::test
