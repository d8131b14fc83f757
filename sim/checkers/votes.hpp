// P6 and "durable before send", on what honest nodes really send: no key ever signs two conflicting votes, over all lives of its
// node, and each vote can be read from the node's durable image at the moment it leaves; or it leaves with its header, right above
// the highest view of those that can (docs/spec/consensus.md, "Headers ahead of their record").
#pragma once
#include <map>
#include <set>

#include "fakes/disk.hpp"
#include "fakes/network.hpp"
#include "ledger/block.hpp"
#include "sim/checkers/failures.hpp"

namespace dos::sim {

using namespace fakes;

class VoteWatch {
 public:
  explicit VoteWatch(Failures& failures) : failures_(failures) {}
  // Sees what becomes durable in the machine's journal folder.
  void watch(Machine machine, SimDisk& disk, std::string journal_folder);
  void sent(Machine machine, std::uint16_t voter, const ledger::Vote& vote, bool with_header = false);
  void disk_lost(Machine machine) {
    durable_[machine].clear();
    highest_[machine].clear();
  }
  void forget(Machine machine) { ignored_.insert(machine); }  // its drive lost what had been synced: it counts as a liar
  bool forgotten(Machine machine) const { return ignored_.contains(machine); }
  bool any_forgotten() const { return !ignored_.empty(); }
  std::uint64_t votes() const { return votes_; }
  std::uint64_t ahead() const { return went_ahead_.size(); }  // of them, before they were durable
  std::uint64_t lost() const;                     // of those, that never were

 private:
  struct Ballots {  // of one key in one view
    std::optional<Hash> notar;
    bool null = false;
    std::optional<std::pair<Hash, Hash>> final;
  };
  void durable(Machine machine, BytesView bytes);
  void keep(Machine machine, const ledger::Vote& vote);

  Failures& failures_;
  std::map<std::pair<Machine, std::uint64_t>, Ballots> said_;
  std::map<Machine, std::set<std::pair<std::uint16_t, ledger::VoteItem>>> durable_;  // by voter
  std::map<Machine, std::set<std::pair<std::uint16_t, ledger::VoteItem>>> ever_;     // also on disks that were lost
  std::map<Machine, std::map<std::uint16_t, View>> highest_;  // view of those, by voter
  std::map<Machine, std::set<ledger::VoteItem>> seen_;
  std::set<Machine> ignored_;
  std::vector<std::pair<Machine, std::pair<std::uint16_t, ledger::VoteItem>>> went_ahead_;
  std::uint64_t votes_ = 0;
};

}  // namespace dos::sim
