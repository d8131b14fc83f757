// What Simplex remembers beside its votes and blocks, part by part; the rules stand in simplex_*.cpp.
#pragma once
#include <map>
#include <set>

#include "consensus/engine.hpp"
#include "consensus/messages.hpp"
#include "consensus/vote_tree.hpp"
#include "consensus/wishes.hpp"

namespace dos::consensus {

struct Views {
  View cur{1};
  std::map<std::uint64_t, ledger::VoteItem> left_by;  // the evidence by which each view was left
  std::vector<ledger::VoteItem> unwritten;            // of those, what is not in the journal
  View null_low{1};                                   // Z is held for all views in [null_low, cur)
  mutable std::pair<View, std::uint16_t> led_by;      // the last answer of leader()
};

struct Turn {  // the view that this node is in
  std::uint64_t entered_at = 0;
  std::optional<std::uint64_t> header_at;  // when its first header came
  std::optional<std::uint64_t> timer, judge_at;
  bool expired = false;
  bool late_again = false;
  bool n_seen = false, n_in_time = false;
  bool passing = false;               // it was given up for its leader's earlier ones
  bool at_once = false;               // so, or because its leader is thought dead
  bool others_want = false;           // somebody said so in it
  std::uint32_t unsettled_tries = 0;  // while nothing else was wanted
};

struct Wish {  // what this node wants, and what the leader of the view heard of it
  Demand demand;
  std::optional<std::uint64_t> wanted_at;   // since when transactions wait here: not before this view, or the last final block
  std::optional<std::uint64_t> tell_at;     // the leader of this view is told then, unless its header is here
  std::optional<std::uint64_t> told_at;     // it was told, and must have heard it
  std::optional<std::uint64_t> heard_at;    // when the leader of this view must have heard a wish that counts
  std::optional<std::uint64_t> give_up_at;  // as it was late before, its view is given up then, unless its header is here
};

struct Parent {  // a block that may be built on
  Hash id;
  View view;
  Height height;
  TimeMs time;
  std::optional<Hash> result;  // none: final elsewhere, not executed here
  bool executed = false;
};
struct Proposer {
  struct Ask {
    View view;
    Parent parent;
  };
  std::optional<Ask> build;                            // asked, not answered
  std::optional<std::pair<View, bool>> built_nothing;  // view, and whether an empty block would have done
  std::optional<std::uint64_t> propose_at;
};

struct Want {
  std::uint64_t due_ns = 0, wait_ns = 0;
  std::uint32_t tries = 0;
  std::vector<std::uint16_t> holders;
  View view;
  bool header_known = false;
};
struct PeerSeen {
  std::uint64_t answers = kAnswerBurst, refilled_ns = 0;  // token bucket
  std::uint64_t told_ns = 0;                               // when it last got a status of ours, and what that said
  View told_current;
  Height told_final;
  bool told = false;
  Wishes wishes, told_wishes;
  Wishes own_wishes;         // as told_wishes, without what that peer asked for itself
  View wish_view;            // in which it last said that it wants a block
  Height wish_final;         // and its last final block then
  bool want_open = false;    // and no block became final since
  View heard;                // highest view in which a vote of it was seen
  std::uint32_t missed = 0;  // views in a row that it led and that failed without any vote of it
};
struct Help {
  std::vector<PeerSeen> peers;
  std::map<ledger::VoteItem, Want> gets;
  std::map<Hash, Want> fetches;
  std::uint64_t retry_wait = 0;
  std::optional<std::uint64_t> retry_at;
};

struct Finality {
  Tip tip;  // last final block
  std::optional<ledger::Certificate> certificate;
  std::set<Hash> known;                    // certified blocks above the tip and their ancestors
  std::vector<ledger::VoteItem> reaching;  // FINAL, highest first, from whose block all headers down to the tip are here
  bool changed = true;                     // both must be found anew
  VoteTree::Ids to_vote;                  // what may be due a FINAL since something changed
  std::uint64_t awaited = 0;               // views left since that were not given up at once here
  bool said_it_waits = false;
};

struct Held {
  VoteTree::Ids to_execute;  // what may be due since something changed
  VoteTree::Ids loaded;      // others' blocks whose payload is held
  View unloaded_in;           // the current view when it was last looked at what is old
};

struct Stopped {
  std::string why;  // empty: it votes
  bool for_good = false;
};
struct Counts {
  std::uint64_t nullified = 0, evidence = 0;
};

}  // namespace dos::consensus
