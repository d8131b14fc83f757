// Who only reads, and who stores content: they ask honest validators how current an answer is, and hand in content that all are to
// promise to hold. In networks of liars about just that.
#pragma once
#include "sim/replica_process.hpp"

namespace dos::sim {

class Guests {
 public:
  Guests(World& world, Random random);
  void start();
  void stop() { coming_ = false; }                       // what is under way goes on
  void check_ending();                                   // who promised content holds all of it
  // From asking until a strong set said so, or until the answer that none does.
  const std::vector<SimTime>& acknowledged() const { return acknowledged_; }
  const std::vector<SimTime>& stored() const { return stored_; }
  std::uint64_t in_vain() const { return in_vain_; }     // of both: no strong set

 private:
  struct Promised {
    Hash root;
    std::uint16_t validator;
  };
  void ask_tip();
  void store();
  void at_some_honest(std::function<void(SimMachine&, replica::Replica&)> act);
  void put(SimMachine& machine, replica::Replica& replica, const Bytes& content, const ledger::BlobManifest& manifest);
  void done(std::vector<SimTime>& of, SimTime since, bool strong);

  World& world_;
  Random random_;
  SimEntropy entropy_;
  std::vector<SimTime> acknowledged_, stored_;
  std::vector<Promised> promised_;
  std::uint64_t in_vain_ = 0;
  bool coming_ = true;
};

}  // namespace dos::sim
