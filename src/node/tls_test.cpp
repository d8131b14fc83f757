// TLS as other machines meet it: version, group and certificate key; and plain text to a TLS port gets nothing.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/test_code.hpp"
#include "node/test_network.hpp"
#include "serve/http_server.hpp"
#include "serve/tls_identity.hpp"

namespace dos::node {
namespace {

int connect_to(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_port = htons(port);
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(::connect(fd, reinterpret_cast<sockaddr*>(&at), sizeof at), 0);
  return fd;
}

TEST(Tls, is_1_3_with_the_hybrid_group_and_the_nodes_own_key) {
  testnet::Network net;
  net.write_files();
  serve::HttpConfig config;
  config.port = 0;
  config.tls_always = true;
  auto identity = serve::make_tls_identity(net.folder.path + "/node.key", crypto::Suite::pq, "v1");
  ASSERT_TRUE(identity) << identity.error().detail;
  config.tls = *identity;
  auto server = serve::HttpServer::start(
      config,
      [](const api::Request& r, api::Reply reply) {
        api::Response a;
        a.body = r.target;
        reply(std::move(a));
      },
      net.log);
  ASSERT_TRUE(server) << server.error().detail;

  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
  ASSERT_EQ(SSL_CTX_set1_groups_list(context.get(), "X25519MLKEM768"), 1);
  const std::unique_ptr<SSL, decltype(&SSL_free)> ssl(SSL_new(context.get()), SSL_free);
  const int fd = connect_to((*server)->port());
  ASSERT_EQ(SSL_set_fd(ssl.get(), fd), 1);
  ASSERT_EQ(SSL_connect(ssl.get()), 1);
  EXPECT_EQ(SSL_version(ssl.get()), TLS1_3_VERSION);
  const std::unique_ptr<X509, decltype(&X509_free)> cert(SSL_get_peer_certificate(ssl.get()), X509_free);
  ASSERT_NE(cert, nullptr);
  Bytes raw(4096);
  std::size_t size = raw.size();
  ASSERT_EQ(EVP_PKEY_get_raw_public_key(X509_get0_pubkey(cert.get()), raw.data(), &size), 1);
  raw.resize(size);
  EXPECT_EQ(raw, net.genesis.validators.members[0].node_key.bytes);
  const std::string request = "GET /through HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
  ASSERT_GT(SSL_write(ssl.get(), request.data(), int(request.size())), 0);
  std::string answer;
  char buffer[1024];
  for (int n; (n = SSL_read(ssl.get(), buffer, sizeof buffer)) > 0;) answer.append(buffer, std::size_t(n));
  EXPECT_NE(answer.find("/through"), std::string::npos) << answer;
  ::close(fd);
}

TEST(Tls, without_a_certificate_no_other_address_than_loopback_is_listened_on) {
  testnet::QuietLog log;
  serve::HttpConfig config;
  config.host = "192.0.2.1";
  const auto server = serve::HttpServer::start(config, [](const api::Request&, api::Reply) {}, log);
  ASSERT_FALSE(server);
  EXPECT_EQ(code_of(server), Errc::usage);
}

TEST(HostCheck, loopback_takes_loopback_names_only) {
  serve::HttpConfig here;
  EXPECT_TRUE(serve::host_allowed("127.0.0.1:7400", here));
  EXPECT_TRUE(serve::host_allowed("[::1]", here));
  EXPECT_FALSE(serve::host_allowed("", here));
  EXPECT_FALSE(serve::host_allowed("127.evil.example", here));
  EXPECT_FALSE(serve::host_allowed("192.0.2.1", here));
  serve::HttpConfig open;
  open.host = "192.0.2.1";
  open.names = {"node.example"};
  EXPECT_TRUE(serve::host_allowed("192.0.2.1:7400", open));
  EXPECT_TRUE(serve::host_allowed("node.example", open));
  EXPECT_FALSE(serve::host_allowed("evil.example", open));
}

}  // namespace
}  // namespace dos::node
