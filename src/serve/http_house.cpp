#include "serve/http_house.hpp"

#include <utility>

namespace dos::serve {
namespace {

constexpr HandshakePace::Rate kHandshakesOfOne{100, 200}, kHandshakesOfAll{400, 400};
constexpr std::uint64_t kLongestHandshakeWaitNs = 8'000'000'000;

}  // namespace

HttpHouse::HttpHouse(HttpConfig c, HttpServer::Handler h)
    : config(std::move(c)),
      handler(std::move(h)),
      places_(config.max_connections),
      handshakes_(config.max_handshakes),
      pace_(kHandshakesOfOne, kHandshakesOfAll, kLongestHandshakeWaitNs),
      writes_(config.max_body_bytes_in_flight, kFreeBytesEach),
      reads_(config.max_read_body_bytes, kFreeBytesEach),
      answers_(config.max_answer_bytes_in_flight, kFreeBytesEach) {}

std::optional<HttpHouse::Id> HttpHouse::enter(Closable* s, const api::Source& source) {
  std::lock_guard hold(mutex_);
  const auto id = next_;
  const auto entry =
      all_.size() <= config.max_connections + config.max_connections / kClosingShare ? places_.enter(id, source) : Crowd::Entry{};
  if (!entry.in) {
    ++turned_away_;
    return std::nullopt;
  }
  if (entry.out) close(*entry.out);
  all_[id] = s;
  ++next_;
  return id;
}

void HttpHouse::leave(Id id) {
  std::lock_guard hold(mutex_);
  all_.erase(id);
  places_.leave(id);
  handshakes_.leave(id);
  for (auto* b : {&writes_, &reads_, &answers_}) b->leave(id);
}

void HttpHouse::rest(Id id) {
  std::lock_guard hold(mutex_);
  places_.rest(id);
}
void HttpHouse::work(Id id) {
  std::lock_guard hold(mutex_);
  places_.work(id);
}

void HttpHouse::give_up_one() {
  std::lock_guard hold(mutex_);
  if (const auto id = places_.give_up()) close(*id);
}

std::optional<std::uint64_t> HttpHouse::begin_handshake(Id id, const api::Source& source, std::uint64_t now_ns) {
  std::lock_guard hold(mutex_);
  const auto wait = pace_.wait_ns(source, now_ns);
  const auto entry = wait ? handshakes_.enter(id, source) : Crowd::Entry{};
  if (entry.out) close(*entry.out);
  if (entry.in) return wait;
  ++turned_away_;
  return std::nullopt;
}
void HttpHouse::end_handshake(Id id) {
  std::lock_guard hold(mutex_);
  handshakes_.leave(id);
}

bool HttpHouse::hold(Kind kind, Id id, const api::Source& source, std::size_t bytes) {
  std::lock_guard hold(mutex_);
  const auto verdict = budget(kind).hold(id, source, bytes);
  for (const auto other : verdict.out) close(other);
  return verdict.fits;
}
void HttpHouse::keep(Kind kind, Id id) {
  std::lock_guard hold(mutex_);
  budget(kind).keep(id);
}
void HttpHouse::release(Id id) {
  std::lock_guard hold(mutex_);
  for (auto* b : {&writes_, &reads_, &answers_}) b->leave(id);
}

void HttpHouse::close(Id id) {
  places_.leave(id);
  const auto at = all_.find(id);
  if (at == all_.end()) return;
  ++gave_way_;
  at->second->close();
}

void HttpHouse::close_all() {
  std::lock_guard hold(mutex_);
  for (auto& [id, s] : all_) s->close();
}

void HttpHouse::let_go_all() {
  std::vector<std::shared_ptr<Closable>> last;  // end once nothing is held here: they leave
  std::lock_guard hold(gate_->mutex);
  gate_->open = false;
  std::lock_guard hold_all(mutex_);
  for (auto& [id, s] : all_) last.push_back(s->let_go());
}

HttpCounters HttpHouse::counters() const {
  std::lock_guard hold(mutex_);
  return {all_.size(), handshakes_.size(), places_.working(), writes_.bytes(), reads_.bytes(), answers_.bytes(), gave_way_, turned_away_};
}

}  // namespace dos::serve
