// The client's TLS against a server that holds a node key, as dosd does off loopback (docs/spec/http.md, "TLS").
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <openssl/nid.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/socket.h>
#include <unistd.h>

#include <thread>

#include "base/test_code.hpp"
#include "client/trust/http.hpp"
#include "crypto/sign.hpp"

namespace dos::client {
namespace {

Bytes seed_of(std::uint8_t fill) { return Bytes(crypto::kSeedBytes, fill); }
crypto::PublicKey node_key(std::uint8_t fill) {
  return crypto::SigningKey::from_seed(crypto::KeyType::ml_dsa_65, seed_of(fill))->public_key();
}

// Serves `connections` TLS connections, answering each request with its first line; a failed handshake counts as one.
class TlsServer {
 public:
  TlsServer(std::uint8_t key_fill, int connections) {
    const auto seed = seed_of(key_fill);
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_PKEY_pqdsa_new_raw_private_key(NID_MLDSA65, seed.data(), seed.size()),
                                                                  EVP_PKEY_free);
    const std::unique_ptr<X509, decltype(&X509_free)> cert(X509_new(), X509_free);
    X509_set_version(cert.get(), X509_VERSION_3);
    X509_gmtime_adj(X509_getm_notBefore(cert.get()), 0);
    X509_gmtime_adj(X509_getm_notAfter(cert.get()), 3600);
    X509_set_pubkey(cert.get(), key.get());
    X509_sign(cert.get(), key.get(), nullptr);
    context_.reset(SSL_CTX_new(TLS_server_method()));
    SSL_CTX_set_min_proto_version(context_.get(), TLS1_3_VERSION);
    SSL_CTX_set1_groups_list(context_.get(), "X25519MLKEM768");
    SSL_CTX_use_certificate(context_.get(), cert.get());
    SSL_CTX_use_PrivateKey(context_.get(), key.get());
    listener_ = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::bind(listener_, reinterpret_cast<sockaddr*>(&at), sizeof at);
    ::listen(listener_, 4);
    socklen_t size = sizeof at;
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&at), &size);
    port = ntohs(at.sin_port);
    thread_ = std::thread([this, connections] {
      for (int i = 0; i < connections; ++i) serve();
    });
  }
  ~TlsServer() {
    thread_.join();
    ::close(listener_);
  }
  std::uint16_t port = 0;
  int requests = 0;

 private:
  void serve() {
    const int fd = ::accept(listener_, nullptr, nullptr);
    const std::unique_ptr<SSL, decltype(&SSL_free)> ssl(SSL_new(context_.get()), SSL_free);
    SSL_set_fd(ssl.get(), fd);
    char buffer[4096];
    if (SSL_accept(ssl.get()) == 1) {
      if (const int n = SSL_read(ssl.get(), buffer, sizeof buffer); n > 0) {
        ++requests;
        const std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello";
        SSL_write(ssl.get(), answer.data(), int(answer.size()));
        SSL_shutdown(ssl.get());
      }
    }
    ::close(fd);
  }
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_{nullptr, SSL_CTX_free};
  int listener_ = -1;
  std::thread thread_;
};

Result<HttpAnswer> ask(std::uint16_t port, std::vector<crypto::PublicKey> keys) {
  HttpConnection connection(Url{true, "127.0.0.1", port}, std::move(keys));
  return connection.request("GET", "/v1/anchor", {}, std::chrono::seconds(5), 4096);
}

TEST(HttpTls, a_node_that_holds_a_validators_key_is_spoken_to) {
  TlsServer server(7, 1);
  const auto answer = ask(server.port, {node_key(3), node_key(7)});
  ASSERT_TRUE(answer) << answer.error().detail;
  EXPECT_EQ(as_text(answer->body), "hello");
}

TEST(HttpTls, another_key_is_refused_before_anything_is_sent) {
  TlsServer server(7, 1);
  const auto answer = ask(server.port, {node_key(3)});
  ASSERT_FALSE(answer);
  EXPECT_EQ(code_of(answer), Errc::signature_invalid);
  EXPECT_EQ(server.requests, 0);
}

TEST(HttpTls, without_keys_only_the_machines_authorities_count) {
  TlsServer server(7, 1);
  const auto answer = ask(server.port, {});
  ASSERT_FALSE(answer);
  EXPECT_EQ(code_of(answer), Errc::unreachable);
}

}  // namespace
}  // namespace dos::client
