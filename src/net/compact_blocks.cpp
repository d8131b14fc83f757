#include "net/compact_blocks.hpp"

#include <algorithm>

namespace dos::net {
namespace {

// Fits one frame beside the header, its vote and the lengths.
constexpr std::size_t kMaxBodyBytes = kMaxFrameBytes - 32 * 1024;

// Short id -> place in the block. A bitmap in front: most of a large pool is in no given block.
class Places {
 public:
  explicit Places(const std::vector<ShortId>& ids) : bits_(kBits / 64) {
    sorted_.reserve(ids.size());
    for (std::uint32_t i = 0; i < ids.size(); ++i) {
      sorted_.emplace_back(ids[i], i);
      bits_[bit(ids[i]) / 64] |= 1ull << bit(ids[i]) % 64;
    }
    std::ranges::sort(sorted_);
  }
  bool distinct() const {
    return std::ranges::adjacent_find(sorted_, {}, [](const auto& p) { return p.first; }) == sorted_.end();
  }
  std::optional<std::uint32_t> of(const ShortId& id) const {
    if ((bits_[bit(id) / 64] >> bit(id) % 64 & 1) == 0) return std::nullopt;
    const auto at = std::ranges::lower_bound(sorted_, id, {}, [](const auto& p) { return p.first; });
    return at != sorted_.end() && at->first == id ? std::optional(at->second) : std::nullopt;
  }

 private:
  static constexpr std::size_t kBits = 1 << 16;
  static std::size_t bit(const ShortId& id) { return std::size_t(id[0]) | std::size_t(id[1]) << 8; }
  std::vector<std::pair<ShortId, std::uint32_t>> sorted_;
  std::vector<std::uint64_t> bits_;
};

bool ascending(const std::vector<std::uint32_t>& places, std::size_t count) {
  return std::ranges::adjacent_find(places, std::greater_equal{}) == places.end() && (places.empty() || places.back() < count);
}

}  // namespace

ProposeFrame make_proposal(consensus::Proposal proposal, const ledger::Payload& payload, std::span<const Hash> wtxids, Entropy& entropy) {
  ProposeFrame frame{std::move(proposal), {}};
  if (wtxids.size() <= kCompactAbove) {
    Bytes whole = codec::encode(payload);
    if (whole.size() <= kMaxBodyBytes) frame.body = WholePayload{std::move(whole)};
    else frame.body = AskForIt{};
    return frame;
  }
  std::uint8_t random[8];
  entropy.fill(random);
  ShortIds ids;
  ids.salt = read_be<std::uint64_t>(random);
  const ShortIdKey key(frame.proposal.header.parent, frame.proposal.header.view, ids.salt);
  ids.ids.reserve(wtxids.size());
  for (const auto& w : wtxids) ids.ids.push_back(key.of(w));
  ids.lists = payload.lists;
  ids.list_of = payload.list_of;
  frame.body = std::move(ids);
  return frame;
}

Result<BlockTransactions> answer_transactions(const GetTransactions& ask, const ledger::Payload& payload) {
  if (!ascending(ask.places, payload.transactions.size())) return fail(Errc::malformed, "places that are not in the block");
  BlockTransactions answer{ask.id, ask.places, {}};
  answer.transactions.reserve(ask.places.size());
  for (const auto place : ask.places) answer.transactions.push_back(payload.transactions[place]);
  return answer;
}

CompactBlocks::CompactBlocks(const PendingTransactions& pool, Outbox& out, Clock& clock, BlockFetch& fetch, BlockArrivals& arrivals)
    : pool_(pool), out_(out), clock_(clock), fetch_(fetch), arrivals_(arrivals) {}

Status CompactBlocks::received(std::uint16_t from, ProposeFrame frame) {
  const auto& header = frame.proposal.header;
  if (header.payload.len > kMaxPayloadBytes) return fail(Errc::limit, "a payload of " + std::to_string(header.payload.len) + " bytes");
  const Hash id = ledger::block_id(header);
  if (partial_.contains(id)) return {};
  if (auto* whole = std::get_if<WholePayload>(&frame.body)) {
    DOS_TRY(check_payload(header, whole->payload));
    fetch_.have(id);
    arrivals_.block_arrived(from, std::move(frame.proposal), std::move(whole->payload), {});
    return {};
  }
  if (auto* ids = std::get_if<ShortIds>(&frame.body)) return begin(from, id, std::move(frame.proposal), std::move(*ids));
  fall_back(from, id, header.view);
  return {};
}

// Each costs a walk over the pool, so the same proposal is not put together again and again.
bool CompactBlocks::may_rebuild(std::uint16_t from, const Hash& id) {
  auto& mine = rebuilds_[from];
  if (std::ranges::count(mine.begun, id) != 0 || !mine.budget.take(clock_.monotonic_ns(), 1)) return false;
  mine.begun.push_back(id);
  if (mine.begun.size() > kRebuiltRemembered) mine.begun.pop_front();
  return true;
}

std::uint64_t CompactBlocks::held_bytes() const {
  std::uint64_t bytes = 0;
  for (const auto& [id, partial] : partial_) bytes += partial.proposal.header.payload.len;
  return bytes;
}

Status CompactBlocks::begin(std::uint16_t from, const Hash& id, consensus::Proposal proposal, ShortIds ids) {
  const auto& header = proposal.header;
  if (ids.ids.empty() || ids.ids.size() > header.payload.len / kMinTransactionBytes)
    return fail(Errc::malformed,
                std::to_string(ids.ids.size()) + " short ids for a payload of " + std::to_string(header.payload.len) + " bytes");
  const Places places(ids.ids);
  if (!places.distinct() || !may_rebuild(from, id)) {  // two names alike: once in 2^48 honest pairs
    fall_back(from, id, header.view);
    return {};
  }
  // Most of the pool's oldest are in the block, so the walk ends early. A second transaction of the same name further on
  // would go unseen; then the payload's hash does not come out, and the block is fetched whole.
  const ShortIdKey key(header.parent, header.view, ids.salt);
  std::vector<const ledger::SignedTransaction*> found(ids.ids.size());
  std::vector<Hash> pending(ids.ids.size());
  std::size_t left = ids.ids.size();
  pool_.each([&](const Hash& wtxid) {
    const auto place = places.of(key.of(wtxid));
    if (place && !found[*place] && (found[*place] = pool_.find(wtxid))) {
      pending[*place] = wtxid;
      --left;
    }
    return left > 0;
  });
  Partial partial{from, std::move(proposal), {}, {}, {}, clock_.monotonic_ns() + kTransactionsWaitNs, ++order_};
  partial.payload.lists = std::move(ids.lists);
  partial.payload.list_of = std::move(ids.list_of);
  partial.payload.transactions.resize(found.size());
  std::size_t bytes = 0;
  for (std::uint32_t i = 0; i < found.size(); ++i) {
    if (found[i]) partial.payload.transactions[i] = ledger::payload_form(*found[i]);
    else partial.missing.push_back(i);
    bytes += partial.payload.transactions[i].size();
    if (bytes <= partial.proposal.header.payload.len) continue;
    fall_back(from, id, partial.proposal.header.view);  // cannot come out right: hold no more of it than the header says
    return {};
  }
  if (partial.missing.empty()) {
    partial.pending = std::move(pending);
    finish(id, std::move(partial));
    return {};
  }
  if (partial.missing.size() > kMaxMissingPlaces || !out_.send(from, GetTransactions{id, partial.missing})) {
    fall_back(from, id, partial.proposal.header.view);
    return {};
  }
  asked_ += partial.missing.size();
  make_room(from);
  fetch_.hold(id, from, partial.due_ns);
  partial_.emplace(id, std::move(partial));
  return {};
}

void CompactBlocks::make_room(std::uint16_t from) {
  const auto oldest = [&](auto counts) -> std::pair<std::uint32_t, std::optional<Hash>> {
    std::uint32_t count = 0;
    std::optional<std::pair<std::uint64_t, Hash>> first;
    for (const auto& [id, partial] : partial_) {
      if (!counts(partial)) continue;
      ++count;
      if (!first || partial.order < first->first) first = {partial.order, id};
    }
    return {count, first ? std::optional(first->second) : std::nullopt};
  };
  if (const auto [count, id] = oldest([&](const Partial& p) { return p.from == from; }); count >= kMaxPartialPerPeer) give_up(*id);
  if (const auto [count, id] = oldest([](const Partial&) { return true; }); count >= kMaxPartialBlocks) give_up(*id);
}

void CompactBlocks::received(std::uint16_t from, BlockTransactions answer) {
  const auto at = partial_.find(answer.id);
  if (at == partial_.end() || at->second.from != from) return;
  if (answer.places != at->second.missing) return give_up(answer.id);
  auto node = partial_.extract(at);
  Partial& partial = node.mapped();
  for (std::size_t i = 0; i < answer.places.size(); ++i) partial.payload.transactions[answer.places[i]] = std::move(answer.transactions[i]);
  finish(answer.id, std::move(partial));
}

void CompactBlocks::finish(const Hash& id, Partial partial) {
  Bytes payload = codec::encode(partial.payload);
  if (!check_payload(partial.proposal.header, payload)) return fall_back(partial.from, id, partial.proposal.header.view);
  fetch_.have(id);
  arrivals_.block_arrived(partial.from, std::move(partial.proposal), std::move(payload), std::move(partial.pending));
}

void CompactBlocks::fall_back(std::uint16_t from, const Hash& id, View view) {
  ++fell_back_;
  fetch_.release(id);
  fetch_.want_pushed(from, id, view);
}

void CompactBlocks::give_up(const Hash& id) {
  const auto at = partial_.find(id);
  if (at == partial_.end()) return;
  const auto from = at->second.from;
  const auto view = at->second.proposal.header.view;
  partial_.erase(at);
  fall_back(from, id, view);
}

void CompactBlocks::have(const Hash& id) { partial_.erase(id); }

void CompactBlocks::peer_down(std::uint16_t peer) {
  std::vector<Hash> lost;
  for (const auto& [id, partial] : partial_)
    if (partial.from == peer) lost.push_back(id);
  for (const auto& id : lost) give_up(id);
}

void CompactBlocks::wake() {
  const auto now = clock_.monotonic_ns();
  std::vector<Hash> late;
  for (const auto& [id, partial] : partial_)
    if (partial.due_ns <= now) late.push_back(id);
  for (const auto& id : late) give_up(id);
}

std::optional<std::uint64_t> CompactBlocks::deadline_ns() const {
  std::optional<std::uint64_t> due;
  for (const auto& [id, partial] : partial_) due = due ? std::min(*due, partial.due_ns) : partial.due_ns;
  return due;
}

}  // namespace dos::net
