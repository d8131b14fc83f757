// How long a view is waited for, and which leaders are not waited for: estimates of one network delay, of local work and of what
// each leader's views take, by integers only. Local: no rule of safety depends on them, and clocks of different nodes need not
// agree. What is estimated for all is what leaders of more than a third of the weight have shown, so that liars alone, who have
// less, move none of it; what one leader shows beyond that counts against that leader (docs/spec/consensus.md, "Time").
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace dos::consensus {

inline constexpr std::uint64_t kTroubledViews = 32;      // so many without a final block: the network is at fault, and no leader
inline constexpr std::uint64_t kPassOverViews = 4;       // so many that were waited for: others pass over other leaders
inline constexpr std::uint64_t kSlowTimes = 3;           // a view is slow that takes more than so often what the others' take
inline constexpr std::uint64_t kPromptPart = 12;         // and more than this part of the least delay
inline constexpr std::uint64_t kPassOverTimes = 64;      // a slow view is a debt of so often what it cost, a validator
inline constexpr std::uint64_t kTellTimes = 4;           // a leader is told that a block is wanted after so many repair times
inline constexpr std::uint64_t kFirstLateTimes = 16;     // its first late answer is a debt of so often what it took, a validator,
inline constexpr std::uint64_t kLateGrows = 4;           // the next one of so often that, and so on
inline constexpr std::uint64_t kMostLateTimes = 1024;    // up to this, until it has owed nothing for
inline constexpr std::uint64_t kForgetLateNs = 15'000'000'000;
inline constexpr std::uint64_t kAnswerPart = 32;         // this part of what an answer took is forgotten with each
inline constexpr std::uint64_t kLateAgainTimes = 2;      // who was late before is waited for so much longer than what is late
inline constexpr std::uint64_t kMaxPassOverNs = 60'000'000'000;  // of debt
inline constexpr std::uint64_t kRepairPart = 64;         // what is missing is asked for after this part of the least delay, or later
inline constexpr std::uint64_t kFinalPart = 8;           // a block with N waits for FINAL at least for this part of the least delay
inline constexpr std::uint64_t kFinalTimes = 4;          // FINAL takes about as long as N, and is waited for so many times as long

class Pace {
 public:
  Pace(std::vector<std::uint64_t> weights, std::size_t self, std::uint64_t delta_min_ns, std::uint64_t delta_max_ns);

  // ---- what was seen
  void worked(std::size_t proposer, std::uint64_t took_ns);  // a block of that proposer was executed
  void saw_n(std::size_t leader, std::uint64_t now_ns, std::uint64_t took_ns);  // from its view's first header until N
  // How long who wanted something waited in a view of that leader, until N or until it was given up.
  void waited(std::size_t leader, std::uint64_t now_ns, std::uint64_t took_ns);
  // How long a leader that was told that a block is wanted took until its header, or until its view was given up.
  void answered(std::size_t leader, std::uint64_t now_ns, std::uint64_t took_ns);
  void misled(std::size_t leader, std::uint64_t now_ns, std::uint64_t took_ns);  // by a block that is not valid: so long to find out
  void too_slow(std::size_t leader);  // its view failed, or had N only after its time, although it was heard
  void final();
  void forgive();  // nobody owes anything any more

  // ---- what follows
  std::uint64_t delta_ns() const { return delta_; }
  std::uint64_t view_ns() const { return 6 * delta_ + 2 * work(); }  // T(v)
  std::uint64_t sync_ns() const { return 2 * delta_; }               // until help is asked for
  std::uint64_t repair_ns() const;                                   // until a block is asked for that others have
  std::uint64_t final_ns() const;                                    // until a block with N that is not final gets a child
  std::uint64_t tell_ns() const;                                     // until a leader is told that a block is wanted
  // How long a leader that is told now and was late not long ago is waited for; none: as long as any other.
  std::optional<std::uint64_t> late_again_ns(std::size_t leader, std::uint64_t now_ns) const;
  // It owes for slow views, more than others do: all that are passed over have less than a third of the weight. Never this node.
  bool passed_over(std::size_t leader, std::uint64_t now_ns) const;

 private:
  struct Leader {
    std::uint64_t weight = 0;
    std::uint64_t seen = 0;              // header to N, of its last view
    std::uint64_t longest = 0, work = 0;  // decaying maxima: of what its views took, and its blocks
    std::uint64_t answer = 0;            // a slowly decaying maximum: until its header, once it was told
    std::uint64_t late_times = 0, late_until = 0;  // of its last late answer, and how long that is remembered
    bool failed = false;                 // since the last final block
    std::uint64_t until = 0;             // when its debt will be paid by waiting
  };
  std::uint64_t reached(std::uint64_t Leader::* value, const std::vector<bool>& without) const;
  std::vector<bool> passed(std::uint64_t now_ns) const;
  std::uint64_t work() const;
  std::uint64_t late_ns() const;  // an answer is late that takes longer
  bool was_late(const Leader& leader, std::uint64_t now_ns) const;
  void owe(Leader& leader, std::uint64_t now_ns, std::uint64_t debt_ns);

  std::vector<Leader> leaders_;
  std::size_t self_;
  std::uint64_t total_ = 0, min_, max_, delta_;
  std::uint64_t last_work_ = 0;                    // of the last block, whoever made it
  std::uint64_t seen_ = 0, longest_ = 0, work_ = 0, answer_ = 0;  // what leaders of more than a third of the weight reach
};

}  // namespace dos::consensus
