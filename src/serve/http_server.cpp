#include "serve/http_server.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl/context.hpp>
#include <thread>

#include "serve/http_session.hpp"
#include "serve/source.hpp"

namespace dos::serve {
namespace {

using tcp = asio::ip::tcp;
constexpr std::chrono::milliseconds kAcceptPause(50);  // descriptors are short

class Server final : public HttpServer {
 public:
  Server(const HttpConfig& config, Handler handler, Log& log)
      : log_(log),
        house_(config, std::move(handler)),
        context_(int(config.threads)),
        acceptor_(asio::make_strand(context_)),
        pause_(acceptor_.get_executor()) {}
  ~Server() override { stop(); }

  Status open() {
    const auto& c = house_.config;
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
  std::size_t connections() const override { return house_.counters().connections; }
  HttpCounters counters() const override { return house_.counters(); }

  void stop() override {
    if (std::exchange(stopped_, true)) return;
    const auto work = asio::make_work_guard(context_);  // a session that waits for its answer is no work, and is closed, too
    asio::post(acceptor_.get_executor(), [this] {
      beast::error_code ignored;  // closing what may be closed already
      acceptor_.close(ignored);
      pause_.cancel();
    });
    house_.close_all();
    for (int i = 0; i < 50 && connections() > 0; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    context_.stop();
    for (auto& t : threads_) t.join();
    house_.let_go_all();
  }

 private:
  Status open_tls() {
    if (house_.config.tls.certificate.empty())
      return fail(Errc::usage, "listening on " + house_.config.host + " needs TLS, and this node has no certificate");
    try {
      tls_.emplace(asio::ssl::context::tls_server);
      SSL_CTX* ctx = tls_->native_handle();
      if (SSL_CTX_set_min_proto_version(ctx, TLS1_3_VERSION) != 1 || SSL_CTX_set1_groups_list(ctx, "X25519MLKEM768:X25519") != 1)
        return fail(Errc::internal, "TLS 1.3 with X25519MLKEM768 is not available");
      SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET);
      const auto& id = house_.config.tls;
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
      if (e == asio::error::no_descriptors || e == boost::system::errc::too_many_files_open_in_system ||
          e == asio::error::no_buffer_space || e == asio::error::no_memory)
        return wait_for_room(e);
      if (!e) take(std::move(socket));
      accept();
    });
  }

  // The connection stays in the system's queue; asking at once again would spin. One that only waits gives way meanwhile.
  void wait_for_room(beast::error_code e) {
    if (!std::exchange(short_, true)) log_.write(LogLevel::warn, "http", "no room for a connection: " + e.message());
    house_.give_up_one();
    pause_.expires_after(kAcceptPause);
    pause_.async_wait([this](beast::error_code stopped) {
      if (!stopped && acceptor_.is_open()) accept();
    });
  }

  void take(tcp::socket socket) {
    short_ = false;
    beast::error_code e;
    const auto from = socket.remote_endpoint(e);
    if (e) return;  // gone again
    socket.set_option(tcp::no_delay(true), e);  // lost, it costs only latency
    const auto source = source_of(from.address());
    if (tls_) begin(std::make_shared<HttpSession<Secure>>(Secure(Plain(std::move(socket)), *tls_), house_, source));
    else begin(std::make_shared<HttpSession<Plain>>(Plain(std::move(socket)), house_, source));
  }
  template <class S>
  void begin(std::shared_ptr<S> session) {
    if (!session->enter()) return;
    asio::post(session->executor(), [session] { session->start(); });
  }

  Log& log_;
  HttpHouse house_;
  asio::io_context context_;
  std::optional<asio::ssl::context> tls_;
  tcp::acceptor acceptor_;
  asio::steady_timer pause_;
  bool short_ = false;  // of descriptors, since the last connection that was taken
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

}  // namespace dos::serve
