// Writes of several transactions, each made from what stands there once those before it are final: a folder, then what is put into it.
#pragma once
#include <memory>
#include <vector>

#include "client/calls/draft.hpp"
#include "client/calls/hand_in.hpp"

namespace dos::client {

inline constexpr int kStaleTries = 8;  // of one draft: somebody changed what was looked at

struct Step {
  std::vector<Draft> drafts;  // handed in at once, under one signature; none: the plan is at its end
  // Which try at it this is, from 1: if it ends STALE, the plan is asked for it again. 0: that is the plan's end.
  int attempt = 0;
};

inline Step one_step(Draft draft, int attempt = 0) {
  Step step{{}, attempt};
  step.drafts.push_back(std::move(draft));
  return step;
}

// It can be left between two steps, and gone on with later. After an error it is over, whoever gave it: what it had taken up is lost to
// it, and what comes next starts from a new one (client/calls/submit.hpp refuses to go on).
class Plan {
 public:
  virtual ~Plan() = default;
  // What to hand in next, made from the proved state as it is now. Content that a draft claims lies at the nodes by then, sealed.
  virtual Result<Step> next() = 0;
  // The last step is final and took effect: one end a draft.
  virtual Status proved(std::vector<Done> done) = 0;
  bool over = false;  // for who carries it out
};

// What it came to, once there is no next step.
template <class Outcome>
class PlanOf : public Plan {
 public:
  virtual Outcome outcome() = 0;
};
template <class Outcome>
using Planned = std::unique_ptr<PlanOf<Outcome>>;

}  // namespace dos::client
