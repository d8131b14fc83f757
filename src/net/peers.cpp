#include "net/peers.hpp"

#include <algorithm>

#include "base/check.hpp"
#include "net/message_table.hpp"

namespace dos::net {

Peers::Peers(PeersSetup setup, PeersEdges edges, PeerHandler& handler)
    : setup_(std::move(setup)),
      edges_(edges),
      handler_(handler),
      book_(setup_.chain, *setup_.set, setup_.self),
      live_(setup_.set->members.size()),
      budgets_(setup_.set->members.size()),
      links_left_(setup_.set->members.size(), TokenBucket(kLinksPerSecond, kLinksSaved)),
      questions_(setup_.set->members.size()),
      owed_(setup_.set->members.size()) {
  for (std::size_t i = 0; i < setup_.set->members.size(); ++i)
    validator_of_.emplace(crypto::key_id(setup_.set->members[i].node_key), std::uint16_t(i));
  std::uint8_t random[8];
  edges_.entropy.fill(random);
  session_ = read_be<std::uint64_t>(random);
}

Peers::~Peers() = default;

Status Peers::start(Height height) {
  height_ = height;
  DOS_TRY(claim());
  dial();
  return {};
}

Status Peers::claim() { return book_.claim(setup_.listen, TimeMs{edges_.clock.wall_ms()}, *setup_.node_key, edges_.entropy); }

void Peers::say(LogLevel level, std::uint16_t peer, std::string_view what, std::string_view why) const {
  edges_.log.write(level, "net", std::string(what) + " " + setup_.set->members[peer].name + ": " + std::string(why));
}

// ---- links

void Peers::link_up(LinkId id, const Hash& key) {
  const auto who = validator_of_.find(key);
  const auto count =
      who == validator_of_.end() ? 0 : std::ranges::count_if(links_, [&](const auto& l) { return l.second->peer == who->second; });
  if (who == validator_of_.end() || who->second == setup_.self || count >= kMaxLinksPerPeer || !links_left_[who->second].take(now(), 1)) {
    ++counters_.refused_links;
    return edges_.transport.close(id);
  }
  auto link = std::make_unique<Link>();
  link->id = id;
  link->peer = who->second;
  link->up_ns = now();
  link->ours = ++links_made_;
  Hello hello;
  hello.version = kNetVersion;
  hello.chain = setup_.chain;
  hello.validator = setup_.self;
  hello.session = session_;
  hello.link = link->ours;
  hello.software = setup_.software;
  hello.height = height_;
  auto frame = encode_frame(hello);
  DOS_CHECK(frame.has_value());  // its texts are ours
  Link& put_on = *links_.insert_or_assign(id, std::move(link)).first->second;
  put(put_on, Rate::rare, std::move(*frame));
}

void Peers::link_down(LinkId id) { gone(id); }

void Peers::gone(LinkId id) {
  const auto at = links_.find(id);
  if (at == links_.end()) return;
  const auto peer = at->second->peer;
  links_.erase(at);
  if (live_[peer] != id) return;
  live_[peer].reset();
  questions_.forget(peer);
  owed_.forget(peer);
  handler_.peer_down(peer);
}

void Peers::close(LinkId id, std::string_view why, LogLevel level) {
  const auto at = links_.find(id);
  if (at == links_.end()) return;
  say(level, at->second->peer, "closing the link to", why);
  edges_.transport.close(id);
  gone(id);
}

void Peers::broken(LinkId id, std::string_view why) {
  ++counters_.broken_links;
  if (const auto at = links_.find(id); at != links_.end()) budgets_[at->second->peer].fault(now());
  close(id, why, LogLevel::warn);
}

void Peers::punish(std::uint16_t peer, std::string_view why) {
  if (peer < live_.size() && live_[peer]) broken(*live_[peer], why);
}

// ---- frames in

void Peers::link_bytes(LinkId id, BytesView bytes) {
  questions_.begin_turn();
  while (!bytes.empty()) {
    const auto at = links_.find(id);
    if (at == links_.end()) return;  // closed by what came before
    Link& link = *at->second;
    const auto frame = link.reader.read(bytes, link.greeted ? 0 : MessageOf<Hello>::kNumber);
    if (!frame) return broken(id, frame.error().detail);
    if (!*frame) break;
    ++counters_.frames_in;
    counters_.bytes_in += kFrameHeadBytes + (*frame)->body.size();
    take(link, **frame);
  }
  if (const auto at = links_.find(id); at != links_.end()) flush(*at->second);
}

void Peers::take(Link& link, const Frame& frame) {
  const LinkId id = link.id;
  switch (budgets_[link.peer].judge(now(), message_row(frame.number)->rate, kFrameHeadBytes + frame.body.size())) {
    case PeerBudget::Verdict::take: break;
    case PeerBudget::Verdict::drop: ++counters_.dropped_in; return;
    case PeerBudget::Verdict::close: return broken(id, "it keeps on sending more than a peer may");
  }
  if (!link.greeted) return greet(link, frame);
  if (live_[link.peer] != id) return;
  if (is_answer(frame.number) && !owed_.take(link.peer, frame)) return unasked(link, frame);
  if (is_question(frame.number) && !questions_.may_begin(link.peer, now())) {
    if (!questions_.hold(link.peer, frame)) too_many(link.peer, frame);
    return;
  }
  if (const auto done = dispatch(link.peer, frame); !done) broken(id, done.error().detail);
}

// Nothing of it is decoded. It may be one's own question that the network repeated; who keeps on is cut off.
void Peers::unasked(Link& link, const Frame& frame) {
  ++counters_.unasked_in;
  if (!budgets_[link.peer].waste(now(), frame.body.size())) broken(link.id, "it keeps on sending answers that nobody asked for");
}

template <class T>
static Result<T> read_message(const Frame& frame) {
  DOS_ASSIGN(auto message, codec::decode<T>(frame.body, message_row(frame.number)->name));
  DOS_TRY(check_limits(message));
  return message;
}

// A question that is dropped is asked again, or of another; not so that for a promise, which would be waited for until its time is over.
void Peers::too_many(std::uint16_t peer, const Frame& frame) {
  ++counters_.dropped_in;
  std::uint64_t ask = 0;
  if (frame.number != MessageOf<StoreAsk>::kNumber || frame.body.size() < sizeof(ask)) return;
  for (std::size_t i = 0; i < sizeof(ask); ++i) ask |= std::uint64_t(frame.body[i]) << (8 * i);  // its first field
  if (room_for(peer, kFrameHeadBytes + kSmallFrameBytes)) send(peer, StoreSaid{ask, std::uint16_t(Errc::busy), {}});
}

// What it costs is the asker's before anything is done.
template <class T>
void Peers::hand_over(std::uint16_t from, T message) {
  if constexpr (kIsQuestion<T>) {
    charge(from, cost_of(message));
    answering_ = from;
  }
  handler_.received(from, AnyMessage(std::move(message)));
  answering_.reset();
}

Status Peers::dispatch(std::uint16_t from, const Frame& frame) {
  if (of_engine(frame.number)) {
    hand_over(from, consensus::EngineMessage(frame.number, to_bytes(frame.body)));
    return {};
  }
  switch (frame.number) {
#define DOS_ROW(number, Type, limit, rate)               \
  case number: {                                         \
    DOS_ASSIGN(auto message, read_message<Type>(frame)); \
    hand_over(from, std::move(message));                 \
    return {};                                           \
  }
    DOS_NET_PEER_MESSAGES(DOS_ROW)
#undef DOS_ROW
    case MessageOf<Addresses>::kNumber: {
      DOS_ASSIGN(const auto addresses, read_message<Addresses>(frame));
      charge(from, cost_of(addresses));
      return learn(addresses);
    }
    default: return fail(Errc::malformed, "a second Hello");
  }
}

// Of two links the one that came up later at both ends is kept; where the ends disagree, the one that came up later at the
// end with the lower index. Both ends see the same numbers. Links of an earlier start of the peer's process are dead.
bool Peers::keeps(const Link& old, const Link& fresh) const {
  if (old.session != fresh.session) return false;
  const auto rank = [&](const Link& l) { return std::pair(l.ours + l.theirs, setup_.self < l.peer ? l.ours : l.theirs); };
  return rank(old) > rank(fresh);
}

void Peers::greet(Link& link, const Frame& frame) {
  const LinkId id = link.id;
  const auto peer = link.peer;
  const auto hello = read_message<Hello>(frame);
  const char* wrong = !hello                          ? "its Hello is malformed"
                      : hello->version != kNetVersion ? "it speaks another version of the protocol"
                      : hello->chain != setup_.chain  ? "it is on another chain"
                      : hello->validator != peer      ? "it claims to be another validator than its key says"
                                                      : nullptr;
  if (wrong) {
    ++counters_.refused_links;
    return close(id, wrong, LogLevel::warn);
  }
  link.greeted = true;
  link.session = hello->session;
  link.theirs = hello->link;
  if (live_[peer]) {
    const LinkId other = *live_[peer];
    if (keeps(*links_.at(other), link)) return close(id, "there is a link to it already");
    close(other, "a newer link takes its place");
  }
  live_[peer] = id;
  say(LogLevel::info, peer, "linked with", hello->software);
  if (auto known = book_.signed_ones(); !known.addresses.empty()) send(peer, std::move(known));
  handler_.peer_up(peer, hello->height);
}

Status Peers::learn(const Addresses& addresses) {
  bool news = false;
  for (const auto& a : addresses.addresses) {
    DOS_ASSIGN(const bool fresh, book_.learn(a));
    if (!fresh) continue;
    news_.insert(a.claim.validator);
    news = true;
  }
  if (book_.must_claim_again()) {
    DOS_TRY(claim());
    news_.insert(setup_.self);
  }
  if (!news_.empty() && !news_due_ns_) news_due_ns_ = now() + kNewsWaitNs;
  if (news) dial();
  return {};
}

// ---- frames out

Peers::Link* Peers::live(std::uint16_t peer) const { return peer < live_.size() && live_[peer] ? links_.at(*live_[peer]).get() : nullptr; }

bool Peers::is_linked(std::uint16_t peer) const { return live(peer) != nullptr; }

std::vector<std::uint16_t> Peers::linked() const {
  std::vector<std::uint16_t> out;
  for (std::size_t i = 0; i < live_.size(); ++i)
    if (live_[i]) out.push_back(std::uint16_t(i));
  return out;
}

namespace {

Rate rate_of(BytesView frame) { return message_row(frame_of(frame).number)->rate; }

}  // namespace

bool Peers::send(std::uint16_t to, const AnyMessage& message) {
  Link* link = live(to);
  if (!link) return false;
  auto frame = encode_frame(message);
  if (!frame) {
    ++counters_.dropped_out;
    say(LogLevel::error, to, "not sent to", frame.error().detail);
    return false;
  }
  if (answering_ == to) charge(to, {0, frame->size(), 0});
  const auto rate = rate_of(*frame);
  return put(*link, rate, std::move(*frame));
}

void Peers::send_all(const AnyMessage& message) {
  const auto frame = encode_frame(message);
  if (!frame) {
    ++counters_.dropped_out;
    edges_.log.write(LogLevel::error, "net", "not sent to all: " + frame.error().detail);
    return;
  }
  for (const auto peer : linked()) put(*live(peer), rate_of(*frame), *frame);
}

bool Peers::room_for(std::uint16_t to, std::size_t bytes) const {
  const Link* link = live(to);
  return link && link->held_bytes + bytes <= kMaxHeldBytes && edges_.transport.queued_bytes(link->id) <= kMaxAnswerQueueBytes;
}

bool Peers::put(Link& link, Rate rate, Bytes frame) {
  const auto queued = edges_.transport.queued_bytes(link.id);
  if (rate == Rate::bulk && frame.size() > kSmallFrameBytes && (!link.held.empty() || queued > kBulkMarkBytes)) {
    if (link.held_bytes + frame.size() > kMaxHeldBytes) {
      ++counters_.dropped_out;
      return false;
    }
    link.held_bytes += frame.size();
    link.held.push_back(std::move(frame));
    if (!flush_due_ns_) flush_due_ns_ = now() + kHeldRetryNs;
    return true;
  }
  if ((rate == Rate::gossip || rate == Rate::block) && queued > kMaxAnswerQueueBytes) {
    ++counters_.dropped_out;
    return false;
  }
  owed_.asked(link.peer, frame_of(frame));  // questions are never held back
  ++counters_.frames_out;
  counters_.bytes_out += frame.size();
  edges_.transport.send(link.id, std::move(frame));
  return true;
}

void Peers::flush(Link& link) {
  while (!link.held.empty() && edges_.transport.queued_bytes(link.id) <= kBulkMarkBytes) {
    Bytes frame = std::move(link.held.front());
    link.held.pop_front();
    link.held_bytes -= frame.size();
    ++counters_.frames_out;
    counters_.bytes_out += frame.size();
    edges_.transport.send(link.id, std::move(frame));
  }
}

// ---- time

void Peers::answer_held() {
  questions_.begin_turn();
  while (const auto held = questions_.next(now())) {
    const auto link = live_[held->from];
    if (!link) continue;
    if (const auto done = dispatch(held->from, {held->number, held->body}); !done) broken(*link, done.error().detail);
  }
}

void Peers::wake() {
  const auto t = now();
  answer_held();
  std::vector<LinkId> silent;
  for (const auto& [id, link] : links_)
    if (!link->greeted && t >= link->up_ns + kHelloWaitNs) silent.push_back(id);
  for (const auto id : silent) {  // it may be slow, or have sent too much before: no new fault
    ++counters_.broken_links;
    close(id, "no Hello", LogLevel::warn);
  }
  if (flush_due_ns_ && t >= *flush_due_ns_) {
    bool more = false;
    for (auto& [id, link] : links_) {
      flush(*link);
      more = more || !link->held.empty();
    }
    flush_due_ns_ = more ? std::optional(t + kHeldRetryNs) : std::nullopt;
  }
  if (news_due_ns_ && t >= *news_due_ns_) {
    Addresses news;
    for (const auto v : news_)
      if (auto a = book_.signed_of(v)) news.addresses.push_back(std::move(*a));
    news_.clear();
    news_due_ns_.reset();
    if (!news.addresses.empty()) send_all(news);
  }
}

Peers::Held Peers::unsent() const {
  Held all{links_.size(), 0};
  for (const auto& [id, link] : links_) all.bytes += edges_.transport.queued_bytes(id);
  return all;
}

Peers::Held Peers::half_read() const {
  Held all{links_.size(), 0};
  for (const auto& [id, link] : links_) all.bytes += link->reader.held_bytes();
  return all;
}

Peers::Held Peers::held_back() const {
  Held all;
  for (const auto& [id, link] : links_) {
    all.entries += link->held.size();
    all.bytes += link->held_bytes;
  }
  return all;
}

std::optional<std::uint64_t> Peers::deadline_ns() const {
  std::optional<std::uint64_t> due = flush_due_ns_;
  const auto sooner = [&](std::uint64_t t) { due = due ? std::min(*due, t) : t; };
  if (const auto at = questions_.deadline_ns(now())) sooner(*at);
  if (news_due_ns_) sooner(*news_due_ns_);
  for (const auto& [id, link] : links_)
    if (!link->greeted) sooner(link->up_ns + kHelloWaitNs);
  return due;
}

}  // namespace dos::net
