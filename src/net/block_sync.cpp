#include "net/block_sync.hpp"

#include <algorithm>
#include <utility>

namespace dos::net {
namespace {
constexpr Height kMostHeight{1ull << 62};  // sums with it do not overflow
}

BlockSync::BlockSync(Outbox& out, Clock& clock, SyncTarget& target) : out_(out), clock_(clock), target_(target) {}

void BlockSync::catch_up(std::uint16_t from, Height height, Height last) {
  advanced(last);
  if (height < next_ || dropped_.contains(from)) return;
  auto& upto = rests(from) ? faults_.at(from).upto : sources_[from].upto;
  upto = std::max(upto, std::min(height, kMostHeight));
  plan();
}

void BlockSync::advanced(Height last) {
  if (last < next_) return;
  next_ = Height{last.value + 1};
  // What nobody was asked for yet is planned anew from here on: else blocks that are here would be asked for.
  std::erase_if(spans_, [&](const auto& s) {
    const bool asked = !s.second.asked.empty() || s.second.blocks;
    return s.first.value + s.second.count <= next_.value || (s.first < next_ && !asked);
  });
  if (!running()) stop();
}

void BlockSync::stop() {
  goal_ = Height{0};
  spans_.clear();
  sources_.clear();
  dropped_.clear();
  std::erase_if(late_, [&](const auto& l) { return l.second < next_; });
  if (late_.empty()) pause_ends_ns_.reset();
  else if (!pause_ends_ns_) pause_ends_ns_ = clock_.monotonic_ns() + kSyncPauseNs;
}

void BlockSync::ask_again() {
  pause_ends_ns_.reset();
  for (const auto& [peer, upto] : std::exchange(late_, {}))
    if (!dropped_.contains(peer) && !rests(peer)) sources_[peer].upto = std::max(sources_[peer].upto, upto);
}

bool BlockSync::rests(std::uint16_t peer) const {
  const auto at = faults_.find(peer);
  return at != faults_.end() && clock_.monotonic_ns() < at->second.rests_until_ns;
}

void BlockSync::wrong(std::uint16_t peer) {
  auto& fault = faults_[peer];
  fault.last_ns = clock_.monotonic_ns();
  fault.rests_until_ns = fault.last_ns + (kSyncRestNs << std::min(fault.wrong++, kMaxSyncRests));
  fault.upto = sources_[peer].upto;
  drop(peer);
}

void BlockSync::end_rests() {
  const auto now = clock_.monotonic_ns();
  for (auto& [peer, fault] : faults_) {
    if (now < fault.rests_until_ns) continue;
    if (const auto upto = std::exchange(fault.upto, Height{0}); upto >= next_ && !dropped_.contains(peer))
      sources_[peer].upto = std::max(sources_[peer].upto, upto);
  }
  std::erase_if(faults_, [now](const auto& f) { return now >= f.second.last_ns + kSyncForgetNs; });
}

BlockSync::Spans::iterator BlockSync::covering(Height height) {
  auto at = spans_.upper_bound(height);
  if (at == spans_.begin()) return spans_.end();
  --at;
  return height.value < at->first.value + at->second.count ? at : spans_.end();
}

// From next_ on, span by span; gaps (answers that were short, spans given up) are filled first.
void BlockSync::plan() {
  goal_ = Height{0};
  for (const auto& [peer, source] : sources_) goal_ = std::max(goal_, source.upto);
  if (!running()) return stop();
  for (std::uint64_t at = next_.value; at <= goal_.value;) {
    auto span = covering(Height{at});
    if (span == spans_.end()) {
      if (spans_.size() >= kSyncSpans) break;
      const auto after = spans_.upper_bound(Height{at});
      const std::uint64_t room = (after == spans_.end() ? goal_.value + 1 : std::min(goal_.value + 1, after->first.value)) - at;
      span = spans_.emplace(Height{at}, Span{std::uint32_t(std::min<std::uint64_t>(kMaxRangeBlocks, room)), {}, 0, {}, 0}).first;
    }
    if (span->second.asked.empty() && !span->second.blocks) ask(span->first, span->second);
    at = span->first.value + span->second.count;
  }
  if (const auto help = help_ns(); help && clock_.monotonic_ns() >= *help) {
    Span& first = spans_.begin()->second;
    first.asked_ns = clock_.monotonic_ns();  // where nothing can be sent it is tried again, and not at once
    ask(spans_.begin()->first, first);
  }
}

std::vector<std::uint16_t> BlockSync::askable(Height from, const Span& span) const {
  std::vector<std::uint16_t> peers;
  for (const auto& [peer, source] : sources_) {
    const auto busy = std::ranges::count_if(spans_, [&](const auto& s) { return s.second.asked.contains(peer); });
    if (source.upto >= from && !span.asked.contains(peer) && busy < kSyncPerPeer) peers.push_back(peer);
  }
  std::ranges::sort(peers, {}, [this](std::uint16_t peer) { return std::pair(sources_.at(peer).beaten, sources_.at(peer).turn); });
  return peers;
}

// The first span holds up all others: whoever answers it late, or little by little, may do so as long as nobody else is idle.
std::optional<std::uint64_t> BlockSync::help_ns() const {
  const auto first = spans_.begin();
  if (first == spans_.end() || first->first > next_ || first->second.blocks || first->second.asked.empty()) return std::nullopt;
  if (askable(first->first, first->second).empty()) return std::nullopt;
  return first->second.asked_ns + kSyncHelpNs;
}

void BlockSync::ask(Height from, Span& span) {
  for (const auto peer : askable(from, span)) {
    if (!out_.send(peer, GetRange{from, span.count})) continue;
    span.asked_ns = clock_.monotonic_ns();
    span.asked[peer] = span.asked_ns + kSyncWaitNs;
    sources_.at(peer).turn = ++turns_;
    return;
  }
}

void BlockSync::leave(std::uint16_t peer) {
  sources_.erase(peer);
  ask_no_more([peer](std::uint16_t other, std::uint64_t) { return other == peer; });
}

// Spans that nobody is asked for then are planned anew.
void BlockSync::ask_no_more(const std::function<bool(std::uint16_t peer, std::uint64_t until)>& of) {
  for (auto at = spans_.begin(); at != spans_.end();) {
    const auto gone = std::erase_if(at->second.asked, [&](const auto& a) { return of(a.first, a.second); });
    at = gone != 0 && at->second.asked.empty() ? spans_.erase(at) : std::next(at);
  }
}

void BlockSync::drop(std::uint16_t peer) {
  ++dropped_count_;
  leave(peer);
  std::erase_if(spans_, [&](const auto& s) { return s.second.blocks && s.second.answered_by == peer; });
}

void BlockSync::received(std::uint16_t from, Range range) {
  const auto at = spans_.find(range.from);
  if (at == spans_.end() || !at->second.asked.contains(from)) return;  // too late, or never asked
  Span& span = at->second;
  bool in_order = true;
  for (std::size_t i = 0; i < range.blocks.size() && in_order; ++i)
    in_order = range.blocks[i].anchor.header.height.value == range.from.value + i;
  if (!in_order) {
    wrong(from);
  } else if (range.blocks.empty()) {  // it has less than it said
    sources_[from].upto = Height{range.from.value - 1};
    span.asked.erase(from);
    if (span.asked.empty()) spans_.erase(at);
  } else {
    sources_[from].late = sources_[from].beaten = 0;
    span.asked.erase(from);
    for (const auto& [other, due] : std::exchange(span.asked, {})) ++sources_[other].beaten;
    if (range.blocks.size() > span.count) range.blocks.resize(span.count);  // it was asked for more before, and answers that
    const bool asked_all = span.count == range.blocks.size();
    span.count = std::uint32_t(range.blocks.size());  // what a short answer leaves out is the next gap
    span.answered_by = from;
    // Who gave all that it was asked for may have what is wanted beyond that.
    if (asked_all) sources_[from].upto = std::max(sources_[from].upto, std::min(goal_, Height{at->first.value + span.count}));
    span.blocks = std::move(range.blocks);
    if (span.count + at->first.value <= next_.value) spans_.erase(at);
  }
  plan();
}

std::uint64_t BlockSync::held_bytes() const {
  std::uint64_t bytes = 0;
  for (const auto& [from, span] : spans_)
    if (span.blocks)
      for (const auto& b : *span.blocks) bytes += b.payload.size();
  return bytes;
}

bool BlockSync::deliverable() const {
  const auto first = spans_.begin();
  return first != spans_.end() && first->first <= next_ && first->second.blocks.has_value();
}

void BlockSync::deliver() {
  const auto at = spans_.begin();
  const auto from = at->second.answered_by;
  const Height height = next_;
  FinalBlock block = std::move((*at->second.blocks)[height.value - at->first.value]);
  if (target_.adopt(from, std::move(block))) return advanced(height);  // the target may have said so itself
  wrong(from);
  std::erase_if(spans_, [&](const auto& s) { return s.first <= next_; });  // whoever answered: that block is spent
}

void BlockSync::peer_down(std::uint16_t peer) {
  late_.erase(peer);
  if (const auto fault = faults_.find(peer); fault != faults_.end()) fault->second.upto = Height{0};  // it says so anew
  leave(peer);
  plan();
}

void BlockSync::wake() {
  const auto now = clock_.monotonic_ns();
  std::set<std::uint16_t> late;
  ask_no_more([&](std::uint16_t peer, std::uint64_t until) {
    if (now >= until) late.insert(peer);
    return now >= until;
  });
  for (const auto peer : late) {
    if (auto& source = sources_[peer]; ++source.late >= kMaxLateAnswers) {
      late_[peer] = source.upto;
      dropped_.insert(peer);
      drop(peer);
    }
  }
  if (pause_ends_ns_ && now >= *pause_ends_ns_) ask_again();
  end_rests();
  if (deliverable()) deliver();
  plan();
}

std::optional<std::uint64_t> BlockSync::deadline_ns() const {
  if (deliverable()) return 0;
  auto due = pause_ends_ns_;
  const auto sooner = [&](std::uint64_t at) { due = due ? std::min(*due, at) : at; };
  for (const auto& [from, span] : spans_)
    for (const auto& [peer, until] : span.asked) sooner(until);
  for (const auto& [peer, fault] : faults_)
    if (fault.upto >= next_) sooner(fault.rests_until_ns);
  if (const auto help = help_ns()) sooner(*help);
  return due;
}

RangeAnswer::RangeAnswer(const GetRange& ask) : range_{ask.from, {}}, count_(std::min(ask.count, kMaxRangeBlocks)) {}

Result<bool> RangeAnswer::add(const ReadFinal& read) {
  const std::uint64_t i = range_.blocks.size();
  if (i >= count_ || range_.from.value > UINT64_MAX - i) return false;
  DOS_ASSIGN(auto block, read(Height{range_.from.value + i}));
  if (!block) return false;
  const std::uint64_t bytes = codec::encode(block->anchor).size() + block->payload.size();
  if (i > 0 && bytes_ + bytes > kMaxRangeBytes) return false;
  bytes_ += bytes;
  range_.blocks.push_back(std::move(*block));
  return true;
}

Result<Range> answer_range(const GetRange& ask, const ReadFinal& read) {
  RangeAnswer answer(ask);
  for (;;) {
    DOS_ASSIGN(const bool more, answer.add(read));
    if (!more) return answer.take();
  }
}

}  // namespace dos::net
