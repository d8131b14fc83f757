#include "net/range_server.hpp"

namespace dos::net {

RangeServer::RangeServer(Outbox& out, Clock& clock, ReadFinal read) : out_(out), clock_(clock), read_(std::move(read)) {}

void RangeServer::received(std::uint16_t from, GetRange ask) { asks_.insert_or_assign(from, ask); }

void RangeServer::peer_down(std::uint16_t peer) {
  asks_.erase(peer);
  if (job_ && job_->peer == peer) job_.reset();
}

bool RangeServer::begin() {
  retry_ns_ = clock_.monotonic_ns() + kRangeRetryNs;
  for (std::size_t left = asks_.size(); left > 0; --left) {
    auto at = asks_.upper_bound(last_);
    if (at == asks_.end()) at = asks_.begin();
    const auto peer = last_ = at->first;
    if (!out_.affords(peer)) continue;
    const GetRange ask = at->second;
    asks_.erase(at);
    if (!out_.room_for(peer, kMaxRangeBytes)) continue;  // it does not read what it asked for
    job_ = Job{peer, RangeAnswer(ask)};
    return true;
  }
  return false;
}

void RangeServer::piece() {
  auto& [peer, answer] = *job_;
  const auto began = answer.bytes();
  bool done = false;
  for (std::uint32_t i = 0; i < kRangePieceBlocks && !done && answer.bytes() - began < kRangePieceBytes; ++i) {
    const auto before = answer.bytes();
    const auto added = answer.add(read_);
    if (!added) return job_.reset();
    done = !*added;
    out_.charge(peer, {1, answer.bytes() - before, 0});
  }
  done = done || (answer.blocks() > 0 && !out_.affords(peer));  // what is left follows with its next question
  if (!done) return;
  const auto to = peer;
  const Range range = answer.take();
  job_.reset();
  out_.send(to, range);
}

void RangeServer::wake() {
  if (job_ || begin()) piece();
}

std::optional<std::uint64_t> RangeServer::deadline_ns() const {
  if (job_) return 0;
  if (asks_.empty()) return std::nullopt;
  for (const auto& [peer, ask] : asks_)
    if (out_.affords(peer)) return 0;
  return retry_ns_;
}

}  // namespace dos::net
