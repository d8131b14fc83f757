// People at work: each pays, writes messages and files, one account each, by signed transactions to whatever validator it likes;
// it asks again elsewhere when nothing comes, and gives up when the time that it signed for has passed.
#pragma once
#include "replica/replica.hpp"
#include "sim/checkers/bank.hpp"
#include "sim/replica_process.hpp"

namespace dos::sim {

class Clients {
 public:
  Clients(World& world, ReplicaSetting& setting, Bank& bank, Random random);
  void start();
  void stop_making() { making_ = false; }                 // what is under way goes on
  void final_block(const chain::MadeBlock& made);          // of a height that is new to all
  std::size_t waiting() const { return waiting_.size(); }
  std::uint64_t made() const { return made_; }
  std::uint64_t expired() const { return expired_; }
  const std::vector<SimTime>& latencies() const { return latencies_; }  // from signing to a final block, in the order they came

 private:
  struct Waiting {
    ledger::SignedTransaction tx;
    Bytes encoded;
    TimeMs valid_until;
    SimTime made_at = 0;
    std::uint32_t tries = 0;
  };
  void think(std::uint32_t client);
  void make(std::uint32_t client);
  ledger::Transaction draft(std::uint32_t client, Payment& payment);
  void hand_in(const Hash& txid);
  bool submit(SimMachine& machine, const Hash& txid, const Waiting& w);
  SimTime think_time();

  World& world_;
  ReplicaSetting& setting_;
  Bank& bank_;
  Random random_;
  SimEntropy entropy_;
  std::vector<crypto::SigningKey> keys_;
  std::map<Hash, Waiting> waiting_;
  std::vector<SimTime> latencies_;
  std::uint64_t made_ = 0, expired_ = 0;
  bool making_ = true;
};

}  // namespace dos::sim
