// One connection of an HTTP server: request, answer, the next request, until its end. Internal to serve/; http_server.cpp alone
// includes it.
#pragma once
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <utility>

#include "api/budgets.hpp"
#include "api/handler.hpp"
#include "api/problem.hpp"
#include "serve/http_head.hpp"
#include "serve/http_house.hpp"

namespace dos::serve {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using Plain = beast::tcp_stream;
using Secure = beast::ssl_stream<beast::tcp_stream>;

inline constexpr std::size_t kHeadReadBytes = 4 * 1024, kBodyReadBytes = 64 * 1024;  // of one read, at most
inline constexpr std::uint64_t kLongestWaitMs = 60'000;      // that is said to who cannot pay for its body
inline constexpr unsigned kLingerSeconds = 2;

// A body that takes memory for what came, not for what was announced.
struct GrowingBody {
  using value_type = Bytes;
  static std::uint64_t size(const value_type& body) { return body.size(); }
  class reader {
   public:
    template <bool isRequest, class Fields>
    reader(http::header<isRequest, Fields>&, value_type& body) : body_(body) {}
    void init(const boost::optional<std::uint64_t>& length, beast::error_code& e) {
      announced_ = length ? std::size_t(*length) : SIZE_MAX;
      e = {};
    }
    template <class Buffers>
    std::size_t put(const Buffers& buffers, beast::error_code& e) {
      const std::size_t n = asio::buffer_size(buffers);
      const auto need = body_.size() + n;
      if (need > body_.capacity()) body_.reserve(std::max(need, std::min(2 * body_.capacity(), announced_)));
      for (auto at = asio::buffer_sequence_begin(buffers); at != asio::buffer_sequence_end(buffers); ++at) {
        const asio::const_buffer b = *at;
        const auto* first = static_cast<const std::uint8_t*>(b.data());
        body_.insert(body_.end(), first, first + b.size());
      }
      e = {};
      return n;
    }
    void finish(beast::error_code& e) { e = {}; }

   private:
    value_type& body_;
    std::size_t announced_ = 0;  // may come, at most
  };
};

template <class Stream>
class HttpSession final : public Closable, public std::enable_shared_from_this<HttpSession<Stream>> {
 public:
  using Time = std::chrono::steady_clock;
  HttpSession(Stream stream, HttpHouse& house, api::Source source)
      : stream_(std::move(stream)), house_(house), source_(source), executor_(stream_.get_executor()), pause_(executor_) {}
  ~HttpSession() override {
    if (id_ != 0) house_.leave(id_);
  }

  bool enter() {  // false: to be dropped, closed at once
    id_ = house_.enter(this, source_).value_or(0);
    return id_ != 0;
  }
  void start() {  // on its strand
    if constexpr (std::is_same_v<Stream, Secure>) {
      const auto now = std::uint64_t(std::chrono::nanoseconds(Time::now().time_since_epoch()).count());
      const auto wait = house_.begin_handshake(id_, source_, now);
      if (!wait) return;
      if (*wait == 0) return handshake();
      pause_.expires_after(std::chrono::nanoseconds(*wait));
      pause_.async_wait([self = this->shared_from_this()](beast::error_code e) {
        if (!e) self->handshake();
      });
    } else {
      next_request();
    }
  }

  const asio::any_io_executor& executor() const { return executor_; }

  void close() override {
    asio::post(executor_, [weak = this->weak_from_this()] {
      const auto self = weak.lock();
      if (!self) return;
      self->pause_.cancel();
      self->lowest().close();
      self->asked_.reset();
    });
  }
  std::shared_ptr<Closable> let_go() override { return std::exchange(asked_, nullptr); }

 private:
  beast::tcp_stream& lowest() { return beast::get_lowest_layer(stream_); }

  void handshake() {
    if constexpr (std::is_same_v<Stream, Secure>) {
      lowest().expires_after(std::chrono::seconds(std::min(10u, house_.config.request_seconds)));
      stream_.async_handshake(asio::ssl::stream_base::server, [self = this->shared_from_this()](beast::error_code e) {
        self->house_.end_handshake(self->id_);
        if (!e) self->next_request();
      });
    }
  }

  // ---- the head
  void next_request() {
    house_.rest(id_);
    parser_.reset();
    scanner_ = {};
    request_ = {};
    version_ = 11;
    keep_alive_ = head_ = unread_ = false;
    if (buffer_.capacity() > 2 * kHeadReadBytes) buffer_.shrink_to_fit();
    const bool waits = buffer_.size() == 0 && served_ > 0;
    lowest().expires_after(std::chrono::seconds(waits ? house_.config.idle_seconds : house_.config.request_seconds));
    read_head();
  }

  void read_head() {
    switch (scanner_.scan(received())) {
      case HeadScanner::State::bad: return refuse(scanner_.fault());
      case HeadScanner::State::whole: return on_head();
      case HeadScanner::State::more: break;
    }
    const bool first = buffer_.size() == 0;
    read_some(kHeadReadBytes, [this, first] {
      if (first) lowest().expires_after(std::chrono::seconds(house_.config.request_seconds));
      read_head();
    });
  }

  std::string_view received() const {
    const auto data = buffer_.data();
    return {static_cast<const char*>(data.data()), data.size()};
  }

  template <class Next>
  void read_some(std::size_t most, Next next) {
    stream_.async_read_some(buffer_.prepare(most), [self = this->shared_from_this(), next](beast::error_code e, std::size_t n) {
      self->buffer_.commit(n);
      if (e == asio::error::eof && (self->buffer_.size() > 0 || self->parser_))  // it may still read
        return self->refuse({400, Errc::malformed, "the request ends before it is whole"});
      if (e) return self->end();
      next();
    });
  }

  void on_head() {
    const auto all = received();
    const auto text = all.substr(scanner_.begin(), scanner_.end() - scanner_.begin());
    parser_.emplace();
    parser_->header_limit(2 * kMaxHeadBytes);  // the scanner's is the limit
    parser_->body_limit(boost::none);
    beast::error_code e;
    parser_->put(asio::buffer(text.data(), text.size()), e);
    if (e) return refuse(fault_of_line(text.substr(0, text.find('\r'))));
    const auto& m = parser_->get();
    ParsedHead head{std::string(m.method_string()), std::string(m.target()), m.version(), {}, parser_->chunked(), std::nullopt};
    if (const auto length = parser_->content_length()) head.length = *length;
    for (const auto& f : m) head.fields.push_back({std::string(f.name_string()), std::string(f.value())});
    buffer_.consume(scanner_.end());
    head_ = head.method == "HEAD";
    version_ = head.version;
    auto judged = judge_head(head, house_.config);
    if (judged.fault) return refuse(*judged.fault);
    keep_alive_ = parser_->keep_alive();
    request_.method = std::move(head.method);
    request_.target = std::move(judged.plan.target);
    request_.headers = std::move(head.fields);
    request_.source = source_;
    begin_body(head.chunked, head.length.value_or(0), judged.plan.wants_continue);
  }

  // ---- the body
  void begin_body(bool chunked, std::uint64_t length, bool wants_continue) {
    if (!chunked && length == 0) return answer();
    const auto limit = api::body_limit(request_.method, request_.target);
    unread_ = true;
    if (limit == 0 && request_.method != "GET" && request_.method != "HEAD") {
      keep_alive_ = false;
      return answer();  // no route takes it; which those are is said without its body
    }
    if (limit == 0 || length > limit) return refuse({413, Errc::limit, "the body is larger than this route takes"});
    parser_->body_limit(limit);
    parser_->eager(true);
    kind_ = api::is_question(request_.method, request_.target) ? HttpHouse::Kind::read : HttpHouse::Kind::write;
    began_ = Time::now();
    came_ = paid_ = 0;
    takes_body_ = true;
    house_.rest(id_);
    if (!wants_continue || buffer_.size() > 0) return feed_body();
    limit_body_time();
    auto go_on = std::make_shared<http::response<http::empty_body>>(http::status::continue_, 11);
    http::async_write(stream_, *go_on, [self = this->shared_from_this(), go_on](beast::error_code e, std::size_t) {
      if (e) self->end();
      else self->feed_body();
    });
  }

  void feed_body() {
    beast::error_code e;
    while (!e && !parser_->is_done() && buffer_.size() > 0) {
      const auto n = parser_->put(buffer_.data(), e);
      buffer_.consume(n);
      came_ += n;
    }
    if (e == http::error::need_more) e = {};
    if (e == http::error::body_limit) return refuse({413, Errc::limit, "the body is larger than this route takes"});
    if (e) return refuse({400, Errc::malformed, "the body's chunks are not well formed"});
    const bool whole = parser_->is_done();
    if (whole && buffer_.size() == 0) buffer_.shrink_to_fit();
    if (!whole && buffer_.size() > kMaxChunkHeadBytes) return refuse({400, Errc::limit, "the head of a chunk is larger than 4 KiB"});
    if (came_ > kMaxChunkHeadsBytes + 9 * parser_->get().body().size())
      return refuse({400, Errc::limit, "the heads of the chunks are larger than eight times what is in them"});
    if (!house_.hold(kind_, id_, source_, parser_->get().body().capacity() + buffer_.capacity()))
      return refuse({503, Errc::busy, "too many bodies are under way"});
    if (body_work_bytes() - paid_ >= kBodyPieceBytes)
      if (const auto wait = pay_for_body({})) return wait_to_pay(std::chrono::milliseconds(std::min<std::uint64_t>(*wait, kLongestWaitMs)));
    if (whole) {
      unread_ = false;
      house_.keep(kind_, id_);
      return answer();
    }
    limit_body_time();
    read_some(std::clamp<std::size_t>(came_, kHeadReadBytes, kBodyReadBytes), [this] { feed_body(); });
  }

  Time::time_point end_of_body_time() const {
    return began_ + std::chrono::milliseconds(body_patience_ms(came_, house_.config.request_seconds));
  }
  void limit_body_time() { lowest().expires_at(end_of_body_time()); }

  std::uint64_t body_work_bytes() const {
    const auto heads = came_ - std::min<std::uint64_t>(came_, parser_->get().body().size());
    return came_ + (kChunkHeadTimes - 1) * heads;
  }
  // For what came of it and is not paid yet. Or how long the source has to wait until it can.
  std::optional<std::uint64_t> pay_for_body(const api::Cost& beside) {
    if (!house_.config.charge) return std::nullopt;
    const auto bytes = body_work_bytes();
    const auto wait = house_.config.charge(source_, api::work_of(api::Cost{0, bytes - paid_, 0} + beside));
    if (!wait) paid_ = bytes;
    return wait;
  }
  // Meanwhile no more of it is read.
  void wait_to_pay(std::chrono::milliseconds wait) {
    if (Time::now() + wait >= end_of_body_time()) {
      body_is_lost();
      keep_alive_ = false;
      return send(api::told_to_wait(std::uint64_t(wait.count())));
    }
    pause_.expires_after(wait);
    pause_.async_wait([self = this->shared_from_this()](beast::error_code e) {
      if (!e) self->feed_body();
    });
  }
  // Of a body that does not become whole no handler hears.
  void body_is_lost() {
    if (!std::exchange(takes_body_, false)) return;
    came_ += buffer_.size();
    (void)pay_for_body(api::cost_of(api::Price::text));
    came_ = paid_ = 0;
  }

  // ---- the answer
  void answer() {
    request_.body = std::move(parser_->get().body());
    request_.body_paid = std::size_t(paid_);
    came_ = paid_ = 0;
    takes_body_ = false;
    parser_.reset();
    const api::Request request = std::exchange(request_, {});
    house_.work(id_);
    lowest().expires_never();  // the handler bounds its own time
    asked_ = this->shared_from_this();
    const auto way = std::make_shared<WayBack>(house_.gate(), this->weak_from_this());
    house_.handler(request, [way](api::Response r) { way->give(std::move(r)); });
  }

  // Where one request's answer goes. Dropped without one, the connection ends.
  class WayBack {
   public:
    WayBack(std::shared_ptr<HttpHouse::Gate> gate, std::weak_ptr<HttpSession> to) : gate_(std::move(gate)), to_(std::move(to)) {}
    ~WayBack() { give(std::nullopt); }
    void give(std::optional<api::Response> r) {
      std::lock_guard hold(gate_->mutex);
      const auto session = gate_->open ? std::exchange(to_, {}).lock() : nullptr;
      if (!session) return;
      asio::post(session->executor_, [session, r = std::move(r)]() mutable {
        if (!std::exchange(session->asked_, nullptr)) return;  // closed meanwhile
        if (r) session->send(std::move(*r));
        else session->end();
      });
    }

   private:
    std::shared_ptr<HttpHouse::Gate> gate_;
    std::weak_ptr<HttpSession> to_;
  };

  void refuse(const HeadFault& fault) {
    body_is_lost();
    keep_alive_ = false;
    unread_ = true;
    send(api::problem(fault.status, Error{fault.code, fault.detail}));
  }

  void send(api::Response r) {
    house_.release(id_);
    house_.rest(id_);
    parser_.reset();
    if (!house_.hold(HttpHouse::Kind::answer, id_, source_, r.body.size()))
      r = api::problem(503, Error{Errc::busy, "too many answers are under way"});
    auto m = std::make_shared<http::response<http::string_body>>(http::int_to_status(unsigned(r.status)), version_);
    m->set(http::field::server, "dosd");
    if (r.status != 204) m->set(http::field::content_type, r.type);
    for (const auto& h : r.headers) m->insert(h.name, h.value);
    const auto size = r.length.value_or(r.body.size());
    if (!head_) m->body() = std::move(r.body);
    m->keep_alive(keep_alive_);
    if (r.status == 204) m->content_length(boost::none);
    else m->content_length(size);
    lowest().expires_after(std::chrono::seconds(house_.config.request_seconds));
    const bool told_to_wait = r.status == 429;
    http::async_write(stream_, *m, [self = this->shared_from_this(), m, told_to_wait](beast::error_code e, std::size_t) {
      ++self->served_;
      self->house_.release(self->id_);
      if (e) self->end();
      else if (self->keep_alive_ && told_to_wait) self->rest();
      else if (self->keep_alive_) self->next_request();
      else if (self->unread_) self->linger();
      else self->end();
    });
  }

  // Who was told to wait and asks again at once is not heard at once: to say no, again and again, is work too.
  void rest() {
    pause_.expires_after(std::chrono::milliseconds(house_.config.refused_pause_ms));
    pause_.async_wait([self = this->shared_from_this()](beast::error_code e) {
      if (!e) self->next_request();
    });
  }

  // RFC 9112, 9.6: what is still on its way is read away; unread, it would turn the end into a reset that can overtake the answer.
  void linger() {
    beast::error_code ignored;  // the connection is over either way
    lowest().socket().shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
    lowest().expires_after(std::chrono::seconds(std::min(kLingerSeconds, house_.config.request_seconds)));
    drain();
  }
  void drain() {
    buffer_.clear();
    lowest().async_read_some(buffer_.prepare(kHeadReadBytes), [self = this->shared_from_this()](beast::error_code e, std::size_t n) {
      self->drained_ += n;
      if (e || self->drained_ > kMaxDrainBytes) self->end();
      else self->drain();
    });
  }

  void end() {
    body_is_lost();
    beast::error_code ignored;  // the connection is over either way
    lowest().socket().shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
    lowest().close();
  }

  Stream stream_;
  HttpHouse& house_;
  const api::Source source_;
  HttpHouse::Id id_ = 0;
  asio::any_io_executor executor_;
  asio::steady_timer pause_;             // before its TLS handshake begins; behind a 429
  std::shared_ptr<HttpSession> asked_;  // itself, while the handler has its request
  beast::flat_buffer buffer_{2 * kBodyReadBytes + kMaxHeadBytes};
  HeadScanner scanner_;
  std::optional<http::request_parser<GrowingBody>> parser_;
  api::Request request_;
  HttpHouse::Kind kind_ = HttpHouse::Kind::write;
  Time::time_point began_;
  std::uint64_t came_ = 0, paid_ = 0;  // of the body; of body_work_bytes()
  std::uint64_t served_ = 0, drained_ = 0;
  unsigned version_ = 11;
  bool keep_alive_ = false, head_ = false;
  bool takes_body_ = false;
  bool unread_ = false;  // the end of its request was not read
};

}  // namespace dos::serve
