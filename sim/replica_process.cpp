#include "sim/replica_process.hpp"

#include "syscalls/rules.hpp"

namespace dos::sim {
namespace {
constexpr std::uint64_t kDiskWorkNs = 4'000'000;
}

Result<std::unique_ptr<Process>> ReplicaProcess::open(World& world, ReplicaSetting& setting, ReplicaWatch& watch, SimMachine::Boot boot) {
  const auto validator = world.validator(boot.machine.place());
  std::unique_ptr<ReplicaProcess> p(new ReplicaProcess(world, setting, watch, boot.machine, boot.clock));
  replica::ReplicaConfig config;
  config.chain.genesis = setting.genesis;
  config.chain.engine = setting.engine;
  config.chain.modules = [&setting](const std::string& name) { return setting.modules->wasm(name); };
  config.chain.rules = syscalls::system_rules();
  config.chain.code_key = Modules::code_key();
  config.chain.checkpoint.ns = 2 * kSecond;
  config.chain.checkpoint.bytes = 256 * 1024;
  // Small, so that segments fill, are recycled and are read again within a run.
  config.chain.journal.segment_bytes = 128 * 1024;
  config.chain.store.segment_bytes = 256 * 1024;
  config.chain.store.index_snapshot_min = 200;
  config.chain.archive_segment_bytes = 64 * 1024;
  config.key_unused = !setting.keys_used.contains(boot.machine.place());
  config.listen = "v" + std::to_string(validator + 1) + ":7000";
  config.aside = [&p = *p](auto work, auto then) {
    p.disk_work_.push_back({p.clock_.monotonic_ns() + kDiskWorkNs, std::move(work), std::move(then)});
  };
  DOS_ASSIGN(p->replica_, replica::Replica::open(std::move(config), {p->state_, p->journal_, p->archive_, p->blobs_, p->code_},
                                                 setting.vote_keys[validator], setting.node_keys[validator],
                                                 {{boot.clock, boot.entropy, boot.log}, boot.transport}, *p));
  watch.opened(boot.machine.place(), *p->replica_);
  return p;
}

void ReplicaProcess::start() {
  replica_->start();
  if (!machine_.disk.off()) setting_.keys_used.insert(machine_.place());  // the journal holds the gate record by now
}

void ReplicaProcess::wake() {
  while (!disk_work_.empty() && disk_work_.front().due_ns <= clock_.monotonic_ns()) {
    auto next = std::move(disk_work_.front());
    disk_work_.pop_front();
    next.then(next.work());
  }
  replica_->wake();
}

std::optional<std::uint64_t> ReplicaProcess::wakeup_ns() const {
  const auto at = replica_->wakeup_ns();
  if (disk_work_.empty()) return at;
  return at ? std::min(*at, disk_work_.front().due_ns) : disk_work_.front().due_ns;
}

void ReplicaProcess::final_block(const chain::MadeBlock& made, const std::vector<replica::Included>&) {
  const auto& h = made.anchor.header;
  Bytes what = to_bytes(ledger::block_id(h).view());
  append(what, made.anchor.parts.state_root.view());
  world_.trace.note(world_.now(), machine_.place(), "final", what);
  world_.trace.say(world_.now(), machine_.place(), [&] {
    return "block " + std::to_string(h.height.value) + " of view " + std::to_string(h.view.value) +
           " is final: " + hex(BytesView(what).first(6)) + ", " + std::to_string(made.receipts.size()) + " transactions";
  });
  watch_.final_block(machine_.place(), made);
}

void ReplicaProcess::refused(const Hash& txid, const Error& why) { watch_.refused(machine_.place(), txid, why); }

void ReplicaProcess::halted(const Error& why) { machine_.stop_after_call("halted: " + why.detail); }

}  // namespace dos::sim
