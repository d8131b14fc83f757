// The rules of docs/spec/consensus.md, each by itself: what a node that has seen this enters, builds on, signs and gives up. They
// change nothing; Simplex asks them in its order and does what they say.
#pragma once
#include <string>

#include "consensus/own.hpp"
#include "consensus/simplex_parts.hpp"
#include "consensus/vote_pool.hpp"

namespace dos::consensus {

inline constexpr std::uint64_t kQuietViews = 8;  // so many views without a final block are a reason for an empty one
// Above max_unfinal_views nothing but FINAL is signed for so long after a view was entered; twice as long every so many views.
inline constexpr std::uint64_t kUnfinalPauseNs = 1'000'000'000, kMaxUnfinalPauseNs = 600'000'000'000;
inline constexpr std::uint64_t kUnfinalPauseDoubles = 16;
inline constexpr std::uint32_t kEmptyPayloadBytes = 64;  // of a block without transactions: at most

namespace rules {

struct Seen {
  const VotePool& pool;
  const VoteTree& tree;
  const Views& views;
  const Own& own;
  const Finality& final;
  std::uint64_t unfinal_views() const { return views.cur.value - std::min(views.cur, final.tip.view).value; }
};

// ---- what is signed at all
// Too many views without a final block: each costs memory and journal, so the next ones take their time. None is the last one: NULL and
// FINAL may be split in all of them, or who comes back may have a floor above. 0: no pause.
std::uint64_t pause_ns(std::uint64_t unfinal_views, std::uint64_t max_unfinal_views);
// A header, with its NOTAR, before it is in the journal. Power can take one such back, and a node that starts knows where.
bool may_go_ahead(const Own& own, View view);

// ---- M1: what the current view, or a later one, is left by
std::optional<ledger::VoteItem> leaves_by(const Seen& s);

// ---- M2
std::optional<Parent> parent_at(const Seen& s, const Hash& id, View view);  // if it may be built on
// The certified block of the highest view below the current one, over views that are all nullified.
std::optional<Parent> best_parent(const Seen& s);
struct Reasons {  // for a block, though nothing may be in it
  bool overdue = false;      // many views passed without a final block, and something is wanted
  bool others_want = false;  // another validator's wish for this view is heard
  bool asked = false;        // a block is asked for here
  bool under_way = false;    // but one that has N may do
  bool unfinal_work = false;
  bool undecided = false;
  bool at_once() const { return overdue || others_want || (asked && !under_way); }
  bool in_time() const { return unfinal_work || undecided || (asked && under_way); }  // a block that has N lacks FINAL, or gets none
};
struct Wanted {
  bool block = false, even_empty = false;
  std::optional<std::uint64_t> look_again_at;
};
// `work`: something that is no reason for an empty block is one for a block. Before `patience` the last votes may be on their way.
Wanted wants_block(const Reasons& why, bool work, std::uint64_t now_ns, std::uint64_t patience_ns);

// ---- M3: what a header must fulfil
bool follows(const ledger::Header& h, const Parent& parent);  // false: it is never a parent
bool nulls_between(const Views& views, View parent_view);     // Z is held for each view between that and the current one
// No leader can date a block less than just after its parent, which may have been dated as far ahead as other clocks allow: that is not
// its fault, and believed twice as far. 0: it may be signed now.
std::uint64_t early_ms(const ledger::Header& h, const Parent& parent, std::uint64_t wall_ms, std::uint64_t max_ahead_ms);
// Where nothing becomes final for long, clocks may be why: they are believed less and less, so that a network decides whatever they say.
bool back_dated(TimeMs time, std::uint64_t wall_ms, std::uint64_t max_behind_ms, std::uint64_t unfinal_views);
// While FINAL is wanting, one leader fills nobody's memory: an empty block makes final what is there, too.
bool has_room(const ledger::Header& h, std::uint64_t held_bytes, std::uint64_t max_unfinal_bytes);

// ---- M4: a block whose payload is held
enum class Due { later, now, never };
Due due(const Seen& s, const Block& block);

// ---- M5: only the highest block that can be voted for: FINAL for it is FINAL for its ancestors
std::optional<std::pair<View, Hash>> to_finalize(const Seen& s);

// ---- M6
bool fails(const Seen& s);  // also with N in hand
struct OfLeader {
  std::uint16_t chief = 0;
  bool dead = false, yields = false, passed = false;
};
bool gives_up(const Seen& s, const Turn& in_view, const OfLeader& leader);  // without N

// ---- M7
struct Way {  // from a block with F down to the tip, to a block that reaches or does not, or as far as headers are here
  std::vector<Hash> ids;
  bool linked = false;
  std::string halt;  // why, unless it is empty
};
Way way_down(const Seen& s, const Hash& from, const std::map<Hash, bool>& reaches);

// ---- what can never be seen while less than a third lies
std::string contradiction(const Seen& s, View view);
enum class Others { agree, doubt, refute };  // of the result computed here: doubted by a weak set, refuted by a strong one
Others judge_result(const Seen& s, const ledger::ValidatorSet& validators, const Block& block);

// The last block that was notarized here is not final here.
bool open_end(const Seen& s);

}  // namespace rules
}  // namespace dos::consensus
