#include "sim/guests.hpp"

#include "crypto/hash.hpp"
#include "ledger/blob.hpp"

namespace dos::sim {
namespace {
constexpr std::uint64_t kTipWaitMs = 2'000, kStoredWaitMs = 10'000;  // as long as a node gives them
constexpr SimTime kFirst = kSecond;  // all are linked by then, if they can be
constexpr std::uint64_t kMostContent = 3 * kChunkBytes;

BytesView chunk_of(const Bytes& content, std::size_t i) {
  return BytesView(content).subspan(i * kChunkBytes, std::min<std::size_t>(kChunkBytes, content.size() - i * kChunkBytes));
}
}  // namespace

Guests::Guests(World& world, Random random) : world_(world), random_(random), entropy_(random.fork("entropy")) {}

void Guests::start() {
  world_.schedule.after(kFirst, [this] {
    ask_tip();
    store();
  });
}

void Guests::at_some_honest(std::function<void(SimMachine&, replica::Replica&)> act) {
  auto at = random_.below(world_.plan.validators());
  while (!world_.honest(Machine(at))) at = random_.below(world_.plan.validators());
  auto& machine = *world_.machines[at];
  machine.call([act = std::move(act), &machine] { act(machine, static_cast<ReplicaProcess*>(machine.process())->replica()); });
}

void Guests::done(std::vector<SimTime>& of, SimTime since, bool strong) {
  of.push_back(world_.now() - since);
  in_vain_ += !strong;
}

void Guests::ask_tip() {
  world_.schedule.after(random_.between(50, 250) * kMs, [this] {
    if (!coming_) return;
    Hash nonce;
    entropy_.fill(nonce.bytes);
    at_some_honest([this, nonce](SimMachine&, replica::Replica& replica) {
      const auto since = world_.now();
      replica.ask_tip(nonce, kTipWaitMs, [this, since](Result<ledger::TipAnswer> answer) {
        std::uint64_t all = 0, said = 0;
        for (const auto weight : world_.plan.weights) all += weight;
        if (answer)
          for (const auto& ack : answer->acks)
            if (ack.body.fin_voted <= answer->anchor.header.height) said += world_.plan.weights[ack.validator];
        done(acknowledged_, since, ledger::strong(said, all));
      });
    });
    ask_tip();
  });
}

void Guests::store() {
  world_.schedule.after(random_.between(500, 1'500) * kMs, [this] {
    if (!coming_) return;
    Bytes content(random_.between(kInlineContentBytes + 1, kMostContent));
    entropy_.fill(content);
    ledger::BlobManifest manifest;
    manifest.bytes = content.size();
    for (std::size_t i = 0; i < ledger::chunk_count(content.size()); ++i)
      manifest.chunks.push_back(crypto::plain_hash(chunk_of(content, i)));
    world_.known_content.push_back(manifest);
    world_.schedule.after(random_.between(0, 400) * kMs, [this, content = std::move(content), manifest = std::move(manifest)] {
      at_some_honest(
          [this, content, manifest](SimMachine& machine, replica::Replica& replica) { put(machine, replica, content, manifest); });
    });
    store();
  });
}

void Guests::put(SimMachine& machine, replica::Replica& replica, const Bytes& content, const ledger::BlobManifest& manifest) {
  const auto root = ledger::blob_root(manifest);
  if (!root) return;
  const auto wall_ms = machine.clock.wall_ms();
  {
    auto& chain = replica.chain();
    const chain::WriteHold hold(chain.content().lock());
    if (!chain.content().blobs().begin(*root, manifest.bytes, manifest.chunks, wall_ms)) return;
    for (std::size_t i = 0; i < manifest.chunks.size(); ++i)
      if (!chain.content().blobs().put_chunk(*root, i, chunk_of(content, i), wall_ms)) return;  // the disk failed, or the power did
  }
  replica.upload_begun();
  for (std::size_t i = 0; i < manifest.chunks.size(); ++i) replica.chunk_here(*root, std::uint32_t(i));
  const auto since = world_.now();
  replica.ask_stored({{*root, manifest.bytes}}, kStoredWaitMs, [this, since, root = *root](Result<ledger::StoredAnswer> answer) {
    std::uint64_t all = 0, signed_by = 0;
    for (const auto weight : world_.plan.weights) all += weight;
    if (answer)
      for (const auto& s : answer->signatures) {
        signed_by += world_.plan.weights[s.validator];
        promised_.push_back({root, s.validator});
      }
    done(stored_, since, ledger::strong(signed_by, all));
  });
}

void Guests::check_ending() {
  for (const auto& [root, validator] : promised_) {
    const auto& m = *world_.machines[validator];
    if (!world_.honest(validator) || world_.plan.disk_unsafe[validator] || !m.on()) continue;
    auto& chain = static_cast<ReplicaProcess*>(m.process())->replica().chain();
    const chain::ReadHold hold(chain.content().lock());
    const auto info = chain.content().blobs().info(root);
    if (!info || !*info || !(*info)->complete())
      return world_.failures.add("promised content", "v" + std::to_string(validator + 1) + " does not hold " + hex(root.view()));
  }
}

}  // namespace dos::sim
