// A validator's whole logic (replica::Replica) as a process of a simulated machine.
#pragma once
#include <deque>

#include "replica/replica.hpp"
#include "sim/setting.hpp"
#include "sim/world.hpp"

namespace dos::sim {

// What the run wants to know of its replicas. Called from within their calls.
struct ReplicaWatch {
  virtual ~ReplicaWatch() = default;
  virtual void opened(Machine machine, replica::Replica& replica) = 0;
  virtual void final_block(Machine machine, const chain::MadeBlock& made) = 0;
  virtual void refused(Machine machine, const Hash& txid, const Error& why) = 0;
};

struct ReplicaSetting {
  const Modules* modules = nullptr;
  Bytes genesis;
  Hash chain;
  const consensus::EngineRow* engine = nullptr;
  SimDisk code;                                         // shared by all
  std::vector<crypto::SigningKey> vote_keys, node_keys; // by validator
  std::set<Machine> keys_used;                          // noted beside the keys, on no disk that gets lost
};

class ReplicaProcess final : public Process, private replica::ReplicaEvents {
 public:
  static Result<std::unique_ptr<Process>> open(World& world, ReplicaSetting& setting, ReplicaWatch& watch, SimMachine::Boot boot);
  void start() override;
  void wake() override;
  std::optional<std::uint64_t> wakeup_ns() const override;
  replica::Replica& replica() { return *replica_; }

 private:
  struct DiskWork {  // as on a thread of its own: done some time after it was asked for, or lost with the process
    std::uint64_t due_ns = 0;
    std::move_only_function<Status()> work;
    std::move_only_function<void(Status)> then;
  };
  ReplicaProcess(World& world, ReplicaSetting& setting, ReplicaWatch& watch, SimMachine& machine, Clock& clock)
      : world_(world),
        setting_(setting),
        watch_(watch),
        machine_(machine),
        clock_(clock),
        state_(machine.disk, "state"),
        journal_(machine.disk, "journal"),
        archive_(machine.disk, "archive"),
        blobs_(machine.disk, "blobs"),
        code_(setting.code, "code") {}
  void final_block(const chain::MadeBlock& made, const std::vector<replica::Included>& mine) override;
  void refused(const Hash& txid, const Error& why) override;
  void halted(const Error& why) override;

  World& world_;
  ReplicaSetting& setting_;
  ReplicaWatch& watch_;
  SimMachine& machine_;
  Clock& clock_;
  std::deque<DiskWork> disk_work_;  // in the order it was asked for
  SubDisk state_, journal_, archive_, blobs_, code_;
  std::unique_ptr<replica::Replica> replica_;
};

}  // namespace dos::sim
