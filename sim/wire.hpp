// Between the machines and the network: liars change what they send, and the checkers see what everybody sends.
#pragma once
#include "sim/liars/liar.hpp"

namespace dos::sim {

class Wire final : public SendTap {
 public:
  explicit Wire(World& world) : world_(world) {}
  void add(Machine machine, std::unique_ptr<Liar> liar) { liars_[machine] = std::move(liar); }
  std::vector<Bytes> sent(Machine from, Machine to, Bytes bytes) override;

 private:
  void watch_twins(std::uint32_t validator, const net::Frame& frame);
  World& world_;
  std::map<Machine, std::unique_ptr<Liar>> liars_;
  std::map<std::pair<std::uint32_t, View>, Hash> proposed_;  // by twins
};

}  // namespace dos::sim
