#include "stakes.hpp"

namespace dos::model {
namespace {

using Wide = unsigned __int128;

std::uint64_t sum(const std::vector<std::uint64_t>& weights, Mask set) {  // modulo 2^64, as careless code would
  std::uint64_t s = 0;
  for (std::size_t i = 0; i < weights.size(); ++i)
    if (set >> i & 1) s += weights[i];
  return s;
}
Wide wide_sum(const std::vector<std::uint64_t>& weights, Mask set) {
  Wide s = 0;
  for (std::size_t i = 0; i < weights.size(); ++i)
    if (set >> i & 1) s += weights[i];
  return s;
}

bool is_strong(const std::vector<std::uint64_t>& weights, Mask set, Mask all, Mask liars, Count count) {
  const Wide part = wide_sum(weights, set), total = wide_sum(weights, all);
  switch (count) {
    case Count::right: return 3 * part > 2 * total;
    case Count::at_least: return 3 * part >= 2 * total;
    case Count::rounded_down: return part >= total * 2 / 3;
    case Count::by_members: return 3 * __builtin_popcount(set) > 2 * __builtin_popcount(all);
    case Count::wrapped: return 3 * sum(weights, set) > 2 * sum(weights, all);
    case Count::liars_twice: return 3 * (part + wide_sum(weights, set & liars)) > 2 * total;
  }
  return false;
}

}  // namespace

Stakes::Stakes(std::string name, std::vector<std::uint64_t> weights, Mask liars, Count count)
    : name_(std::move(name)), weights_(std::move(weights)), liars_(liars) {
  const Wide total = wide_sum(weights_, everybody());
  for (Mask set = 0; set <= everybody(); ++set) {
    strong_.push_back(is_strong(weights_, set, everybody(), liars_, count));
    weak_.push_back(3 * wide_sum(weights_, set) > total);
  }
}

Stakes equal(int members) {
  const Mask liars = ((Mask{1} << (members - 1) / 3) - 1) << (members - (members - 1) / 3);
  return {"equal, n = " + std::to_string(members), std::vector<std::uint64_t>(std::size_t(members), 1), liars};
}
Stakes whale() { return {"an honest whale of 32 %", {32, 17, 17, 17, 11, 6}, 0b010100}; }  // 17 + 11 = 28 lie
Stakes lying_whale() { return {"a lying whale of 32 %", {32, 23, 23, 22}, 0b0001}; }
Stakes zipf() { return {"Zipf, n = 7", {420, 210, 140, 105, 84, 70, 60}, 0b1111000}; }  // 319 of 1,089 lie

}  // namespace dos::model
