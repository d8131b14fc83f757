// "This is current": the acknowledgements of a strong set under one nonce root. Nonces that come while a round is under way
// share the next one, so that many readers cost one signature a validator and round (docs/spec/consensus.md).
#pragma once
#include <functional>

#include "base/edge.hpp"
#include "consensus/facts.hpp"
#include "net/ask_table.hpp"
#include "net/outbox.hpp"
#include "net/rates.hpp"

namespace dos::net {

inline constexpr std::uint32_t kMaxTipNonces = 4096;            // waiting for the next round
inline constexpr std::uint64_t kTipSpacingNs = 4'000'000;       // between the beginnings of two rounds
inline constexpr std::uint64_t kTipAsksPerSecond = 400;         // of one peer that are answered: each costs a signature
inline constexpr std::uint64_t kTipRoundNs = 1'000'000'000;     // longest round: then those behind it get their own

struct TipSigner {  // this validator's own acknowledgement
  virtual ~TipSigner() = default;
  virtual Result<TipSaid> say_tip(std::uint64_t ask, const Hash& nonce_root) = 0;
  virtual Height reached() const = 0;                       // the last final block here
};

class TipAsks {
 public:
  using Done = std::function<void(std::vector<ledger::TipAck>)>;  // ascending by validator
  using Begun = std::function<void(std::size_t asked, std::size_t sharing)>;  // how many peers, for how many nonces
  TipAsks(const consensus::ChainFacts& facts, Outbox& out, Clock& clock, TipSigner& signer);
  // `done` comes once: with a strong set that has voted no further than this node has come, or with what there is when all have answered
  // or `timeout_ms` is over. Who says that it has voted further may lie: it takes the place of nobody's answer.
  // busy: kMaxTipNonces wait. `begun`, if set, comes once, when its round begins. May call both before it returns.
  Status ask(const Hash& nonce, std::uint64_t timeout_ms, Done done, Begun begun = {});
  void received(std::uint16_t from, TipSaid said);
  void received(std::uint16_t from, TipAsk ask);            // answers it
  void peer_down(std::uint16_t peer);
  void block_final() { end_if_settled(); }
  void wake();
  std::optional<std::uint64_t> deadline_ns() const;
  std::size_t waiting() const { return waiting_.size() + (round_ ? round_->askers.size() : 0); }
  std::uint64_t refused() const { return refused_; }        // answers that do not verify or were not asked for

 private:
  struct Asker {
    Hash nonce;
    std::uint64_t due_ns = 0;
    Done done;
    Begun begun;
  };
  struct Round {
    std::uint64_t ask = 0;
    Hash root;
    std::vector<Hash> leaves;             // of the askers
    std::vector<Asker> askers;
    std::map<std::uint16_t, TipSaid> said;
  };
  void begin();
  void begin_if_due();
  bool verified(std::uint16_t from, const TipSaid& said) const;
  void note(std::uint16_t from, TipSaid said);
  void end_if_settled();
  void end();

  const consensus::ChainFacts& facts_;
  Outbox& out_;
  Clock& clock_;
  TipSigner& signer_;
  AskTable table_{1};
  std::vector<Asker> waiting_;
  std::optional<Round> round_;
  std::uint64_t begin_ns_ = 0;            // the next round, not before
  std::map<std::uint16_t, TokenBucket> budgets_;  // by peer
  std::uint64_t refused_ = 0;
};

}  // namespace dos::net
