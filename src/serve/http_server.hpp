// HTTP/1.1 over TCP, with TLS where the address is not loopback. Boost.Asio and Beast stay behind this header.
// Limits: connections, handshakes under way and begun, head and body bytes (per route, before the body is read), bytes held for bodies
// and answers as they come, time to send a request and to read its answer, least pace of a body. Full means that the source which
// holds most gives up what is oldest (crowd.hpp, byte_budget.hpp), not that newcomers are turned away. Idle connections cost one
// timer each; without connections nothing runs.
#pragma once
#include <functional>
#include <memory>

#include "api/handler.hpp"
#include "base/edge.hpp"
#include "serve/tls_identity.hpp"

namespace dos::serve {

struct HttpConfig {
  std::string host = "127.0.0.1";
  std::uint16_t port = 7400;  // 0: any free one
  unsigned threads = 2;
  std::size_t max_connections = 4096;
  std::size_t max_body_bytes_in_flight = 24u << 20;    // of writes: transactions, manifests, chunks
  std::size_t max_read_body_bytes = 8u << 20;          // of questions, which no write can take
  std::size_t max_answer_bytes_in_flight = 128u << 20; // given to connections and not taken yet
  std::size_t max_handshakes = 256;                    // TLS, half done
  unsigned request_seconds = 30, idle_seconds = 75;
  std::vector<std::string> names;  // further Host names that are this server (a node that is not on loopback)
  unsigned refused_pause_ms = 250;  // a connection that was answered 429 is not read from for so long
  bool tls_always = false;         // on loopback too
  TlsIdentity tls;                 // empty: plain HTTP
  // Work that a source causes before any handler hears of it: what comes of bodies. None: it is paid; else how long, in milliseconds,
  // until it could be. Unset: nobody pays.
  std::function<std::optional<std::uint64_t>(const api::Source&, std::uint64_t work)> charge;
};

inline constexpr std::size_t kFreeBytesEach = 16 * 1024;  // of a body or answer: not counted, so that small requests always go
inline constexpr std::size_t kMaxChunkHeadsBytes = 64 * 1024;  // of all chunks of a body, beside eight times its content
inline constexpr std::size_t kMaxChunkHeadBytes = 4 * 1024;  // of chunked: size and extensions of a chunk, or the trailer
inline constexpr std::size_t kBodyPieceBytes = 64 * 1024;    // are paid for together; the last ones with the question
inline constexpr std::uint64_t kChunkHeadTimes = 5;          // the work of a byte of them, of that of a byte of content
inline constexpr std::size_t kMaxDrainBytes = 1u << 20;      // read away behind a refusal
// A body has this time, and a second more for each so many bytes that came; request_seconds at most.
inline constexpr std::uint64_t kBodyGraceMs = 5'000, kMinBodyBytesPerSecond = 8 * 1024;
inline constexpr std::uint64_t body_patience_ms(std::uint64_t received, std::uint64_t request_seconds) {
  const auto earned = kBodyGraceMs + received * 1000 / kMinBodyBytesPerSecond;
  return earned < request_seconds * 1000 ? earned : request_seconds * 1000;
}

struct HttpCounters {  // now, and since the start
  std::size_t connections = 0, handshakes = 0, working = 0, body_bytes = 0, read_body_bytes = 0, answer_bytes = 0;
  std::uint64_t gave_way = 0, turned_away = 0;  // connections closed to make room; closed at once
};

class HttpServer {
 public:
  // The reply may come on any thread, and after this object is gone; then it goes nowhere.
  using Handler = std::function<void(const api::Request&, api::Reply)>;
  static Result<std::unique_ptr<HttpServer>> start(const HttpConfig& config, Handler handler, Log& log);  // no_port, usage
  virtual ~HttpServer() = default;  // stops
  virtual std::uint16_t port() const = 0;
  virtual std::size_t connections() const = 0;
  virtual HttpCounters counters() const = 0;
  virtual void stop() = 0;          // closes all connections and ends the threads
};

bool is_loopback(const std::string& host);
// Whether a request with this Host header may come from a page that was loaded from here: on loopback only loopback names
// (DNS rebinding), elsewhere the configured names, any IP literal.
bool host_allowed(std::string_view host_header, const HttpConfig& config);

}  // namespace dos::serve
