// Watches real engines and asks the model's rules about every vote they sign: may it be given, in this view, on what this
// node was told and holds; is what it rests on durable with it; had a NULL a reason; does an answer to a node in quarantine
// say enough. It learns from inputs and outputs alone and shares no code with the engine but the formats.
#pragma once
#include <functional>
#include <map>
#include <set>
#include <string>

#include "consensus/test_cluster.hpp"
#include "rules.hpp"

namespace dos::model {

class TraceJudge final : public consensus::test::Watcher {
 public:
  struct Oracle {
    std::function<Hash(const ledger::Header&)> result;  // of a valid block
    std::function<bool(const ledger::Header&)> valid;  // executing it will say so
  };
  explicit TraceJudge(Oracle oracle) : oracle_(std::move(oracle)) {}

  void begins(const consensus::ChainFacts& facts, const consensus::Tip& genesis) override;
  void started(std::uint16_t i, const consensus::EngineSetup& setup) override;
  void takes(std::uint16_t i, const consensus::Input& input, std::uint64_t now_ns, std::uint64_t wall_ms) override;
  void gives(std::uint16_t i, const consensus::Output& output) override;
  void rests(std::uint16_t i, const consensus::EngineStatus& status) override;
  void released(std::uint16_t i, const std::vector<consensus::EngineRecord>& journal) override;

  const std::vector<std::string>& complaints() const { return complaints_; }
  struct Counts {
    std::uint64_t notar = 0, null = 0, final = 0, answers = 0, gates = 0, restarts = 0, over_gaps = 0, after_null = 0, ahead = 0, lost = 0;
    Counts& operator+=(const Counts& o);
  };
  const Counts& counts() const { return counts_; }

 private:
  struct Side {
    Heard heard, durable;
    std::set<Hash> proposals, contents;  // durable
    std::set<Hash> payloads;  // held
    std::map<Hash, std::optional<Hash>> executed;  // since the last start; none: invalid
    std::map<std::pair<std::uint64_t, std::uint16_t>, std::set<Hash>> named;  // NOTAR heard, by view and voter
    Own own;  // everything ever signed, whatever the node has lost since
    int tip = 0;
    std::uint64_t gate = 0;  // floor of a quarantine
    std::uint64_t view = 1, view_since_ns = 0;
    std::optional<ledger::VoteItem> ahead;  // own NOTAR, sent in its header before it is durable
    std::set<int> lost;  // views of those that power took
    int unsure = 0;  // up to which that may have happened before the last start
    std::set<std::uint64_t> silent_leader;  // views left without a vote of their leader heard
    std::set<std::uint16_t> slow_leader;    // of views that were not left promptly
    std::set<std::uint64_t> far_ahead;      // views of which votes were heard too early to be kept
    std::set<std::uint16_t> misled_by;      // their blocks turned out not to be valid
    bool open = true;
  };
  struct Unplaced {  // a vote for a block whose header or whose ancestors' headers nobody showed yet
    std::uint16_t node;
    ledger::VoteItem item;
    std::uint16_t voter;
    bool durable;
  };

  void learn(const ledger::Header& header);
  bool place(const ledger::Header& header);
  int number(const Hash& id) const;  // -1: not placed
  void hear(std::uint16_t i, const ledger::Vote& vote, bool durable);
  void count(std::uint16_t i, const ledger::VoteItem& item, std::uint16_t voter, bool durable);
  void wrote(std::uint16_t i, const std::vector<consensus::EngineRecord>& records);  // durable now
  void reread(std::uint16_t i, const std::vector<consensus::EngineRecord>& journal);
  void read(std::uint16_t i, const consensus::EngineRecord& record);
  void room(Side& side, int view) const;
  int floor_of(const Side& s) const;

  bool known_final(const Side& s, int block) const;
  bool notarized(const Side& s, const Heard& by, int block) const;
  bool left(const Side& s, const Heard& by, int view) const;  // evidence that ended the view
  void judge(std::uint16_t i, const ledger::VoteItem& item);
  void judge_ahead(std::uint16_t i, const consensus::Proposal& proposal);
  void note_own(std::uint16_t i, const ledger::VoteItem& item);
  bool is_own(const Side& s, const ledger::VoteItem& item) const;
  void judge_notar(std::uint16_t i, int block, const ledger::VoteItem& item);
  void judge_final(std::uint16_t i, int block, const ledger::VoteItem& item);
  void judge_null(std::uint16_t i, int view);
  bool slow(const Side& s) const;  // the view that it is in lasts longer than a prompt one
  bool leader_heard(const Side& s, int view) const;
  bool may_nullify_now(const Side& s, std::uint16_t i, int view) const;
  void judge_durable(std::uint16_t i, const ledger::VoteItem& item);
  void complain(std::uint16_t i, const ledger::VoteItem& item, const std::string& what);
  int highest_signed(const Side& s, bool durable) const;
  std::uint16_t leader(std::uint64_t view) const;

  consensus::ChainFacts facts_;
  consensus::Tip genesis_;
  consensus::Timing timing_;
  Oracle oracle_;
  Rules rules_{equal(4)};
  Tree tree_;
  std::map<Hash, int> numbers_;
  std::vector<ledger::Header> headers_{ledger::Header{}};  // by number
  std::vector<bool> wrong_link_{false};  // height, time, parent view or parent result that nobody may accept
  std::map<Hash, ledger::Header> orphans_;
  std::vector<Unplaced> unplaced_;
  std::vector<Side> sides_;
  std::set<Bytes> verified_;
  std::uint64_t now_ = 0, wall_ = 0;
  Counts counts_;
  std::vector<std::string> complaints_;
};

}  // namespace dos::model
