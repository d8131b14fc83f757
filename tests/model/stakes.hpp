// Stake, and which sets of voters are strong. Wrong ways of counting stand beside the right one, so that every search can
// show that it would see them (docs/spec/consensus.md, "Certificates").
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace dos::model {

using Mask = std::uint32_t;  // a set of members, bit by bit

enum class Count {
  right,  // 3S > 2W over stake, wide enough, each member once
  at_least,  // 3S >= 2W
  rounded_down,  // S >= W * 2 / 3 in whole numbers
  by_members,  // more than two thirds of the members, whatever their stake
  wrapped,  // in 64 bits that overflow
  liars_twice,  // a vote that comes twice counts twice
};

class Stakes {
 public:
  // `liars`: who may be Byzantine. Which sets are strong is worked out once: a walk asks it all the time.
  Stakes(std::string name, std::vector<std::uint64_t> weights, Mask liars, Count count = Count::right);

  int members() const { return int(weights_.size()); }
  Mask everybody() const { return (Mask{1} << members()) - 1; }
  Mask liars() const { return liars_; }
  Mask honest() const { return everybody() & ~liars_; }
  bool strong(Mask set) const { return strong_[set]; }
  bool weak(Mask set) const { return weak_[set]; }
  const std::string& name() const { return name_; }
  const std::vector<std::uint64_t>& weights() const { return weights_; }
  Stakes counted(Count count) const { return {name_, weights_, liars_, count}; }

 private:
  std::string name_;
  std::vector<std::uint64_t> weights_;
  Mask liars_;
  std::vector<bool> strong_, weak_;
};

// Distributions with the most stake lying that stays under a third.
Stakes equal(int members);
Stakes whale();  // one honest member of 32 of 100, liars among the small ones
Stakes lying_whale();  // the member of 32 of 100 lies
Stakes zipf();  // seven members of stake 1/rank; four of them, the smallest, lie

}  // namespace dos::model
