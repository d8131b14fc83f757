// An engine decides the order of blocks. Pure: `step` takes one input and returns what is to be done, in order; the caller
// does all of it, one after the other, before the next input. A Persist output is durable before the output behind it is
// begun: so nothing is sent before what it promises is on disk, but for a header where the rules allow it. An engine owns no clock, socket, file, thread or payload
// bytes; equal inputs give equal outputs (entropy, for hedged signatures, is handed in). What engines say to each other, keep in the
// journal and show of final blocks is opaque to everybody but the engine and its verifier; which engines there are: engines.hpp.
#pragma once
#include <memory>
#include <optional>
#include <variant>

#include "base/edge.hpp"
#include "consensus/facts.hpp"
#include "consensus/journal_records.hpp"

namespace dos::consensus {

// ---- bounds of what is kept of others
inline constexpr std::size_t kHeadersAView = 2;  // more only for a block that an honest validator voted for
inline constexpr std::uint64_t kPayloadViewsKept = 4;  // under the current view: payloads that nobody honest is known to have voted for
inline constexpr std::uint64_t kFetchAhead = 1;  // payloads of views so far above the current one are asked for without votes
inline constexpr std::size_t kMaxWants = 256;  // certificates that others hold, and as many blocks, that are looked for

// ---- inputs. `now_ns`: the caller's monotonic clock. Every input carries it in step().
struct Start {};  // once, first: own votes above floor are sent again, timers armed or quarantine begun
struct Tick {};  // deadline_ns() has come
struct Demand {  // what the caller wants; said again whenever it changes, and with every new transaction
  bool pending = false;  // transactions wait that are not final. Too much said costs one Build that answers `empty`
  bool block = false;  // somebody asked for a block (freshness, or a promise that waits for block time)
};
struct PeerUp {
  std::uint16_t peer = 0;
};  // a link to that validator came up: tell it where we are
struct Received {  // from validator `from`, on its authenticated link
  std::uint16_t from = 0;
  Said message;
};
struct PayloadReady {  // the payload that this block's header names is held (or can never be acceptable)
  Hash id;
  bool valid = false;  // it decodes, limits hold. false is for ever: never because a peer sent other bytes
};
struct Built {  // answer to Build. `empty`: there was nothing worth a block after all
  View view;
  bool empty = false;
  TimeMs time;  // max(wall, parent's + 1)
  ledger::PayloadCommit payload;
  Hash tx_root, params;
};
struct Executed {  // answer to Execute
  Hash id;
  bool valid = false;  // false: parent result, params or limits are wrong: certify = false, for ever
  Hash result;  // ledger::result_of of the block itself
  std::uint64_t took_ns = 0;  // feeds the estimate X (docs/spec/consensus.md, "Time")
};
struct Adopted {  // the caller fetched, verified, executed and committed final blocks up to this one
  ledger::Header header;
  Hash result;
  FinalityProof proof;  // of `header` or a descendant of it
};
using Input = std::variant<Start, Tick, Demand, PeerUp, Received, PayloadReady, Built, Executed, Adopted>;

// ---- outputs, to be done in this order
struct Persist {  // one sync group: records, and the payload bytes of `payloads` with them
  std::vector<EngineRecord> records;
  std::vector<Hash> payloads;
};
struct Send {  // to: a validator, or kEverybody (all others). A Proposal goes with its payload (net decides how)
  static constexpr std::uint16_t kEverybody = 0xFFFF;
  std::uint16_t to = kEverybody;
  Said message;
};
struct Build {  // this validator leads `view`: make a payload on top of `parent`; answer with Built
  View view;
  Hash parent;
  Height height;
  bool even_empty = false;  // a block is wanted although nothing may wait; else answer `empty` where nothing does
  bool only_empty = false;  // nothing may go into it: too much stands above the last final block
};
struct Proposed {  // the last Built became this block: its payload is held under `id` from here on
  Hash id;
  ledger::Header header;
};
struct Fetch {  // header and payload of this block are needed; any of `holders` has voted for it
  Hash id;
  View view;
  std::vector<std::uint16_t> holders;
  bool header_known = false;  // only the payload is missing
};
struct Execute {
  Hash id;
};  // its parent is executed or final, its payload held; answer with Executed
struct Finalize {  // these blocks, ascending, are final by `proof` of the last of them
  std::vector<Hash> ids;
  FinalityProof proof;
};
struct CatchUp {  // blocks up to `height` are final elsewhere and not held here; `from` says so
  Height height;
  std::uint16_t from = 0;
};
struct Drop {
  std::vector<Hash> ids;
};  // these blocks can never be final: their stages, payloads go, transactions return
struct Unload {
  std::vector<Hash> ids;
};  // children before parents: payloads and stages go, the headers stay known. Asked for again if votes come after all
struct Misbehaviour {  // evidence against a validator, each once
  std::uint16_t voter = 0;
  std::string what;  // it did, for the log
  Bytes first, second;  // what it signed, in the engine's form: no honest validator signs both
};
struct Punish {  // the peer broke the protocol in a way that proves nothing to others
  std::uint16_t peer = 0;
  std::string why;
};
struct StopVoting {
  std::string why;
};  // until restart; or but seldom, until a block is final. Reads and sync go on
struct Halt {
  std::string why;
};  // the node must stop: more than a third lies, or this node computes differently
using Output =
    std::variant<Persist, Send, Build, Proposed, Fetch, Execute, Finalize, CatchUp, Drop, Unload, Misbehaviour, Punish, StopVoting, Halt>;
using Outputs = std::vector<Output>;

inline constexpr std::uint64_t kMaxClockBehindMs = 500;  // block time behind a voter's clock when the header comes, beside a view's time
struct Timing {
  std::uint64_t delta_min_ns = 25'000'000;  // least estimate of one network delay
  std::uint64_t delta_max_ns = 60'000'000'000;
  std::uint64_t max_clock_ahead_ms = kMaxClockAheadMs, max_clock_behind_ms = kMaxClockBehindMs;
  std::uint64_t max_unfinal_views = kMaxUnfinalViews, max_unfinal_bytes = kMaxUnfinalBytes;
};
struct EngineSetup {
  ChainFacts facts;
  const crypto::SigningKey* key = nullptr;  // vote key; outlives the engine
  Timing timing;
  std::vector<EngineRecord> records;  // all that the journal still holds, in order
  bool journal_intact = true;
  // Of a damaged journal: nothing is missing from this record on. A gate record there says what must be known.
  std::size_t sound_from = SIZE_MAX;
  Tip tip;  // last final block in the caller's store
  std::optional<FinalityProof> tip_proof;  // of tip or a descendant; none for genesis
  // The key was made for this data folder and was never used: then, and only then, a journal without a gate record is no
  // reason for quarantine. Said wrongly after a lost disk it may sign twice.
  bool key_unused = false;
};
struct EngineStatus {
  View current, floor;
  std::uint16_t leader = 0;
  Height fin_voted;  // highest height voted FINAL: what a TipAck says
  bool votes = true;  // false: quarantined or stopped
  bool acks = true;  // fin_voted is known, so a TipAck may be signed
  std::string why_not;  // one sentence when it does not vote
  std::vector<bool> heard;  // by voter: a vote of the last few views was seen
  std::uint64_t nullified = 0, evidence = 0;
  std::uint64_t headers = 0, votes_held = 0, wants = 0;  // kept of others: above the last final block
};

struct MessageLimit {
  std::uint16_t kind = 0;
  std::uint32_t most_bytes = 0;  // of its body; no more than frames of that kind may have
};

class Engine {
 public:
  virtual ~Engine() = default;
  // `wall_ms` judges block times only: a header later than now + max_clock_ahead_ms waits until the clock gets there; one that
  // comes with a time further behind than max_clock_behind_ms and a view's time gets no vote here.
  virtual Outputs step(std::uint64_t now_ns, std::uint64_t wall_ms, Input input) = 0;
  virtual std::optional<std::uint64_t> deadline_ns() const = 0;  // next Tick; none while nothing is under way
  virtual EngineStatus status() const = 0;
  // The header by that id as it was judged: by the leader of its view, who signed it, within the window of views. Null: none.
  virtual const Proposal* proposal(const Hash& id) const = 0;
  // Its payload is of use though nobody asked for it: the header was judged, its view is not long over nor far ahead, nothing is
  // held yet.
  virtual bool awaits(const Hash& id) const = 0;
  // Somebody honest is known to have voted for it or for what stands on it, so its payload is kept until it is final or lost.
  virtual bool backed(const Hash& id) const = 0;
  // Everything above floor that must survive: written as one group before journal records at or below the last final height
  // are released. For each proposal among them the caller adds its payload (encode_contents).
  virtual std::vector<EngineRecord> live_records() const = 0;
};

}  // namespace dos::consensus
