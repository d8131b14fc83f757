// HTTP/1.1 over TCP, with TLS where the address is not loopback. Boost.Asio and Beast stay behind this header.
// Limits: connections, header and body bytes (per route, before the body is read), bytes of bodies in flight, time to send
// a request and to read its answer. Idle connections cost one timer each; without connections nothing runs.
#pragma once
#include <functional>
#include <memory>

#include "api/handler.hpp"
#include "base/edge.hpp"

namespace dos::node {

struct TlsIdentity {       // PEM; empty: plain HTTP
  std::string certificate, private_key;
};
struct HttpConfig {
  std::string host = "127.0.0.1";
  std::uint16_t port = 7400;  // 0: any free one
  unsigned threads = 2;
  std::size_t max_connections = 4096;
  std::size_t max_body_bytes_in_flight = 24u << 20;
  unsigned request_seconds = 30, idle_seconds = 75;
  std::vector<std::string> names;  // further Host names that are this server (a node that is not on loopback)
  bool tls_always = false;         // on loopback too
  TlsIdentity tls;
};

class HttpServer {
 public:
  // The reply may come on any thread, and after this object is gone; then it goes nowhere.
  using Handler = std::function<void(const api::Request&, api::Reply)>;
  static Result<std::unique_ptr<HttpServer>> start(const HttpConfig& config, Handler handler, Log& log);  // no_port, usage
  virtual ~HttpServer() = default;  // stops
  virtual std::uint16_t port() const = 0;
  virtual std::size_t connections() const = 0;
  virtual void stop() = 0;          // closes all connections and ends the threads
};

bool is_loopback(const std::string& host);
// Whether a request with this Host header may come from a page that was loaded from here: on loopback only loopback names
// (DNS rebinding), elsewhere the configured names, any IP literal.
bool host_allowed(std::string_view host_header, const HttpConfig& config);

}  // namespace dos::node
