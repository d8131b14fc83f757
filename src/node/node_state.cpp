// State queries: paths become keys and ranges by the rules of the module that has them, then one proof of all.
#include <algorithm>
#include <set>
#include <shared_mutex>

#include "ledger/path_reader.hpp"
#include "node/node.hpp"

namespace dos::node {
namespace {

constexpr std::uint64_t kHeightWaitNs = 5'000'000'000;
using Path = ledger::PathItem;

// What is asked more than once, by items that are alike or by paths that share their beginning, is read and proved once.
struct Plan final : ledger::PathReader {
  Plan(const store::Store& from, Height height, store::Reads& paid, const ledger::SystemRules& of)
      : store(from), request{height, {}}, reads(paid), rules(of) {}

  const store::Store& store;
  store::ProofRequest request;
  store::Reads& reads;
  const ledger::SystemRules& rules;
  std::map<Bytes, bool> keys;  // with data
  std::set<std::tuple<Bytes, Bytes, std::uint32_t, bool>> ranges;
  std::map<Bytes, std::optional<Bytes>> metas;
  std::map<Bytes, Bytes> floors;

  void prove(Bytes k, bool with_data) override {
    const auto [at, fresh] = keys.emplace(k, with_data);
    if (!fresh && (at->second || !with_data)) return;
    at->second = with_data;
    request.items.push_back(store::ProofRequest::Key{std::move(k), with_data});
  }
  void range(Bytes prefix, Bytes after, std::uint32_t limit, bool with_data) {
    if (ranges.emplace(prefix, after, limit, with_data).second)
      request.items.push_back(store::ProofRequest::Range{std::move(prefix), std::move(after), limit, with_data});
  }
  void prove_range(Bytes prefix, Bytes after, std::uint32_t limit) override { range(std::move(prefix), std::move(after), limit, true); }
  Result<std::optional<Bytes>> meta(const Bytes& k) override {
    if (const auto at = metas.find(k); at != metas.end()) return at->second;
    DOS_ASSIGN(auto record, store.get_at(k, request.height, &reads));
    return metas.emplace(k, record ? std::optional(std::move(record->meta)) : std::nullopt).first->second;
  }
  Result<Bytes> floor(const Bytes& k) override {
    if (const auto at = floors.find(k); at != floors.end()) return at->second;
    DOS_ASSIGN(auto found, store.floor_at(k, request.height, &reads));
    return floors.emplace(k, std::move(found)).first->second;
  }

  Status path(const Path& item) {
    if (item.components.size() > kMaxPathDepth)
      return fail(Errc::limit, "a path has at most " + std::to_string(kMaxPathDepth) + " components");
    if (item.limit == 0 || item.limit > kMaxRangeItems) return fail(Errc::limit, "a listing's limit is 1 to 1000");
    if (item.after.size() > kMaxNameBytes) return fail(Errc::limit, "a name is longer than " + std::to_string(kMaxNameBytes) + " bytes");
    for (const auto& module : rules)
      if (module.read_path != nullptr) return module.read_path(item, *this);
    return fail(Errc::no_such_call, "no module of this network has paths");
  }

  Status item(const std::variant<ledger::KeyItem, ledger::RangeItem, Path>& asked);
};

Status check_range(const ledger::RangeItem& r) {
  if (r.limit == 0 || r.limit > kMaxRangeItems) return fail(Errc::limit, "a range's limit is 1 to 1000");
  if (r.prefix.size() > kMaxKeyBytes || r.after.size() > kMaxKeyBytes) return fail(Errc::limit, "a key is longer than 322 bytes");
  return {};
}

std::uint64_t bytes_of(const proof::StateProof& proof) {
  std::uint64_t bytes = 32 * (proof.mmr_path.size() + proof.bits_path.size());
  for (const auto& r : proof.records) bytes += 256 + r.leaf.key.size() + (r.data ? r.data->size() : 0);
  return bytes;
}

Status Plan::item(const std::variant<ledger::KeyItem, ledger::RangeItem, Path>& asked) {
  if (const auto* p = std::get_if<Path>(&asked)) return path(*p);
  if (const auto* r = std::get_if<ledger::RangeItem>(&asked)) {
    DOS_TRY(check_range(*r));
    range(r->prefix, r->after, r->limit, r->with_data);
    return {};
  }
  const auto& k = std::get<ledger::KeyItem>(asked);
  if (k.key.size() > kMaxKeyBytes) return fail(Errc::limit, "a key is longer than 322 bytes");
  prove(k.key, k.with_data);
  return {};
}

}  // namespace

// Each piece is paid before it is read, and between two the chain's lock is free: a block may become final meanwhile. What was read
// of the past stays true. An answer about the present must be of the newest height: it starts over, at last without letting go, for
// kMaxHeldReads at most.
Result<std::optional<ledger::StateAnswer>> Node::read_state(const ledger::StateQuery& query, const api::Source& source,
                                                            std::uint64_t most_reads) const {
  if (query.items.empty() || query.items.size() > api::kMaxStateItems)
    return fail(Errc::limit, "a state query has 1 to " + std::to_string(api::kMaxStateItems) + " items");
  DOS_TRY(pay(source, {query.items.size(), 0, 0}));
  std::uint64_t pieces = 0, held = 0;
  bool too_long = false;
  for (unsigned start = 1;; ++start) {
    std::shared_lock hold(chain_->finals().lock());
    if (!chain_->finals().anchor()) return fail(Errc::not_ready, "no block is final yet");
    const auto& store = chain_->finals().store();
    const auto height = query.at.value_or(store.height());
    if (height > store.height()) return fail(Errc::behind, "this node is at block " + std::to_string(store.height().value));
    store::Reads reads(height < store.height() ? store::kMaxHistoryReads : store::kMaxPresentReads, [&]() -> Status {
      too_long = ++pieces * store::kPieceReads >= most_reads;
      if (too_long) return fail(Errc::busy, "the answer takes more than a moment");
      if (asked_to_stop_) return fail(Errc::not_ready, "the node stops");
      if (!query.at && start >= kMaxStarts) {
        DOS_TRY(pay(source, {store::kPieceReads, 0, 0}));
        return ++held < kMaxHeldReads / store::kPieceReads
                   ? Status{}
                   : fail(Errc::busy, "blocks come faster than this answer: ask for less, or at a height");
      }
      hold.unlock();
      auto paid = pay(source, {store::kPieceReads, 0, 0});
      hold.lock();
      return paid;
    });
    const auto prove = [&]() -> Result<proof::StateProof> {
      Plan plan(store, height, reads, chain_->identity().rules);
      for (const auto& item : query.items) DOS_TRY(plan.item(item));
      return store.prove(plan.request, &reads);
    };
    auto proof = prove();
    if (too_long) return std::nullopt;
    if (!query.at && store.height() != height) continue;
    if (!proof) return std::unexpected(proof.error());
    metrics_.proofs.fetch_add(1);
    ledger::StateAnswer answer{*chain_->finals().anchor(), std::move(*proof)};
    hold.unlock();
    owe(source, {reads.since_pause(), bytes_of(answer.proof), 0});  // less than a piece, and what was fetched with it
    return answer;
  }
}

void Node::answer_state(ledger::StateQuery query, api::Answer<ledger::StateAnswer> done, const api::Source& source) {
  auto answer = read_state(query, source, kMomentReads);
  if (!answer) return done(std::unexpected(answer.error()));
  if (*answer) return done(std::move(**answer));
  lengthy_.post(source, [this, query = std::move(query), done = std::move(done), source](bool run) {
    if (!run) return done(fail(Errc::busy, std::to_string(kMaxLongQuestions) + " long questions wait already"));
    auto made = read_state(query, source, UINT64_MAX);
    if (!made) return done(std::unexpected(made.error()));
    done(std::move(**made));
  });
}

void Node::state(ledger::StateQuery query, api::Answer<ledger::StateAnswer> done, const api::Source& source) {
  Height have;
  {
    std::shared_lock hold(chain_->finals().lock());
    have = chain_->finals().store().height();
  }
  if (query.min_height <= have) return answer_state(std::move(query), std::move(done), source);
  auto shared = std::make_shared<api::Answer<ledger::StateAnswer>>(std::move(done));
  auto behind = [have] { return fail(Errc::behind, "this node is at block " + std::to_string(have.value)); };
  bool stops = false;
  std::optional<HeightWait> crowded_out;
  {
    std::lock_guard hold(mutex_);
    stops = stopping_;
    if (!stops) {
      const auto least = query.min_height;
      auto answer = [this, shared, behind, source, query = std::move(query)](bool reached) {
        if (!reached) return (*shared)(behind());
        answer_state(query, *shared, source);
      };
      crowded_out = height_waits_.add({least, edges_.clock.monotonic_ns() + kHeightWaitNs, source, std::move(answer)});
    }
  }
  if (crowded_out) crowded_out->done(false);
  if (stops) return (*shared)(behind());
  loop_->post([](replica::Replica&) {});  // its deadline is heard of
  Height now;
  {
    std::shared_lock hold(chain_->finals().lock());
    now = chain_->finals().store().height();
  }
  if (now > have) wake_heights(now);  // a block came between the look and the wait
}

}  // namespace dos::node
