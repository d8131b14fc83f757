#include "node/os/http_server.hpp"

#include <utility>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/strand.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <set>
#include <thread>

#include "api/problem.hpp"

namespace dos::node {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using tcp = asio::ip::tcp;
using Plain = beast::tcp_stream;
using Secure = beast::ssl_stream<beast::tcp_stream>;

constexpr std::size_t kMaxHeadBytes = 16 * 1024;

struct Shared {
  HttpConfig config;
  HttpServer::Handler handler;
  std::atomic<std::size_t> connections{0}, body_bytes{0};
};

class Closable {
 public:
  virtual ~Closable() = default;
  virtual void close() = 0;
  virtual std::shared_ptr<Closable> let_go() = 0;  // waits for its answer no longer
};
class Sessions {
 public:
  void add(Closable* s) {
    std::lock_guard hold(mutex_);
    all_.insert(s);
  }
  void remove(Closable* s) {
    std::lock_guard hold(mutex_);
    all_.erase(s);
  }
  void close_all() {
    std::lock_guard hold(mutex_);
    for (auto* s : all_) s->close();
  }
  void let_go_all() {  // once no thread uses them
    std::vector<std::shared_ptr<Closable>> last;
    std::lock_guard hold(gate_->mutex);
    gate_->open = false;
    std::lock_guard hold_all(mutex_);
    for (auto* s : all_) last.push_back(s->let_go());
  }

  // What handlers hold may outlive the server: behind this, nothing of it is touched any more.
  struct Gate {
    std::mutex mutex;
    bool open = true;
  };
  const std::shared_ptr<Gate>& gate() const { return gate_; }

 private:
  std::shared_ptr<Gate> gate_ = std::make_shared<Gate>();
  std::mutex mutex_;
  std::set<Closable*> all_;
};

template <class Stream>
class Session final : public Closable, public std::enable_shared_from_this<Session<Stream>> {
 public:
  Session(Stream stream, Shared& shared, Sessions& sessions)
      : stream_(std::move(stream)), shared_(shared), sessions_(sessions), executor_(stream_.get_executor()) {
    ++shared_.connections;
    sessions_.add(this);
  }
  ~Session() override {
    sessions_.remove(this);
    release_body();
    --shared_.connections;
  }

  void start() {
    if constexpr (std::is_same_v<Stream, Secure>) {
      lowest().expires_after(std::chrono::seconds(std::min(10u, shared_.config.request_seconds)));
      stream_.async_handshake(asio::ssl::stream_base::server, [self = this->shared_from_this()](beast::error_code e) {
        if (!e) self->read_head();
      });
    } else {
      read_head();
    }
  }

  void close() override {
    asio::post(executor_, [weak = this->weak_from_this()] {
      const auto self = weak.lock();
      if (!self) return;
      self->lowest().close();
      self->asked_.reset();
    });
  }
  std::shared_ptr<Closable> let_go() override { return std::exchange(asked_, nullptr); }

 private:
  beast::tcp_stream& lowest() { return beast::get_lowest_layer(stream_); }

  void read_head() {
    parser_.emplace();
    parser_->header_limit(kMaxHeadBytes);
    parser_->body_limit(boost::none);
    lowest().expires_after(std::chrono::seconds(served_ == 0 ? shared_.config.request_seconds : shared_.config.idle_seconds));
    http::async_read_header(stream_, buffer_, *parser_,
                            [self = this->shared_from_this()](beast::error_code e, std::size_t) { self->on_head(e); });
  }

  void on_head(beast::error_code e) {
    if (e == http::error::header_limit) return refuse(431, Errc::limit, "the request's head is larger than 16 KiB");
    if (e) return end();
    const auto& m = parser_->get();
    const std::string target(m.target()), method(m.method_string());
    if (!host_allowed(m[http::field::host], shared_.config))
      return refuse(421, Errc::usage, "this Host is not this node: on loopback, use 127.0.0.1 or localhost");
    const auto limit = api::body_limit(method, target);
    const auto length = parser_->content_length();
    const std::uint64_t reserve = length ? *length : parser_->chunked() ? limit : 0;
    if (reserve > limit) return refuse(413, Errc::limit, "the body is larger than this route takes");
    if (reserve > 0) {
      body_reserved_ = std::size_t(reserve);
      if (shared_.body_bytes.fetch_add(body_reserved_) + body_reserved_ > shared_.config.max_body_bytes_in_flight)
        return refuse(503, Errc::busy, "too many bodies are under way");
    }
    parser_->body_limit(std::max<std::size_t>(limit, 1));
    lowest().expires_after(std::chrono::seconds(shared_.config.request_seconds));
    if (beast::iequals(m[http::field::expect], "100-continue")) {
      auto go_on = std::make_shared<http::response<http::empty_body>>(http::status::continue_, 11);
      http::async_write(stream_, *go_on, [self = this->shared_from_this(), go_on](beast::error_code e2, std::size_t) {
        if (e2) self->end();
        else self->read_body();
      });
      return;
    }
    read_body();
  }

  void read_body() {
    http::async_read(stream_, buffer_, *parser_, [self = this->shared_from_this()](beast::error_code e, std::size_t) {
      if (e == http::error::body_limit) return self->refuse(413, Errc::limit, "the body is larger than this route takes");
      if (e) return self->end();
      self->answer();
    });
  }

  void answer() {
    auto m = parser_->release();
    keep_alive_ = m.keep_alive();
    version_ = m.version();
    head_ = m.method() == http::verb::head;
    api::Request request;
    request.method = std::string(m.method_string());
    request.target = std::string(m.target());
    for (const auto& f : m) request.headers.push_back({std::string(f.name_string()), std::string(f.value())});
    request.body = std::move(m.body());
    request.source = source();
    lowest().expires_never();  // the handler bounds its own time
    asked_ = this->shared_from_this();
    const auto way = std::make_shared<WayBack>(sessions_.gate(), this->weak_from_this());
    shared_.handler(request, [way](api::Response r) { way->give(std::move(r)); });
  }

  api::Source source() {
    beast::error_code e;
    const auto at = lowest().socket().remote_endpoint(e).address();
    if (e) return api::source_of({});  // gone already: nobody's, and its answer goes nowhere
    const auto v6 = at.is_v4() ? asio::ip::make_address_v6(asio::ip::v4_mapped, at.to_v4()) : at.to_v6();
    return api::source_of(v6.to_bytes());
  }

  // Where one request's answer goes. Dropped without one, the connection ends.
  class WayBack {
   public:
    WayBack(std::shared_ptr<Sessions::Gate> gate, std::weak_ptr<Session> to) : gate_(std::move(gate)), to_(std::move(to)) {}
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
    std::shared_ptr<Sessions::Gate> gate_;
    std::weak_ptr<Session> to_;
  };

  void refuse(int status, Errc code, const char* detail) {
    keep_alive_ = false;
    send(api::problem(status, Error{code, detail}));
  }

  void send(api::Response r) {
    release_body();
    auto m = std::make_shared<http::response<http::string_body>>(http::int_to_status(unsigned(r.status)), version_);
    m->set(http::field::server, "dosd");
    if (r.status != 204) m->set(http::field::content_type, r.type);
    for (const auto& h : r.headers) m->insert(h.name, h.value);
    const auto size = r.body.size();
    m->body() = std::move(r.body);
    m->keep_alive(keep_alive_);
    if (r.status == 204) m->content_length(boost::none);
    else m->content_length(size);
    lowest().expires_after(std::chrono::seconds(shared_.config.request_seconds));
    http::async_write(stream_, *m, [self = this->shared_from_this(), m](beast::error_code e, std::size_t) {
      ++self->served_;
      if (e || !self->keep_alive_) return self->end();
      self->read_head();
    });
  }

  void end() {
    beast::error_code ignored;  // the connection is over either way
    lowest().socket().shutdown(tcp::socket::shutdown_send, ignored);
    lowest().close();
  }

  void release_body() { shared_.body_bytes.fetch_sub(std::exchange(body_reserved_, 0)); }

  Stream stream_;
  Shared& shared_;
  Sessions& sessions_;
  asio::any_io_executor executor_;
  std::shared_ptr<Session> asked_;  // itself, while the handler has its request
  beast::flat_buffer buffer_{kChunkBytes + kMaxHeadBytes};
  std::optional<http::request_parser<http::vector_body<std::uint8_t>>> parser_;
  std::size_t body_reserved_ = 0;
  std::uint64_t served_ = 0;
  unsigned version_ = 11;
  bool keep_alive_ = false, head_ = false;
};

class Server final : public HttpServer {
 public:
  Server(const HttpConfig& config, Handler handler, Log& log)
      : log_(log), context_(int(config.threads)), acceptor_(asio::make_strand(context_)) {
    shared_.config = config;
    shared_.handler = std::move(handler);
  }
  ~Server() override { stop(); }

  Status open() {
    const auto& c = shared_.config;
    beast::error_code e;
    const auto address = asio::ip::make_address(c.host == "localhost" ? "127.0.0.1" : c.host, e);
    if (e) return fail(Errc::usage, "'" + c.host + "' is no IP address to listen on");
    if (!is_loopback(c.host) || c.tls_always) DOS_TRY(open_tls());
    const tcp::endpoint at(address, c.port);
    acceptor_.open(at.protocol(), e);
    if (!e) acceptor_.set_option(asio::socket_base::reuse_address(true), e);
    if (!e) acceptor_.bind(at, e);
    if (!e) acceptor_.listen(1024, e);
    if (e) return fail(Errc::no_port, "cannot listen on " + c.host + ":" + std::to_string(c.port) + ": " + e.message());
    port_ = acceptor_.local_endpoint().port();
    accept();
    for (unsigned i = 0; i < std::max(1u, c.threads); ++i) threads_.emplace_back([this] { context_.run(); });
    return {};
  }

  std::uint16_t port() const override { return port_; }
  std::size_t connections() const override { return shared_.connections; }

  void stop() override {
    if (std::exchange(stopped_, true)) return;
    const auto work = asio::make_work_guard(context_);  // a session that waits for its answer is no work, and is closed, too
    asio::post(acceptor_.get_executor(), [this] {
      beast::error_code ignored;  // closing what may be closed already
      acceptor_.close(ignored);
    });
    sessions_.close_all();
    for (int i = 0; i < 50 && shared_.connections > 0; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    context_.stop();
    for (auto& t : threads_) t.join();
    sessions_.let_go_all();
  }

 private:
  Status open_tls() {
    if (shared_.config.tls.certificate.empty())
      return fail(Errc::usage, "listening on " + shared_.config.host + " needs TLS, and this node has no certificate");
    try {
      tls_.emplace(asio::ssl::context::tls_server);
      SSL_CTX* ctx = tls_->native_handle();
      if (SSL_CTX_set_min_proto_version(ctx, TLS1_3_VERSION) != 1 || SSL_CTX_set1_groups_list(ctx, "X25519MLKEM768:X25519") != 1)
        return fail(Errc::internal, "TLS 1.3 with X25519MLKEM768 is not available");
      SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET);
      const auto& id = shared_.config.tls;
      tls_->use_certificate_chain(asio::buffer(id.certificate));
      tls_->use_private_key(asio::buffer(id.private_key), asio::ssl::context::pem);
    } catch (const boost::system::system_error& e) {
      return fail(Errc::bad_key, std::string("the node's certificate cannot be used: ") + e.what());
    }
    return {};
  }

  void accept() {
    acceptor_.async_accept(asio::make_strand(context_), [this](beast::error_code e, tcp::socket socket) {
      if (e == asio::error::operation_aborted || !acceptor_.is_open()) return;
      if (!e) take(std::move(socket));
      else if (e == asio::error::no_descriptors) {
        log_.write(LogLevel::warn, "http", "no file descriptors left for a connection");
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
      }
      accept();
    });
  }

  void take(tcp::socket socket) {
    if (shared_.connections >= shared_.config.max_connections) return;  // dropped: closed at once
    beast::error_code ignored;  // a lost option costs only latency
    socket.set_option(tcp::no_delay(true), ignored);
    if (tls_) std::make_shared<Session<Secure>>(Secure(Plain(std::move(socket)), *tls_), shared_, sessions_)->start();
    else std::make_shared<Session<Plain>>(Plain(std::move(socket)), shared_, sessions_)->start();
  }

  Log& log_;
  Shared shared_;
  Sessions sessions_;
  asio::io_context context_;
  std::optional<asio::ssl::context> tls_;
  tcp::acceptor acceptor_;
  std::vector<std::thread> threads_;
  std::uint16_t port_ = 0;
  bool stopped_ = false;
};

}  // namespace

Result<std::unique_ptr<HttpServer>> HttpServer::start(const HttpConfig& config, Handler handler, Log& log) {
  auto server = std::make_unique<Server>(config, std::move(handler), log);
  DOS_TRY(server->open());
  return server;
}

}  // namespace dos::node
