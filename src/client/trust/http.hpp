// One HTTP/1.1 connection to one node, kept alive between requests: plain TCP on loopback, TLS 1.3 elsewhere. The only
// file that knows Beast is http.cpp. Nothing received here is believed: callers verify it.
#pragma once
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "crypto/keys.hpp"

namespace dos::client {

struct Url {
  bool tls = false;
  std::string host;  // without brackets
  std::uint16_t port = 0;
  std::string text() const;
};
// "http://127.0.0.1:7400", "https://host[:port]"; plain http is refused unless the host is loopback.
Result<Url> parse_url(std::string_view text);

struct HttpAnswer {
  unsigned status = 0;
  std::string content_type;
  Bytes body;
};

inline constexpr int kMaxInterimAnswers = 8;  // 1xx before the answer itself (RFC 9110, 15.2): this client asks for none and skips them

class HttpConnection {
 public:
  // Over TLS the node must hold one of `node_keys` (the validators' keys of the genesis; its certificate is self-signed and
  // says nothing else): another key is signature_invalid, before anything is sent. Without keys: the machine's authorities.
  explicit HttpConnection(Url url, std::vector<crypto::PublicKey> node_keys = {});
  HttpConnection(HttpConnection&&) noexcept;
  HttpConnection& operator=(HttpConnection&&) noexcept;
  ~HttpConnection();
  const Url& url() const;
  // Connects when needed; repeats once on a connection that the node had closed meanwhile. unreachable, timed_out, or limit if the
  // body is larger than `body_limit`. A status other than 2xx is an answer, not an error.
  // `leaving` is called when it is connected, right before the first byte may leave this machine.
  Result<HttpAnswer> request(std::string_view method, std::string_view target, BytesView body, std::chrono::milliseconds timeout,
                             std::uint64_t body_limit, const std::function<void()>& leaving = {});
  bool sent() const;  // bytes of the last request may have left this machine, whatever came back

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

inline constexpr std::size_t kMaxProblemBytes = 64 * 1024;
// The error that a node's answer with a status other than 2xx stands for: its problem document's code and detail (RFC 9457), as they
// came; or `unreachable` when it has none, with what this client says of that ("answered with status 409"). Shown by told_by
// (client/trust/words.hpp) alone, which quotes nothing but what the node said.
struct Problem : Error {
  bool its_words = false;  // code and detail are the node's
};
Problem problem_of(const HttpAnswer& answer);

}  // namespace dos::client
