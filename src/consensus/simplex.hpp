// The engine behind make_simplex.hpp: the rules of docs/spec/consensus.md, whose numbers (M1-M8) stand at the
// functions. Private to consensus. `step` takes the input in, then applies all rules until none applies.
//   simplex.cpp          step, the loop over the rules, timers, status
//   simplex_parts.hpp    what it remembers, with gate.hpp and own.hpp
//   rules.hpp            what the rules are by themselves; below they are asked and followed
//   simplex_restore.cpp  out of the journal
//   simplex_start.cpp    start gate and quarantine
//   simplex_receive.cpp  proposals, votes, what the caller answers
//   simplex_vote.cpp     M3-M6: what is signed, and what is durable before it is sent
//   simplex_propose.cpp  M2
//   simplex_final.cpp    M1, M7: views are left, blocks become final
//   simplex_help.cpp     M8: status, answers, what is missing
//   simplex_keep.cpp     what is kept of others' blocks, and how long
#pragma once
#include <set>

#include "consensus/gate.hpp"
#include "consensus/make_simplex.hpp"
#include "consensus/pace.hpp"
#include "consensus/rules.hpp"

namespace dos::consensus {

inline constexpr std::uint64_t kViewsAhead = 16;       // votes and headers so far above the current view are kept
inline constexpr std::uint64_t kViewsKeptBelow = 16;   // under the last final block: late votes may still contradict
inline constexpr std::size_t kHelpVotes = 256;         // of one answer
inline constexpr std::size_t kMaxNamed = 64;           // certificates in a Have or a Get
inline constexpr std::uint64_t kMaxRetryNs = 2'000'000'000;
inline constexpr std::uint32_t kUnsettledTries = 6;    // for the FINAL votes of an empty block on a quiet chain: three seconds

class Simplex final : public Engine {
 public:
  Simplex(EngineSetup setup, Entropy& entropy);
  Status restore(const EngineSetup& setup);

  Outputs step(std::uint64_t now_ns, std::uint64_t wall_ms, Input input) override;
  std::optional<std::uint64_t> deadline_ns() const override;
  EngineStatus status() const override;
  const Proposal* proposal(const Hash& id) const override;
  bool awaits(const Hash& id) const override;
  bool backed(const Hash& id) const override;
  std::vector<EngineRecord> live_records() const override;

 private:
  class Restore;  // out of the journal

  // ---- inputs
  void on(const Start&);
  void on(const Tick&) {}
  void on(const Demand& in);
  void on(const PeerUp& in);
  void on(const Received& in);
  void on(const PayloadReady& in);
  void on(const Built& in);
  void on(const Executed& in);
  void on(const Adopted& in);
  void receive(std::uint16_t from, const Proposal& p);
  void receive(std::uint16_t from, const Votes& m);
  void receive(std::uint16_t from, const Have& m);
  void receive(std::uint16_t from, const Get& m);
  void receive(std::uint16_t from, const StatusReport& m);
  void receive(std::uint16_t from, const SignedAsk& m);
  void receive(std::uint16_t from, const SignedAnswer& m);
  bool take_vote(std::uint16_t from, const ledger::Vote& vote, bool& refused);  // false: the sender is at fault
  Proposal with_checked_vote(const Proposal& p, const ledger::VoteItem& item) const;
  bool take_own_vote(const ledger::Vote& vote);  // false: the key did not sign it
  bool header_fits(const ledger::Header& h) const;

  // ---- rules; true: something changed, the others are asked again
  void pump();
  void look_at_changed();
  bool advance();        // M1
  bool propose();        // M2
  bool notarize();       // M3
  bool execute_ready();  // M4, speculation
  bool vote_final();     // M5
  bool nullify();        // M6
  bool finalize();       // M7
  void find_contradictions();
  void compare_result(const Block& block);
  void know_final();     // which blocks are final elsewhere, and which certificates reach down to the tip
  void mark_bad(Block& block);
  void unload_old();
  bool may_unload(const Block& block) const;
  void extend_null_run();

  // ---- pieces
  std::uint16_t leader(View view) const;  // the last answer is kept
  bool leads(View view) const { return leader(view) == facts_.voter; }
  bool may_sign(View view) const { return gate_.open && stopped_.why.empty() && view > own_.floor; }
  bool may_vote(View view) const { return may_sign(view) && now_ >= paused_until(); }  // for anything but FINAL
  rules::Seen seen() const { return {pool_, tree_, views_, own_, final_}; }
  std::uint64_t pause_ns() const { return rules::pause_ns(seen().unfinal_views(), timing_.max_unfinal_views); }
  bool waits_for_final() const { return pause_ns() > 0; }
  std::uint64_t paused_until() const { return waits_for_final() ? turn_.entered_at + pause_ns() : 0; }  // 0: it is not
  bool may_send_unsynced(View view) const;
  const Block* own_proposal(View view) const;  // that can be sent: header and payload are here
  bool give_null();
  void rest_on_nulls(View parent, std::vector<ledger::VoteItem>& rests_on) const;  // Z of the views between it and cur
  bool unfinal_work() const { return tree_.work(views_.cur); }  // a block with transactions is known and not final
  bool abandoned_work() const { return tree_.unsettled_work(views_.cur); }  // and one of them stands in a view that was left without N
  bool null_seen();
  bool passes_over(std::uint16_t chief) const;  // its view is given up at once
  std::optional<std::uint64_t> waited_ns() const;  // by who wants something, in this view; none: nobody here did
  bool has_work() const;
  rules::Reasons reasons() const;  // for a block
  bool unsettled() const;  // the last block that was notarized here is not final here, and is asked for
  bool undecided() const;  // in vain
  void enter(View view, const ledger::VoteItem& by);
  // Signs one vote and hands out the group that must be durable before it is sent. `with`: the block it is for.
  std::optional<ledger::Vote> sign(const ledger::VoteItem& item, Block* with, const std::vector<ledger::VoteItem>& rests_on);
  void write_evidence(const ledger::VoteItem& item, std::vector<EngineRecord>& into);
  void write_block(Block& block, Persist& into);
  void set_tip(const Tip& tip, const ledger::Certificate& certificate);
  void drop_lost();
  void stop(std::string why);
  void halt(std::string why);
  std::string why_it_waits() const;
  void emit(Output output) { out_.push_back(std::move(output)); }
  void broadcast(Said message);
  void report(std::vector<Contradiction> found);
  Height record_height() const { return Height{final_.tip.height.value + 1}; }

  // ---- help
  void run_timers();
  void retry();
  StatusReport own_status() const;
  void tell_status(std::uint16_t peer, bool always);
  bool may_answer(std::uint16_t peer);
  bool may_want(std::uint16_t peer);
  bool wished(const PeerSeen& peer) const;
  bool may_tell(std::uint16_t peer);  // a wish of this node's to that peer must be heard there
  void wished_of(std::uint16_t peer);  // one goes to it in any case
  void count_on(std::uint16_t peer);  // and of this node's own accord: whether it must be heard there
  void want_since_now();
  void want_nothing();
  void tell_leader();  // that a block is wanted
  void leader_answered();
  void send_votes(std::uint16_t to, const std::vector<HeldVoteRef>& votes);
  void note_missing();
  void want_block(const Hash& id, View view, bool header_known, std::vector<std::uint16_t> holders, std::set<Hash>& wanted);
  void chase_wants();

  // ---- quarantine
  void ask_signed(std::uint16_t to);
  View top() const {
    return own_.highest(views_.cur);
  }  // that this node may have been in: after a restart its votes may be ahead of what it executed again
  std::vector<ledger::Vote> entered_by(View view) const;
  bool shows_strong(const std::vector<ledger::Vote>& votes, View view) const;

  ChainFacts facts_;
  const crypto::SigningKey* key_;
  Timing timing_;
  Entropy* entropy_;
  Hash valset_, no_transactions_;
  VotePool pool_;
  VoteTree tree_;
  Pace pace_;

  Gate gate_;
  Own own_;
  Views views_;
  Turn turn_;
  Wish wish_;
  Proposer proposer_;
  Help help_;
  Finality final_;
  Held held_;
  Stopped stopped_;
  Counts counts_;

  std::vector<EngineRecord> lazy_;  // goes with the next group
  std::set<View> touched_;  // views with new votes in this step
  std::uint64_t now_ = 0, wall_ = 0;
  Outputs out_;
};

}  // namespace dos::consensus
