#include "client/trust/http.hpp"

#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <optional>

#include "client/trust/json_text.hpp"
#include "client/trust/no_later.hpp"
#include "crypto/certificate.hpp"
#include "ledger/wire.hpp"

namespace dos::client {
namespace net = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using Tcp = net::ip::tcp;
using boost::system::error_code;
using Clock = std::chrono::steady_clock;

namespace {

constexpr std::size_t kMaxAnswerHeadBytes = 64 * 1024;  // the library bounds what it holds at once, not what it took before
constexpr std::size_t kReadBytes = 16 * 1024;
constexpr std::size_t kMaxBufferBytes = 128 * 1024;     // received and not taken: a chunk's head without end ends there

// The key that the finished handshake was signed with (TLS 1.3: CertificateVerify).
Bytes key_of_peer(SSL* ssl) {
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(SSL_get_peer_certificate(ssl), X509_free);
  return crypto::key_in_certificate(certificate.get());
}

// Of a number it is at hand; of a name the system's resolver may ask others, and then waits for them as long as it likes.
using Places = std::pair<Tcp::resolver::results_type, error_code>;
std::optional<Places> look_up(const Url& url, Clock::time_point end) {
  const auto resolve = [host = url.host, port = std::to_string(url.port)] {
    net::io_context own;
    Places out;
    out.first = Tcp::resolver(own).resolve(host, port, out.second);
    return out;
  };
  error_code is_name;
  net::ip::make_address(url.host, is_name);
  return is_name ? no_later(end, resolve) : resolve();
}

}  // namespace

struct HttpConnection::Impl {
  Impl(Url u, std::vector<crypto::PublicKey> keys) : url(std::move(u)), node_keys(std::move(keys)) {}
  Url url;
  std::vector<crypto::PublicKey> node_keys;
  bool foreign_key = false;
  bool sent = false;
  // Of the request under way. Looked at between any two steps: the stream's own timers begin anew with each read, and do not come
  // to their turn while a sender never pauses.
  Clock::time_point deadline{};
  std::optional<net::io_context> io;  // made when it is needed: it takes descriptors
  std::optional<beast::tcp_stream> plain;
  std::optional<net::ssl::context> tls_context;
  std::optional<beast::ssl_stream<beast::tcp_stream>> tls;
  beast::flat_buffer buffer{kMaxBufferBytes};

  bool connected() const { return plain || tls; }
  void close() {
    plain.reset();
    tls.reset();
    buffer.clear();
  }
  // Runs what was started until it has ended, or is ended at the deadline.
  template <class Start>
  error_code run(Start&& start) {
    std::optional<error_code> result;
    io->restart();
    start([&](error_code e, auto&&...) { result = e; });
    while (!result && Clock::now() < deadline && io->run_one_until(deadline) > 0) {}
    const bool ended = result.has_value();
    error_code ignored;  // what is closed here is over either way
    if (!ended) lowest().socket().close(ignored);
    io->run();  // nothing that was started outlives its call
    return ended ? *result : error_code(beast::error::timeout);
  }
  beast::tcp_stream& lowest() { return tls ? beast::get_lowest_layer(*tls) : *plain; }

  // Running out of descriptors or memory is an error of this request like any.
  error_code connect() {
    try {
      const auto e = try_to_connect();
      if (e) close();
      return e;
    } catch (const boost::system::system_error& e) {
      close();
      return e.code();
    } catch (const std::system_error& e) {
      close();
      return e.code();
    }
  }

  error_code try_to_connect() {
    close();
    if (!io) io.emplace();
    error_code e;
    auto looked_up = look_up(url, deadline);
    if (!looked_up) return beast::error::timeout;
    const auto& [places, failed] = *looked_up;
    if (failed) return failed;
    if (url.tls) {
      tls_context.emplace(net::ssl::context::tls_client);
      SSL_CTX_set_min_proto_version(tls_context->native_handle(), TLS1_3_VERSION);
      SSL_CTX_set1_groups_list(tls_context->native_handle(), "X25519MLKEM768");
      const bool pinned = !node_keys.empty();
      if (!pinned) tls_context->set_default_verify_paths(e);
      tls_context->set_verify_mode(pinned ? net::ssl::verify_none : net::ssl::verify_peer, e);
      tls.emplace(*io, *tls_context);
      if (!pinned && (SSL_set_tlsext_host_name(tls->native_handle(), url.host.c_str()) != 1 ||
                      SSL_set1_host(tls->native_handle(), url.host.c_str()) != 1))
        return net::error::invalid_argument;
    } else {
      plain.emplace(*io);
    }
    e = run([&](auto done) { lowest().async_connect(places, done); });
    if (!e) lowest().socket().set_option(Tcp::no_delay(true), e);
    if (!e && tls) e = run([&](auto done) { tls->async_handshake(net::ssl::stream_base::client, done); });
    if (!e && tls && !node_keys.empty()) {
      const Bytes key = key_of_peer(tls->native_handle());
      foreign_key = true;
      for (const auto& allowed : node_keys) foreign_key = foreign_key && (key.empty() || key != allowed.bytes);
      if (foreign_key) e = net::error::access_denied;
    }
    return e;
  }

  // Piece by piece, counting: the library takes what it understands of a head and forgets how much it has taken.
  template <class Stream, class Parser>
  error_code read_head(Stream& stream, Parser& parser) {
    error_code e;
    for (std::size_t taken = 0; !parser.is_header_done();) {
      if (buffer.size() > 0) {
        const auto n = parser.put(buffer.data(), e);
        buffer.consume(n);
        taken += n;
        if (e && e != http::error::need_more) return e;
        if (parser.is_header_done()) return {};
        if (taken + buffer.size() > kMaxAnswerHeadBytes) return http::error::header_limit;
      }
      std::size_t came = 0;
      e = run([&](auto done) {
        stream.async_read_some(buffer.prepare(kReadBytes), [&came, done](error_code ec, std::size_t n) {
          came = n;
          done(ec);
        });
      });
      buffer.commit(came);
      if (e == net::error::eof && taken + buffer.size() > 0) return http::error::partial_message;
      if (e) return e;
    }
    return {};
  }

  using Parser = http::response_parser<http::vector_body<std::uint8_t>>;
  template <class Stream>
  error_code exchange(Stream& stream, http::request<http::span_body<const std::uint8_t>>& request, std::optional<Parser>& parser,
                      std::uint64_t body_limit) {
    auto e = run([&](auto done) { http::async_write(stream, request, done); });
    for (int interim = 0; !e; ++interim) {
      parser.emplace();
      parser->body_limit(body_limit);
      e = read_head(stream, *parser);
      if (e == net::error::eof && interim > 0) return http::error::partial_message;  // it had begun to answer
      if (e || parser->get().result_int() / 100 != 1) break;
      if (interim == kMaxInterimAnswers) return http::error::bad_status;
    }
    if (e || parser->is_done()) return e;
    return run([&](auto done) { http::async_read(stream, buffer, *parser, done); });
  }
};

HttpConnection::HttpConnection(Url url, std::vector<crypto::PublicKey> node_keys)
    : impl_(std::make_unique<Impl>(std::move(url), std::move(node_keys))) {}
HttpConnection::HttpConnection(HttpConnection&&) noexcept = default;
HttpConnection& HttpConnection::operator=(HttpConnection&&) noexcept = default;
HttpConnection::~HttpConnection() = default;
const Url& HttpConnection::url() const { return impl_->url; }
bool HttpConnection::sent() const { return impl_->sent; }

Result<HttpAnswer> HttpConnection::request(std::string_view method, std::string_view target, BytesView body,
                                           std::chrono::milliseconds timeout, std::uint64_t body_limit,
                                           const std::function<void()>& leaving) {
  auto& c = *impl_;
  const auto verb = http::string_to_verb(method);
  http::request<http::span_body<const std::uint8_t>> request(verb, target, 11);
  request.set(http::field::host, c.url.host + ":" + std::to_string(c.url.port));
  request.set(http::field::user_agent, "dos");
  request.set(http::field::accept, ledger::kWireType);
  if (!body.empty()) request.set(http::field::content_type, ledger::kWireType);
  request.body() = beast::span<const std::uint8_t>(body.data(), body.size());
  request.prepare_payload();

  error_code e;
  c.sent = false;
  const auto end = Clock::now() + timeout;  // of both tries
  for (int attempt = 0; attempt < 2; ++attempt) {
    const bool reused = c.connected();
    // Plain HTTP is on this machine: a process takes connections at once, or is not there.
    c.deadline = std::min(end, Clock::now() + std::chrono::milliseconds(c.url.tls ? 5000 : 1500));
    if (!reused) e = c.connect();
    if (e) break;
    std::optional<Impl::Parser> parser;
    c.deadline = end;
    if (leaving) leaving();
    c.sent = true;
    e = c.tls ? c.exchange(*c.tls, request, parser, body_limit) : c.exchange(*c.plain, request, parser, body_limit);
    if (!e) {
      auto answer = parser->release();
      HttpAnswer out{answer.result_int(), std::string(answer[http::field::content_type]), std::move(answer.body())};
      if (!answer.keep_alive()) c.close();
      return out;
    }
    c.close();
    // A kept connection may have been closed by the node between requests; nothing was answered, so ask again once.
    const bool closed_meanwhile =
        e == http::error::end_of_stream || e == net::error::connection_reset || e == net::error::broken_pipe || e == net::error::eof;
    if (!reused || !closed_meanwhile) break;
    e = {};
  }
  if (c.foreign_key) return fail(Errc::signature_invalid, c.url.text() + " does not hold the key of a validator of this chain");
  if (e == http::error::body_limit)
    return fail(Errc::limit, c.url.text() + " answered with more than " + std::to_string(body_limit) + " bytes");
  if (e == beast::error::timeout)
    return fail(Errc::timed_out, c.url.text() + " did not answer within " + std::to_string(timeout.count()) + " ms");
  return fail(Errc::unreachable, c.url.text() + ": " + e.message());
}

Problem problem_of(const HttpAnswer& answer) {
  const Problem unknown{{Errc::unreachable, "answered with an unknown error"}, false};
  const auto json = parse_json(answer.body, kMaxProblemBytes, "a problem document");
  if (json && json->is_object()) {
    const auto code = json->find("code");
    const auto detail = json->find("detail");
    const std::string text = code != json->end() && code->is_string() ? code->get<std::string>() : std::string();
    if (text.size() > 5 && text.size() < 12 && text.starts_with("DOS-E")) {
      unsigned number = 0;
      for (char digit : std::string_view(text).substr(5)) {
        if (digit < '0' || digit > '9') return unknown;
        number = number * 10 + unsigned(digit - '0');
      }
      // Of another release, or made up: it may not pass for another code.
      if (number > UINT16_MAX || error_row(Errc(number)).code != Errc(number)) return unknown;
      return {{Errc(number), detail != json->end() && detail->is_string() ? detail->get<std::string>() : std::string()}, true};
    }
  }
  return {{Errc::unreachable, "answered with status " + std::to_string(answer.status)}, false};
}

}  // namespace dos::client
