#include "client/trust/session.hpp"

#include <time.h>

#include <algorithm>
#include <set>
#include <thread>

#include "client/entropy.hpp"
#include "client/trust/known_networks.hpp"

namespace dos::client {
namespace {

using Clock = Session::Clock;
constexpr std::uint64_t kMaxAnswerBytes = kMaxProofBytes + 1024 * 1024;
constexpr std::uint64_t kMaxBlockAnswer = 64ull << 20;
constexpr std::chrono::milliseconds kFirstPatience{2'000};  // with a node, while there are others

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
  Nodes nodes;
  std::optional<Trusted> last;  // the highest verified
  SeenBlock seen;                   // from the state folder
  Height floor;                 // reads must show at least this
  std::optional<Clock::time_point> fresh_since;
  std::uint64_t checks = 0;
  std::vector<double> final_ms;
  Writes writes;
  bool not_kept = false;  // the highest: it was tried, and is not waited for twice
  std::optional<Clock::time_point> end;  // of all questions

  // Whoever can tell of a failure keeps it before the end; a session that ends without only weakens the next command's check.
  ~Impl() {
    if (!not_kept) (void)keep_highest();
  }

  // Raised once a command, after full verification.
  Status keep_highest() {
    if (!last || last->header.height <= seen.height) return {};
    const auto raised = raise_highest_seen(places, network.chain, {last->header.height, last->id});
    not_kept = !raised;
    if (!raised) return raised;
    seen = {last->header.height, last->id};
    return {};
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
std::vector<std::string> Session::notes() const { return impl_->nodes.notes(); }
std::uint64_t Session::checks() const { return impl_->checks; }
void Session::count_checks(std::uint64_t n) { impl_->checks += n; }
const std::vector<double>& Session::final_ms() const { return impl_->final_ms; }
void Session::count_final(double ms) { impl_->final_ms.push_back(ms); }
void Session::add_final(const Hash& txid) { impl_->writes.final.push_back(txid); }
void Session::add_unsettled(Unsettled one) { impl_->writes.open.push_back(std::move(one)); }
const Writes& Session::writes() const { return impl_->writes; }
Status Session::keep_highest() { return impl_->keep_highest(); }
std::size_t Session::nodes() const { return impl_->nodes.size(); }
void Session::raise_floor(Height height) { impl_->floor = std::max(impl_->floor, height); }

Session::Clock::time_point Session::give_up() {
  auto& m = *impl_;
  const auto step = Clock::now() + m.options.timeout;
  if (m.options.bounds_all && !m.end) m.end = step;
  return m.end ? std::min(step, *m.end) : step;
}

Session::Until::Until(Session& session, Clock::time_point end) : session_(session), before_(std::exchange(session.impl_->end, end)) {}
Session::Until::~Until() { session_.impl_->end = before_; }

void Session::arm_for(const Writes& writes) const {
  if (!impl_->options.last_words) return;
  if (writes.empty()) disarm_last_words();
  else arm_last_words(impl_->options.last_words(writes));
}

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
    impl->nodes.add(node.name, std::move(url), node_keys);
  }
  if (impl->nodes.empty() && options.via.find("://") != std::string::npos) {
    DOS_ASSIGN(auto url, parse_url(options.via));
    const auto name = url.text();
    impl->nodes.add(name, std::move(url), node_keys);
  }
  if (impl->nodes.empty())
    return fail(options.via.empty() ? Errc::usage : Errc::not_found,
                options.via.empty() ? "network '" + options.net + "' has no node"
                                    : "'" + options.via + "' is no node of network '" + options.net + "'");
  impl->options = std::move(options);
  return Session(std::move(impl));
}

Status Session::ask(std::string_view method, const std::string& target, BytesView body, std::uint64_t body_limit, const Use& use) {
  const auto time = impl_->options.timeout;
  return with_one([&](Nodes::One& node) { return node.ask(method, target, body, body_limit, use); }, {time, time, kFirstPatience});
}

Status Session::with_one(const Nodes::Work& work, const Nodes::Patience& patience) {
  (void)give_up();  // the first question begins the time of all
  const auto& end = impl_->end;
  auto time = patience;
  if (end) time.total = std::min(time.total, std::chrono::duration_cast<std::chrono::milliseconds>(*end - Clock::now()));
  const auto over = [&](const std::string& why) {
    return fail(Errc::timed_out, "no end within " + std::to_string(impl_->options.timeout.count()) + " ms" + why);
  };
  if (time.total.count() <= 0) return over("");
  auto done = impl_->nodes.with_one(work, time);
  if (!done && done.error().code == Errc::timed_out && end && Clock::now() + std::chrono::milliseconds(1) >= *end)
    return over(": " + done.error().detail);
  if (!done && done.error().code == Errc::unreachable && local())
    return fail(Errc::unreachable, done.error().detail + "; start it: dos net up");
  return done;
}

void Session::pass_over(const std::string& why) { impl_->nodes.pass_over(why); }

Result<Trusted> Session::believe(const ledger::Anchor& anchor) {
  DOS_ASSIGN(auto block, verify_anchor(impl_->root, anchor));
  DOS_TRY(impl_->keep(block));
  count_checks(1);
  return block;
}

Result<Trusted> Session::newest() {
  auto& m = *impl_;
  const auto begun = Clock::now();
  const auto give_up = std::min(this->give_up(), begun + std::chrono::seconds(10));
  Freshness freshness;
  std::optional<Error> lag;
  bool stale = false;  // a block came, and was not shown to be current
  // A block voted for but not yet final when the acknowledgements were signed is final a moment later: ask again.
  for (;;) {
    SystemEntropy entropy;
    const Hash nonce{draw<32>(entropy)};
    const auto target = "/v1/tip?nonce=" + hex(nonce.view());
    const auto at = Clock::now();
    // One node's answer carries the acknowledgements of all that it reaches; where it does not reach enough, other nodes' add to them.
    Acks acks(m.root, nonce);
    std::optional<Trusted> found;
    const auto asked = with_one(
        [&](Nodes::One& node) {
          return node.ask("GET", target, {}, 1024 * 1024, [&](const HttpAnswer& answer, const Url&) -> Status {
            DOS_ASSIGN(const auto tip, codec::decode<ledger::TipAnswer>(answer.body, "a tip"));
            DOS_ASSIGN(auto block, believe(tip.anchor));
            DOS_TRY(acks.add(tip.acks));
            count_checks(tip.acks.size());
            if (!found || block.header.height > found->header.height) found = std::move(block);
            freshness = acks.at(found->header.height);
            const auto known = std::max(m.seen.height, m.floor);
            if (found->header.height < known)
              return fail(Errc::behind, "it shows block " + std::to_string(found->header.height.value) +
                                            (known == m.options.min_height ? ", asked was at least block " : ", final before was block ") +
                                            std::to_string(known.value));
            if (!freshness.current && !m.options.stale_ok) return fail(Errc::not_fresh, "");
            return {};
          });
        },
        {std::max(std::chrono::milliseconds(1), std::chrono::duration_cast<std::chrono::milliseconds>(give_up - at)), m.options.timeout,
         kFirstPatience});
    if (asked) {
      if (freshness.current) {
        m.fresh_since = at;
        raise_floor(found->header.height);
      }
      return *found;
    }
    // What one node showed as final before it ended, the others show a moment later.
    if (asked.error().code == Errc::behind) lag = asked.error();
    if (asked.error().code == Errc::timed_out && lag) return std::unexpected(*lag);  // the time that was left, not the node, was short
    const bool behind = asked.error().code == Errc::behind && Clock::now() < give_up;
    if (asked.error().code == Errc::timed_out && stale) break;
    if (!found && !behind) return std::unexpected(asked.error());  // a word, of a node that showed nothing
    if (asked.error().code != Errc::not_fresh && !behind) return std::unexpected(asked.error());
    stale = stale || !behind;
    if (!behind && (freshness.highest <= found->header.height || Clock::now() >= give_up)) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  const auto of = m.root.validators->members.size();
  return fail(Errc::not_fresh, "cannot prove that this is current: " + std::to_string(freshness.answering) + " of " + std::to_string(of) +
                                   " validators answer, " + std::to_string(of * 2 / 3 + 1) + " are needed");
}

Status Session::must_be_reached(Height height) {
  const auto& m = *impl_;
  if (height <= std::max(m.seen.height, m.floor) || (m.last && height <= m.last->header.height)) return {};
  DOS_ASSIGN(const auto block, newest());
  if (height <= block.header.height) return {};
  return fail(Errc::not_found, "block " + std::to_string(height.value) + " is not there yet; the newest is block " +
                                   std::to_string(block.header.height.value));
}

Result<Answer> Session::state(ledger::StateQuery query, bool* too_much) {
  auto& m = *impl_;
  if (!query.at && m.options.at) query.at = m.options.at;
  const bool past = query.at.has_value();
  if (!past && !m.options.stale_ok && (!m.fresh_since || Clock::now() - *m.fresh_since > m.options.fresh)) DOS_TRY(newest());
  if (past) DOS_TRY(must_be_reached(*query.at));
  // Unless the past is asked for, no answer may lie below what was final before, --stale-ok or not: such a node lags.
  query.min_height = std::max(past ? *query.at : std::max(m.seen.height, m.floor), query.min_height);
  const auto body = codec::encode(query);
  std::optional<Answer> out;
  const auto use = [&](const HttpAnswer& answer, const Url& url) -> Status {
    DOS_ASSIGN(auto raw, codec::decode<ledger::StateAnswer>(answer.body, "a state answer"));
    DOS_ASSIGN(auto block, believe(raw.anchor));
    if (block.header.height < query.min_height)
      return fail(Errc::behind, "it shows block " + std::to_string(block.header.height.value) + ", asked was at least block " +
                                    std::to_string(query.min_height.value));
    DOS_ASSIGN(auto view, proof::verify(raw.proof, block.parts.state_root, block.header.height));
    const auto wanted = past ? *query.at : block.header.height;
    if (view.height() != wanted)
      return fail(Errc::proof_invalid, "asked for height " + std::to_string(wanted.value) + ", got " + std::to_string(view.height().value));
    count_checks(1);
    if (!past) raise_floor(block.header.height);  // what is read next is not older
    out.emplace(Answer{std::move(block), std::move(view), std::move(raw), url.text()});
    return {};
  };
  const auto time = m.options.timeout;
  DOS_TRY(with_one(
      [&](Nodes::One& node) -> Status {
        auto asked = node.ask("POST", "/v1/state", body, kMaxAnswerBytes, use);
        if (asked || too_much == nullptr || asked.error().code != Errc::limit) return asked;
        *too_much = true;
        return {};
      },
      {time, time, kFirstPatience}));
  if (!out) return fail(Errc::limit, "the answer would be larger than a proof may be");
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
    // A node says that so much does not fit into a proof: fewer are asked for, down to one, which the others are asked for too.
    bool too_much = false;
    auto asked = state(std::move(query), items > 1 ? &too_much : nullptr);
    if (too_much) {
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
  const auto time = impl_->options.timeout;
  return read_block(height, {time, time, kFirstPatience});
}

Result<ledger::BlockAnswer> Session::block(Height height, const Nodes::Patience& patience) { return read_block(height, patience); }

Result<ledger::BlockAnswer> Session::read_block(std::optional<Height> height, const Nodes::Patience& patience) {
  ledger::BlockAnswer out;
  const auto target = "/v1/blocks/" + (height ? std::to_string(height->value) : std::string("final"));
  const auto use = [&](const HttpAnswer& answer, const Url&) -> Status {
    DOS_ASSIGN(out, codec::decode<ledger::BlockAnswer>(answer.body, "a block"));
    DOS_ASSIGN(const auto block, believe(out.anchor));
    if (height ? block.header.height != *height : block.header.height < std::max(impl_->seen.height, impl_->floor))
      return fail(height ? Errc::proof_invalid : Errc::behind, "it shows block " + std::to_string(block.header.height.value));
    if (out.payload.size() != block.header.payload.len || ledger::payload_hash(out.payload) != block.header.payload.payload_hash)
      return fail(Errc::proof_invalid, "the payload is not the block's");
    if (ledger::receipts_root(out.receipts) != block.parts.receipts_root)
      return fail(Errc::proof_invalid, "the receipts are not the block's");
    DOS_ASSIGN(const auto payload, codec::decode<ledger::Payload>(out.payload, "a payload"));
    DOS_ASSIGN(const auto txs, ledger::unpack(payload));
    std::vector<Hash> ids;
    for (const auto& tx : txs) ids.push_back(ledger::wtxid(ledger::txid(tx.tx), tx.witnesses));
    if (ledger::tx_root(ids) != block.header.tx_root) return fail(Errc::proof_invalid, "the transactions are not the block's");
    count_checks(1);
    return {};
  };
  DOS_TRY(with_one([&](Nodes::One& node) { return node.ask("GET", target, {}, kMaxBlockAnswer, use); }, patience));
  return out;
}

Result<Trusted> Session::shown(const Nodes::Patience& patience) {
  std::optional<Trusted> out;
  const auto use = [&](const HttpAnswer& answer, const Url&) -> Status {
    DOS_ASSIGN(const auto anchor, codec::decode<ledger::Anchor>(answer.body, "an anchor"));
    DOS_ASSIGN(out, believe(anchor));
    return {};
  };
  DOS_TRY(with_one([&](Nodes::One& node) { return node.ask("GET", "/v1/anchor", {}, 1024 * 1024, use); }, patience));
  return std::move(*out);
}

}  // namespace dos::client
