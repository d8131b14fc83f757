#include "client/session.hpp"

#include <time.h>

#include <algorithm>
#include <set>
#include <thread>

#include "client/entropy.hpp"
#include "client/known_networks.hpp"

namespace dos::client {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::uint64_t kMaxAnswerBytes = kMaxProofBytes + 1024 * 1024;

bool is_lie(Errc code) {
  switch (code) {
    case Errc::proof_invalid:
    case Errc::proof_incomplete:
    case Errc::signature_invalid:
    case Errc::content_mismatch:
    case Errc::chain_changed:
    case Errc::bad_key: return true;
    default: return false;
  }
}

// What another node may do better.
bool try_next(Errc code) {
  switch (code) {
    case Errc::unreachable:
    case Errc::timed_out:
    case Errc::behind:
    case Errc::height_gone:
    case Errc::not_ready:
    case Errc::busy:
    case Errc::no_blob:
    case Errc::pool_full:
    case Errc::disk_full:
    case Errc::disk:
    case Errc::corrupt:
    case Errc::internal: return true;
    default: return is_lie(code);
  }
}

// What a node may say without a proof and end the command: that the request was wrong, or that it will not take it. Anything
// else, "not found" or "denied" above all, is an answer, and answers are proved.
bool may_claim(Errc code, std::string_view target) {
  switch (code) {
    case Errc::usage:
    case Errc::not_in_release:
    case Errc::malformed:
    case Errc::limit:
    case Errc::bad_name:
    case Errc::wrong_chain:
    case Errc::other_format:
    case Errc::not_stored: return true;
    case Errc::not_found: return target.starts_with("/v1/transactions/");  // "not known here"; the command says that it is a claim
    default: return false;
  }
}

// Bytes that do not decode, or are larger than any answer, are a lie too: an honest node never sends them.
Status proof_at_fault(Status judged) {
  if (judged || (judged.error().code != Errc::malformed && judged.error().code != Errc::limit)) return judged;
  return fail(Errc::proof_invalid, judged.error().detail);
}

Error claim_of(const HttpAnswer& answer, const Url& url, std::string_view target) {
  auto e = problem_of(answer, url);
  if (try_next(e.code) || may_claim(e.code, target)) return e;
  return {Errc::proof_invalid, std::string("it answered \"") + error_row(e.code).title + "\" without a proof"};
}

}  // namespace

std::uint64_t wall_ms() {
  timespec t{};
  ::clock_gettime(CLOCK_REALTIME, &t);
  return std::uint64_t(t.tv_sec) * 1000 + std::uint64_t(t.tv_nsec) / 1'000'000;
}

struct Session::Impl {
  Places places;
  SessionOptions options;
  Network network;
  Root root;
  std::vector<HttpConnection> nodes;
  std::vector<std::string> names;
  std::size_t first = 0;        // the node that answered last: asked first
  std::optional<Trusted> last;  // the highest verified
  SeenBlock seen;                   // from the state folder
  Height floor;                 // reads must show at least this
  std::optional<Clock::time_point> fresh_since;
  std::vector<std::string> notes;

  ~Impl() {
    // Raised once a command, after full verification. Failing to keep it only weakens the next command's check, which the
    // freshness rule covers; there is nobody left to tell.
    if (last && last->header.height > seen.height) (void)raise_highest_seen(places, network.chain, {last->header.height, last->id});
  }

  Status keep(const Trusted& block) {
    const auto contradicts = [&](Height h, const Hash& id) { return block.header.height == h && h.value != 0 && block.id != id; };
    if (contradicts(seen.height, seen.block) || (last && contradicts(last->header.height, last->id)))
      return fail(Errc::chain_changed, "two different final blocks at height " + std::to_string(block.header.height.value));
    if (!last || block.header.height > last->header.height) last = block;
    return {};
  }
};

Session::Session(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Session::Session(Session&&) noexcept = default;
Session& Session::operator=(Session&&) noexcept = default;
Session::~Session() = default;
const Network& Session::network() const { return impl_->network; }
const Places& Session::places() const { return impl_->places; }
const SessionOptions& Session::options() const { return impl_->options; }
const std::optional<Trusted>& Session::last() const { return impl_->last; }
std::vector<std::string> Session::notes() const { return impl_->notes; }
void Session::raise_floor(Height height) { impl_->floor = std::max(impl_->floor, height); }

TimeMs Session::now() const {
  const auto wall = TimeMs(wall_ms());
  return impl_->last ? std::max(impl_->last->header.time, wall) : wall;
}

Result<Session> Session::open(const Places& places, SessionOptions options) {
  auto impl = std::make_unique<Impl>();
  DOS_ASSIGN(impl->network, load_network(places, options.net));
  impl->root = root_of(impl->network.genesis, impl->network.chain);
  impl->places = places;
  DOS_ASSIGN(const auto seen, highest_seen(places, impl->network.chain));
  if (seen) impl->seen = *seen;
  impl->floor = options.min_height;
  std::vector<crypto::PublicKey> node_keys;
  for (const auto& v : impl->network.genesis.validators.members) node_keys.push_back(v.node_key);
  for (const auto& node : impl->network.record.nodes) {
    if (!options.via.empty() && node.name != options.via && node.url != options.via) continue;
    DOS_ASSIGN(auto url, parse_url(node.url));
    impl->nodes.emplace_back(std::move(url), node_keys);
    impl->names.push_back(node.name);
  }
  if (impl->nodes.empty() && options.via.find("://") != std::string::npos) {
    DOS_ASSIGN(auto url, parse_url(options.via));
    impl->names.push_back(url.text());
    impl->nodes.emplace_back(std::move(url), node_keys);
  }
  if (impl->nodes.empty())
    return fail(Errc::usage, options.via.empty() ? "network '" + options.net + "' has no node"
                                                 : "'" + options.via + "' is no node of network '" + options.net + "'");
  impl->options = std::move(options);
  return Session(std::move(impl));
}

Status Session::ask(std::string_view method, const std::string& target, BytesView body, std::uint64_t body_limit, const Use& use) {
  auto& m = *impl_;
  std::optional<Error> lie, lag, down;
  const auto deadline = Clock::now() + m.options.timeout;
  for (std::size_t i = 0; i < m.nodes.size(); ++i) {
    const std::size_t index = (m.first + i) % m.nodes.size();
    auto& node = m.nodes[index];
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
    if (left.count() <= 0) break;
    auto answer = node.request(method, target, body, left, body_limit);
    Status judged;
    if (!answer) judged = std::unexpected(answer.error().code == Errc::limit ? Error{Errc::proof_invalid, answer.error().detail} : answer.error());
    else if (answer->status / 100 != 2 && answer->content_type != ledger::kWireType) judged = std::unexpected(claim_of(*answer, node.url(), target));
    else judged = proof_at_fault(use(*answer, node.url()));
    if (judged) {
      m.first = index;
      return {};
    }
    auto error = judged.error();
    if (!try_next(error.code)) return std::unexpected(error);
    m.notes.push_back(m.names[index] + ": " + (error.detail.empty() ? error_row(error.code).title : error.detail));
    auto& slot = is_lie(error.code) ? lie : error.code == Errc::unreachable || error.code == Errc::timed_out ? down : lag;
    if (!slot) slot = error;
  }
  if (lie) return std::unexpected(*lie);
  if (lag) return std::unexpected(*lag);
  if (down) {
    if (down->code == Errc::unreachable && local()) down->detail += "; start it: dos net up";
    return std::unexpected(*down);
  }
  return fail(Errc::timed_out, "no node answered within " + std::to_string(m.options.timeout.count()) + " ms");
}

Result<Trusted> Session::believe(const ledger::Anchor& anchor) {
  DOS_ASSIGN(auto block, verify_anchor(impl_->root, anchor));
  DOS_TRY(impl_->keep(block));
  return block;
}

Result<Trusted> Session::newest() {
  auto& m = *impl_;
  const auto asked_at = Clock::now();
  const auto give_up = asked_at + std::min<std::chrono::milliseconds>(m.options.timeout, std::chrono::seconds(10));
  std::optional<Trusted> found;
  Freshness freshness;
  // A block voted for but not yet final when the acknowledgements were signed is final a moment later: ask again.
  do {
    SystemEntropy entropy;
    const Hash nonce{draw<32>(entropy)};
    const auto at = Clock::now();
    DOS_TRY(ask("GET", "/v1/tip?nonce=" + hex(nonce.view()), {}, 1024 * 1024, [&](const HttpAnswer& answer, const Url&) -> Status {
      DOS_ASSIGN(auto tip, codec::decode<ledger::TipAnswer>(answer.body, "a tip"));
      DOS_ASSIGN(found, believe(tip.anchor));
      DOS_ASSIGN(freshness, verify_acks(m.root, nonce, tip.acks, tip.anchor.header.height));
      if (found->header.height < std::max(m.seen.height, m.floor))
        return fail(Errc::behind, "it shows block " + std::to_string(found->header.height.value) + ", but block " +
                                      std::to_string(std::max(m.seen.height, m.floor).value) + " was final before");
      return {};
    }));
    if (freshness.current || m.options.stale_ok) {
      if (freshness.current) {
        m.fresh_since = at;
        raise_floor(found->header.height);
      }
      return *found;
    }
    if (!ledger::strong(freshness.total == 0 ? 0 : freshness.have, freshness.total) && freshness.highest <= found->header.height) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  } while (Clock::now() < give_up);
  const auto of = m.root.validators->members.size();
  return fail(Errc::not_fresh, "cannot prove that this is current: " + std::to_string(freshness.answering) + " of " + std::to_string(of) +
                                   " validators answer, " + std::to_string(of * 2 / 3 + 1) + " are needed");
}

Result<Answer> Session::state(ledger::StateQuery query) {
  auto& m = *impl_;
  if (!query.at && m.options.at) query.at = m.options.at;
  const bool past = query.at.has_value();
  if (!past && !m.options.stale_ok && (!m.fresh_since || Clock::now() - *m.fresh_since > m.options.fresh)) DOS_TRY(newest());
  // Unless the past is asked for, no answer may lie below what was final before, --stale-ok or not: such a node lags.
  query.min_height = std::max(past ? *query.at : std::max(m.seen.height, m.floor), query.min_height);
  const auto body = codec::encode(query);
  std::optional<Answer> out;
  DOS_TRY(ask("POST", "/v1/state", body, kMaxAnswerBytes, [&](const HttpAnswer& answer, const Url& url) -> Status {
    DOS_ASSIGN(auto raw, codec::decode<ledger::StateAnswer>(answer.body, "a state answer"));
    DOS_ASSIGN(auto block, believe(raw.anchor));
    if (block.header.height < query.min_height)
      return fail(Errc::behind, "it shows block " + std::to_string(block.header.height.value) + ", asked was at least block " +
                                    std::to_string(query.min_height.value));
    DOS_ASSIGN(auto view, proof::verify(raw.proof, block.parts.state_root, block.header.height));
    const auto wanted = past ? *query.at : block.header.height;
    if (view.height() != wanted)
      return fail(Errc::proof_invalid, "asked for height " + std::to_string(wanted.value) + ", got " + std::to_string(view.height().value));
    out.emplace(Answer{std::move(block), std::move(view), std::move(raw), url.text()});
    return {};
  }));
  return std::move(*out);
}

Result<Trusted> Session::range(Bytes prefix, bool with_data, const Page& sink, std::optional<Height> at) {
  Bytes after;
  std::optional<Height> pinned = at ? at : impl_->options.at;
  std::optional<Trusted> first;
  for (std::uint32_t items = kMaxRangeItems;;) {
    ledger::StateQuery query;
    query.at = pinned;
    query.items.push_back(ledger::RangeItem{prefix, after, items, with_data});
    auto asked = state(std::move(query));
    if (!asked && asked.error().code == Errc::limit && items > 1) {  // large objects: fewer of them fit into a proof
      items = std::max<std::uint32_t>(1, items / 4);
      continue;
    }
    DOS_ASSIGN(auto answer, std::move(asked));
    DOS_ASSIGN(const auto page, answer.view.range(prefix, after));
    if (!first) {
      first = answer.block;
      pinned = answer.view.height();  // later pages are read at this height, so that the whole is of one block
    }
    if (page.more && page.items.empty()) return fail(Errc::proof_incomplete, "a page of the range is empty and yet not the last");
    DOS_TRY(sink(answer, page));
    if (!page.more) return *first;
    after = page.items.back()->leaf.key;
  }
}

Result<ledger::BlockAnswer> Session::block(std::optional<Height> height) {
  if (!height && !impl_->options.stale_ok) DOS_TRY(newest());
  ledger::BlockAnswer out;
  const auto target = "/v1/blocks/" + (height ? std::to_string(height->value) : std::string("final"));
  DOS_TRY(ask("GET", target, {}, 64 * 1024 * 1024, [&](const HttpAnswer& answer, const Url&) -> Status {
    DOS_ASSIGN(out, codec::decode<ledger::BlockAnswer>(answer.body, "a block"));
    DOS_ASSIGN(const auto block, believe(out.anchor));
    if (height ? block.header.height != *height : block.header.height < std::max(impl_->seen.height, impl_->floor))
      return fail(height ? Errc::proof_invalid : Errc::behind, "it shows block " + std::to_string(block.header.height.value));
    if (out.payload.size() != block.header.payload.len || ledger::payload_hash(out.payload) != block.header.payload.payload_hash)
      return fail(Errc::proof_invalid, "the payload is not the block's");
    if (ledger::receipts_root(out.receipts) != block.parts.receipts_root) return fail(Errc::proof_invalid, "the receipts are not the block's");
    DOS_ASSIGN(const auto payload, codec::decode<ledger::Payload>(out.payload, "a payload"));
    DOS_ASSIGN(const auto txs, ledger::unpack(payload));
    std::vector<Hash> ids;
    for (const auto& tx : txs) ids.push_back(ledger::wtxid(ledger::txid(tx.tx), tx.witnesses));
    if (ledger::tx_root(ids) != block.header.tx_root) return fail(Errc::proof_invalid, "the transactions are not the block's");
    return {};
  }));
  return out;
}

}  // namespace dos::client
