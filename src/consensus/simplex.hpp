// The engine behind make_simplex.hpp: the rules of docs/spec/consensus.md, whose numbers (M1-M8) stand at the
// functions. Private to consensus. `step` takes the input in, then applies all rules until none applies.
//   simplex.cpp          step, the loop over the rules, timers, status
//   simplex_start.cpp    out of the journal; start gate and quarantine
//   simplex_receive.cpp  proposals, votes, what the caller answers
//   simplex_vote.cpp     M3-M6: what is signed, and what is durable before it is sent
//   simplex_propose.cpp  M2
//   simplex_final.cpp    M1, M7: views are left, blocks become final
//   simplex_help.cpp     M8: status, answers, what is missing
//   simplex_keep.cpp     what is kept of others' blocks, and how long
#pragma once
#include <set>

#include "consensus/block_tree.hpp"
#include "consensus/make_simplex.hpp"
#include "consensus/pace.hpp"
#include "consensus/vote_pool.hpp"

namespace dos::consensus {

inline constexpr std::uint64_t kViewsAhead = 16;       // votes and headers so far above the current view are kept
inline constexpr std::uint64_t kViewsKeptBelow = 16;   // under the last final block: late votes may still contradict
inline constexpr std::uint64_t kQuietViews = 8;        // so many views without a final block are a reason for an empty one
inline constexpr std::size_t kHelpVotes = 256;         // of one answer
inline constexpr std::size_t kMaxNamed = 64;           // certificates in a Have or a Get
inline constexpr std::uint64_t kMaxRetryNs = 2'000'000'000;
inline constexpr std::uint32_t kUnsettledTries = 6;    // for the FINAL votes of an empty block on a quiet chain: three seconds
inline constexpr std::uint64_t kAnswerEveryNs = 50'000'000;  // answers to one peer: a burst of kAnswerBurst, then this pace
inline constexpr std::uint64_t kAnswerBurst = 20;
inline constexpr std::uint64_t kWantEveryNs = 1'000'000'000;  // one peer's wish for a block is heard so often,
inline constexpr std::uint64_t kWantBurst = 6;         // and once for each final block with transactions; so many of those are saved up
inline constexpr std::uint64_t kTellBurst = 4;         // on fewer counts who wishes: its peer may know of some blocks later

// Above max_unfinal_views nothing but FINAL is signed for so long after a view was entered; twice as long every so many views.
inline constexpr std::uint64_t kUnfinalPauseNs = 1'000'000'000, kMaxUnfinalPauseNs = 600'000'000'000;
inline constexpr std::uint64_t kUnfinalPauseDoubles = 16;
inline constexpr std::uint32_t kEmptyPayloadBytes = 64;  // of a block without transactions: at most

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
  struct OwnVotes {
    std::optional<ledger::VoteItem> notar, null, fin;
  };
  struct Parent {  // a block that may be built on
    Hash id;
    View view;
    Height height;
    TimeMs time;
    std::optional<Hash> result;  // none: final elsewhere, not executed here
    bool executed = false;
  };
  struct BuildAsk {
    View view;
    Parent parent;
  };
  struct Want {
    std::uint64_t due_ns = 0, wait_ns = 0;
    std::uint32_t tries = 0;
    std::vector<std::uint16_t> holders;
    View view;
    bool header_known = false;
  };
  struct Wishes {  // of a peer that are still heard here, or of this node's that a peer still hears
    std::uint64_t left = 1, taken_ns = 0;
    bool take(std::uint64_t now_ns, std::uint64_t every_ns);
  };
  struct Peer {
    std::uint64_t answers = kAnswerBurst, refilled_ns = 0;  // token bucket
    std::uint64_t told_ns = 0;                               // when it last got a status of ours, and what that said
    View told_current;
    Height told_final;
    bool told = false;
    Wishes wishes, told_wishes;
    Wishes own_wishes;           // as told_wishes, without what that peer asked for itself
    View wish_view;              // in which it last said that it wants a block
    Height wish_final;           // and its last final block then
    bool want_open = false;                  // and no block became final since
    View heard;                  // highest view in which a vote of it was seen
    std::uint32_t missed = 0;    // views in a row that it led and that failed without any vote of it
  };

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
  bool judge(Block& block);  // of execute_ready(), for one block; true: it is bad
  void mark_bad(Block& block);
  void unload_old();
  bool may_unload(const Block& block) const;
  void extend_null_run();

  // ---- pieces
  std::uint16_t leader(View view) const;  // the last answer is kept
  bool leads(View view) const { return leader(view) == facts_.voter; }
  bool may_sign(View view) const { return gate_open_ && stopped_.empty() && view > floor_; }
  bool may_vote(View view) const { return may_sign(view) && now_ >= paused_until(); }  // for anything but FINAL
  // Too many views without a final block: each costs memory and journal, so the next ones take their time. None is the last one: NULL and
  // FINAL may be split in all of them, or who comes back may have a floor above.
  bool waits_for_final() const { return cur_.value - std::min(cur_, tip_.view).value > timing_.max_unfinal_views; }
  std::uint64_t paused_until() const;  // 0: it is not
  bool may_send_unsynced(View view) const;
  const Block* own_proposal(View view) const;  // that can be sent: header and payload are here
  bool give_null();
  std::optional<Parent> parent_at(const Hash& id, View view) const;
  std::optional<Parent> best_parent() const;
  void rest_on_nulls(View parent, std::vector<ledger::VoteItem>& rests_on) const;  // Z of the views between it and cur
  bool unfinal_work() const { return tree_.work(cur_); }  // a block with transactions is known and not final
  bool abandoned_work() const { return tree_.unsettled_work(cur_); }  // and one of them stands in a view that was left without N
  bool null_seen();
  bool passes_over(std::uint16_t chief) const;  // its view is given up at once
  std::optional<std::uint64_t> waited_ns() const;  // by who wants something, in this view; none: nobody here did
  bool back_dated(TimeMs time) const;
  bool has_work() const;
  bool open_end() const;  // the last block that was notarized here is not final here
  bool unsettled() const;  // and is asked for
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
  Height record_height() const { return Height{tip_.height.value + 1}; }

  // ---- help
  void run_timers();
  void retry();
  StatusReport own_status() const;
  void tell_status(std::uint16_t peer, bool always);
  bool may_answer(std::uint16_t peer);
  bool may_want(std::uint16_t peer);
  bool wished(const Peer& peer) const;
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
  View top() const;
  std::vector<ledger::Vote> entered_by(View view) const;
  bool shows_strong(const std::vector<ledger::Vote>& votes, View view) const;

  ChainFacts facts_;
  const crypto::SigningKey* key_;
  Timing timing_;
  Entropy* entropy_;
  Hash valset_, no_transactions_;
  mutable std::pair<View, std::uint16_t> led_by_;
  bool key_unused_;

  Tip tip_;  // last final block
  std::optional<ledger::Certificate> tip_certificate_;
  View cur_{1}, floor_;  // no vote is signed at or below floor
  View signed_high_;  // of own durable votes that the journal holds
  View unsure_;  // up to here headers that are lost may have gone out before the last start
  VotePool pool_;
  BlockTree tree_;
  std::map<std::uint64_t, OwnVotes> own_;  // by view, above the last final block
  std::map<std::uint64_t, ledger::VoteItem> left_by_;  // the evidence by which each view was left
  std::vector<ledger::VoteItem> unwritten_;  // of those, what is not in the journal
  std::vector<EngineRecord> lazy_;  // goes with the next group
  std::set<Hash> known_final_;  // certified blocks above the tip and their ancestors
  std::vector<ledger::VoteItem> reaching_;  // F, highest first, from whose block all headers down to the tip are here
  bool finals_changed_ = true;  // both must be found anew
  BlockTree::Ids to_vote_final_, to_execute_;  // what may be due since it changed
  BlockTree::Ids loaded_;  // others' blocks whose payload is held
  View unloaded_in_;  // the current view when it was last looked at what is old
  View null_low_{1};  // Z is held for all views in [null_low_, cur)
  View fin_high_;
  Height fin_height_;
  std::string stopped_;
  bool gate_open_ = false, halted_ = false;
  bool said_it_waits_ = false;  // for a final block
  View gate_floor_;

  Demand demand_;
  std::optional<BuildAsk> build_;  // asked, not answered
  std::optional<std::pair<View, bool>> built_nothing_;  // view, and whether an empty block would have done
  std::vector<Peer> peers_;
  std::map<ledger::VoteItem, Want> gets_;
  std::map<Hash, Want> fetches_;
  std::set<View> touched_;  // views with new votes in this step

  Pace pace_;
  std::uint64_t now_ = 0, wall_ = 0, entered_at_ = 0, retry_wait_ = 0;
  std::optional<std::uint64_t> header_at_;  // when the current view's first header came
  std::optional<std::uint64_t> wanted_at_;  // since when transactions wait here: not before this view, or the last final block
  std::optional<std::uint64_t> view_timer_, retry_at_, judge_at_, propose_at_, ask_at_;
  std::optional<std::uint64_t> tell_at_;  // the leader of this view is told then, unless its header is here
  std::optional<std::uint64_t> told_at_;  // it was told, and must have heard it
  std::optional<std::uint64_t> heard_at_;  // when the leader of this view must have heard a wish that counts
  std::optional<std::uint64_t> give_up_at_;  // as it was late before, its view is given up then, unless its header is here
  bool view_expired_ = false;
  bool late_again_ = false;
  bool n_seen_ = false, n_in_time_ = false;
  bool passing_ = false;  // this view was given up for its leader's earlier ones
  bool at_once_ = false;  // so, or because its leader is thought dead
  std::uint32_t unsettled_tries_ = 0;  // in this view, while nothing else was wanted
  std::uint64_t awaited_ = 0;  // views left since the last final block that were not given up at once here
  bool others_want_ = false;  // somebody in this view said so
  std::uint64_t ask_wait_ = 0;
  Hash nonce_;
  std::map<std::uint16_t, View> answers_;
  std::uint64_t nullified_ = 0, evidence_ = 0;
  Outputs out_;
};

}  // namespace dos::consensus
