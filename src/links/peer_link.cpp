#include "links/peer_link.hpp"

#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/connect.hpp>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <cstring>

#include "base/check.hpp"

namespace dos::links {

using boost::system::error_code;

namespace {
constexpr int kReadsInARow = 4;                     // then other links have their turn
constexpr std::size_t kBatchBytes = 256 * 1024;     // ciphertext made ahead of what the system takes
constexpr std::size_t kIdleBufferBytes = 64 * 1024; // more is given back when a link has nothing left to send
}  // namespace

PeerLink::PeerLink(PeerLinkOwner& owner, const PeerTlsContext& tls, Tcp::socket socket, Config config)
    : owner_(owner),
      config_(std::move(config)),
      tls_(tls, config_.expected ? PeerTls::Side::dials : PeerTls::Side::listens,
           [this](const Hash& peer) { return owner_.may_link(*this, peer); }),
      socket_(std::move(socket)),
      timer_(socket_.get_executor()) {}

void PeerLink::limit_time() {
  timer_.expires_after(std::chrono::milliseconds(config_.handshake_ms));
  timer_.async_wait([self = shared_from_this()](error_code e) {
    if (!e && self->stage_ < Stage::up) self->end("no link within the time for it");
  });
}

void PeerLink::dial(std::vector<Tcp::endpoint> to) {
  limit_time();
  auto places = std::make_shared<std::vector<Tcp::endpoint>>(std::move(to));  // lives as long as the attempt
  boost::asio::async_connect(socket_, *places, [self = shared_from_this(), places](error_code e, const Tcp::endpoint&) {
    if (self->stage_ == Stage::closed) return;
    if (!e) e = self->register_anew();
    if (e) return self->end(e.message());
    self->begin_handshake();
  });
}

// Connecting left the socket registered with the reactor for "may be written", too: each wait for something to read would wake
// the loop once more for nothing.
error_code PeerLink::register_anew() {
  error_code e;
  const auto protocol = socket_.local_endpoint(e).protocol();
  if (e) return e;
  const auto handle = socket_.release(e);
  if (e) return e;
  socket_.assign(protocol, handle, e);
  if (e) ::close(handle);
  return e;
}

void PeerLink::accepted() {
  limit_time();
  begin_handshake();
}

void PeerLink::begin_handshake() {
  error_code e;
  socket_.non_blocking(true, e);
  if (!e) socket_.set_option(Tcp::no_delay(true), e);
  if (e) return end(e.message());
#ifdef TCP_USER_TIMEOUT  // RFC 5482: acknowledged is not read; a peer that stopped reading is gone, too
  const unsigned ms = config_.user_timeout_ms;
  ::setsockopt(socket_.native_handle(), IPPROTO_TCP, TCP_USER_TIMEOUT, &ms, sizeof ms);
#endif
  stage_ = Stage::handshake;
  advance_handshake();
  if (stage_ != Stage::closed) wait_read();
}

void PeerLink::wait_read() {
  if (reading_) return;
  reading_ = true;
  socket_.async_wait(Tcp::socket::wait_read, [self = shared_from_this()](error_code e) {
    self->reading_ = false;
    if (self->stage_ == Stage::closed || self->ending_) return;
    if (e) return self->end(e.message());
    self->on_readable();
  });
}

void PeerLink::on_readable() {
  for (int i = 0; i < kReadsInARow; ++i) {
    auto& buffer = owner_.ciphertext;
    const auto n = ::recv(socket_.native_handle(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) break;
    if (n < 0) return end(std::strerror(errno));
    if (n == 0) return end("closed by the other side");
    owner_.bytes_in += std::uint64_t(n);
    heard_ = true;
    take({buffer.data(), std::size_t(n)});
    if (stage_ == Stage::closed || ending_) return;
    if (std::size_t(n) < buffer.size()) break;  // nothing more for now; if something came meanwhile, the wait ends at once
  }
  wait_read();
}

void PeerLink::take(BytesView ciphertext) {
  tls_.feed(ciphertext);
  if (stage_ == Stage::handshake) advance_handshake();
  if (stage_ < Stage::agreeing || stage_ == Stage::closed) return;
  auto& plain = owner_.plaintext;
  for (bool more = true; more;) {
    std::size_t have = 0;
    while (have < plain.size()) {
      const auto n = tls_.read(std::span(plain).subspan(have));
      more = n > 0;
      if (!more) break;
      have += n;
    }
    if (have > 0 && !frames_.feed({plain.data(), have}, *this)) {
      if (stage_ != Stage::closed && !ending_) end("what it sent is malformed");
      return;
    }
  }
  if (tls_.ended()) return end(tls_.why());
  pump();  // answers to pings, to key updates of TLS
}

void PeerLink::advance_handshake() {
  const auto progress = tls_.handshake();
  flush();  // also the alert that says why
  if (ending_ || stage_ == Stage::closed) return;
  if (progress == PeerTls::Progress::failed) return end(tls_.why());
  if (progress == PeerTls::Progress::more) return;
  stage_ = Stage::agreeing;
  if (!decides()) control(FrameKind::ready);
}

bool PeerLink::frame_data(BytesView part) {
  if (stage_ != Stage::up) return false;
  owner_.link_data(*this, part);
  return stage_ == Stage::up && !ending_;
}

// Two nodes that dial each other at one time make two connections. The side with the smaller key id decides which is kept, at the
// first on which the other says that it accepted the key; so `go` is said, and a link is up, only between two that accept each other.
bool PeerLink::frame_control(FrameKind kind) {
  switch (kind) {
    case FrameKind::ready:
      if (stage_ != Stage::agreeing || !decides() || asked_ready_) return false;
      asked_ready_ = true;
      if (!owner_.keeps(*this)) {
        if (stage_ != Stage::closed) end("another connection is kept");
        return false;
      }
      control(FrameKind::go);
      agreed();
      break;
    case FrameKind::go:
      if (stage_ != Stage::agreeing || decides()) return false;
      agreed();
      break;
    case FrameKind::ping:
      if (stage_ != Stage::up) return false;
      // At most one answer waits: pings that came meanwhile are answered by it.
      if (std::find(controls_.begin(), controls_.end(), FrameKind::pong) == controls_.end()) controls_.push_back(FrameKind::pong);
      break;
    case FrameKind::pong: break;
    case FrameKind::data: return false;
  }
  return stage_ != Stage::closed && !ending_;
}

void PeerLink::agreed() {
  if (ending_ || stage_ == Stage::closed) return;
  stage_ = Stage::up;
  timer_.cancel();
  owner_.link_is_up(*this);
}

bool PeerLink::tick(unsigned patience) {
  if (stage_ != Stage::up || ending_) return true;
  silent_ = std::exchange(heard_, false) ? 0 : silent_ + 1;
  if (silent_ > patience) return false;
  if (silent_ > 0 && queued_bytes() == 0) control(FrameKind::ping);  // what waits to be sent asks for an answer itself
  return true;
}

void PeerLink::control(FrameKind kind) {
  controls_.push_back(kind);
  pump();
}

void PeerLink::send(Bytes bytes) {
  if (stage_ != Stage::up || ending_ || bytes.empty()) return;
  if (queued_bytes() + bytes.size() > kMaxLinkQueueBytes) return end_later("it does not take what is sent to it");
  queued_ += bytes.size();
  queue_.push_back(std::move(bytes));
  pump();
}

void PeerLink::pump() {
  while (!waiting_write_ && !ending_ && stage_ != Stage::closed) {
    if (!flush()) return;
    if (queue_.empty() && controls_.empty()) {
      if (tls_.out().capacity() > 2 * kIdleBufferBytes) Bytes().swap(tls_.out());
      return;
    }
    // A small message is one record and one call of the system; of a large queue a batch goes at once.
    while ((!queue_.empty() || !controls_.empty()) && tls_.out().size() < kBatchBytes) {
      fill();
      if (!tls_.write(record_)) return end_later(tls_.why());
    }
  }
}

void PeerLink::fill() {
  record_.clear();
  while (record_.size() + 8 * kFrameHeadBytes < kRecordBytes) {
    if (frame_left_ == 0) {
      for (const auto kind : std::exchange(controls_, {})) append(record_, frame_head(kind, 0));
    }
    if (queue_.empty()) return;
    const auto& front = queue_.front();
    if (frame_left_ == 0) {
      frame_left_ = std::min(front.size() - front_at_, kMaxFrameLength);
      append(record_, frame_head(FrameKind::data, frame_left_));
    }
    const auto n = std::min(frame_left_, kRecordBytes - record_.size());
    append(record_, BytesView(front).subspan(front_at_, n));
    front_at_ += n;
    frame_left_ -= n;
    queued_ -= n;
    if (front_at_ < front.size()) continue;
    queue_.pop_front();
    front_at_ = 0;
  }
}

bool PeerLink::flush() {
  auto& out = tls_.out();
  while (out_at_ < out.size()) {
    const auto n = ::send(socket_.native_handle(), out.data() + out_at_, out.size() - out_at_, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n > 0) {
      out_at_ += std::size_t(n);
      owner_.bytes_out += std::uint64_t(n);
      continue;
    }
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
      if (!std::exchange(waiting_write_, true))
        socket_.async_wait(Tcp::socket::wait_write, [self = shared_from_this()](error_code e) {
          self->waiting_write_ = false;
          if (self->stage_ == Stage::closed || self->ending_) return;
          if (e) return self->end(e.message());
          self->heard_ = true;  // it acknowledged what it had been sent
          self->pump();
        });
      return false;
    }
    end_later(std::strerror(errno));
    return false;
  }
  out.clear();
  out_at_ = 0;
  return true;
}

void PeerLink::end_later(std::string why) {
  if (stage_ == Stage::closed || std::exchange(ending_, true)) return;
  queue_.clear();
  queued_ = 0;
  boost::asio::post(socket_.get_executor(), [self = shared_from_this(), why = std::move(why)] { self->end(why); });
}

void PeerLink::end(const std::string& why) {
  if (stage_ == Stage::closed) return;
  const auto self = shared_from_this();  // the owner lets go
  close();
  owner_.link_ended(*this, why);
}

void PeerLink::close() {
  stage_ = Stage::closed;
  queue_.clear();
  queued_ = 0;
  error_code ignored;  // it is over either way
  timer_.cancel();
  socket_.close(ignored);
}

}  // namespace dos::links
