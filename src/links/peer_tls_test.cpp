// What the peer port takes and refuses of TLS, met by a client that is not ours.
#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <thread>

#include "links/peer_frames.hpp"
#include "links/test_peers.hpp"

namespace dos::links {
namespace {

using namespace testpeers;

struct Offer {
  std::uint16_t least = TLS1_3_VERSION, most = TLS1_3_VERSION;
  std::string group = "X25519MLKEM768", alpn = "dos-peer/1";
  const Identity* show = nullptr;
};
// A client of the library's own making. The group that was agreed on if the server then says something or waits for more (its
// handshake is done and it takes the key), 0 if it refused.
std::uint16_t try_it(std::uint16_t port, const Offer& offer) {
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_method()), SSL_CTX_free);
  SSL_CTX_set_min_proto_version(context.get(), offer.least);
  SSL_CTX_set_max_proto_version(context.get(), offer.most);
  EXPECT_EQ(SSL_CTX_set1_groups_list(context.get(), offer.group.c_str()), 1);
  if (offer.show != nullptr) {
    const auto& id = offer.show->tls;
    const std::unique_ptr<BIO, decltype(&BIO_free)> c(BIO_new_mem_buf(id.certificate.data(), ossl_ssize_t(id.certificate.size())),
                                                      BIO_free);
    const std::unique_ptr<BIO, decltype(&BIO_free)> k(BIO_new_mem_buf(id.private_key.data(), ossl_ssize_t(id.private_key.size())),
                                                      BIO_free);
    const std::unique_ptr<X509, decltype(&X509_free)> cert(PEM_read_bio_X509(c.get(), nullptr, nullptr, nullptr), X509_free);
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(PEM_read_bio_PrivateKey(k.get(), nullptr, nullptr, nullptr),
                                                                  EVP_PKEY_free);
    EXPECT_EQ(SSL_CTX_use_certificate(context.get(), cert.get()), 1);
    EXPECT_EQ(SSL_CTX_use_PrivateKey(context.get(), key.get()), 1);
  }
  const std::unique_ptr<SSL, decltype(&SSL_free)> ssl(SSL_new(context.get()), SSL_free);
  const std::string protocols = std::string(1, char(offer.alpn.size())) + offer.alpn;
  if (!offer.alpn.empty()) SSL_set_alpn_protos(ssl.get(), as_bytes(protocols).data(), unsigned(protocols.size()));
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const timeval limit{0, 300'000};
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_port = htons(port);
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(::connect(fd, reinterpret_cast<sockaddr*>(&at), sizeof at), 0);
  SSL_set_fd(ssl.get(), fd);
  std::uint16_t group = 0;
  ERR_clear_error();
  if (SSL_connect(ssl.get()) == 1) {
    char byte[4];
    const int n = SSL_read(ssl.get(), byte, sizeof byte);
    if (n > 0 || SSL_get_error(ssl.get(), n) == SSL_ERROR_WANT_READ) group = SSL_get_group_id(ssl.get());
  }
  ::close(fd);
  return group;
}

TEST(PeerTls, only_tls_1_3_with_the_hybrid_group_the_protocol_and_an_accepted_key) {
  auto loop = *os::EventLoop::make();
  Peer b(*loop, "b");
  const auto a = identity("a"), stranger = identity("stranger"), classic = identity("a", crypto::Suite::classic);
  b.open({a.key});
  const auto port = b.transport->port();
  std::vector<std::uint16_t> got;
  std::thread others([&] {
    got.push_back(try_it(port, {.show = &a}));
    got.push_back(try_it(port, {.show = &stranger}));
    got.push_back(try_it(port, {}));
    got.push_back(try_it(port, {.least = TLS1_2_VERSION, .most = TLS1_2_VERSION, .group = "X25519", .show = &a}));
    got.push_back(try_it(port, {.group = "X25519", .show = &a}));
    got.push_back(try_it(port, {.group = "P-256:P-384", .show = &a}));
    got.push_back(try_it(port, {.alpn = "h2", .show = &a}));
    got.push_back(try_it(port, {.alpn = "", .show = &a}));
    got.push_back(try_it(port, {.show = &classic}));
    loop->stop();
  });
  loop->run();
  others.join();
  EXPECT_EQ(got[0], 0x11EC);  // X25519MLKEM768, draft-ietf-tls-ecdhe-mlkem
  for (std::size_t i = 1; i < got.size(); ++i) EXPECT_EQ(got[i], 0) << "offer " << i << "\n" << b.log.all;
  EXPECT_EQ(b.ups, 0) << "nothing is up before both said what they accept";
}

TEST(PeerTls, noise_and_plain_text_end_the_connection_only) {
  auto loop = *os::EventLoop::make();
  Peer a(*loop, "a"), b(*loop, "b");
  a.open({b.who.key});
  b.open({a.who.key});
  for (const std::string& noise : {std::string("GET / HTTP/1.1\r\n\r\n"), std::string(5000, '\x16'), std::string(70'000, '\0')}) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_port = htons(b.transport->port());
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ASSERT_EQ(::connect(fd, reinterpret_cast<sockaddr*>(&at), sizeof at), 0);
    ASSERT_GT(::send(fd, noise.data(), noise.size(), MSG_NOSIGNAL), 0);
    run_until(*loop, [&] { return b.transport->counters().handshakes_now > 0; }, 100);
    ASSERT_TRUE(run_until(*loop, [&] { return b.transport->counters().handshakes_now == 0; }));
    ::close(fd);
  }
  a.transport->keep_linked({b.address()});
  ASSERT_TRUE(run_until(*loop, [&] { return a.linked(b) && b.linked(a); }));
}

}  // namespace
}  // namespace dos::links
