// TLS of one link without its socket: ciphertext goes in and comes out as bytes. TLS 1.3, X25519MLKEM768, one signature
// algorithm (that of the chain's node keys), ALPN "dos-peer/1", certificates of both sides; no tickets, no early data. A certificate
// is nothing but the wrapping of a key: the key must be one that the judge takes, and CertificateVerify proves that the other has it.
#pragma once
#include <functional>
#include <memory>
#include <optional>

#include "crypto/keys.hpp"
#include "serve/tls_identity.hpp"

typedef struct ssl_st SSL;
typedef struct ssl_ctx_st SSL_CTX;

namespace dos::links {

inline constexpr std::size_t kRecordBytes = 16 * 1024;  // plaintext of one TLS record at most

class PeerTlsContext {  // of a node; outlives its links
 public:
  static Result<PeerTlsContext> make(const serve::TlsIdentity& identity, crypto::KeyType type);  // bad_key
  crypto::KeyType type() const { return type_; }
  SSL_CTX* get() const { return context_.get(); }

 private:
  struct Free {
    void operator()(SSL_CTX* c) const;
  };
  PeerTlsContext(std::unique_ptr<SSL_CTX, Free> context, crypto::KeyType type) : context_(std::move(context)), type_(type) {}
  std::unique_ptr<SSL_CTX, Free> context_;
  crypto::KeyType type_;
};

class PeerTls {
 public:
  enum class Side { dials, listens };
  enum class Progress { more, open, failed };
  using Judge = std::function<bool(const Hash& key_id)>;  // asked once, inside handshake()

  PeerTls(const PeerTlsContext& context, Side side, Judge judge);
  ~PeerTls();
  PeerTls(const PeerTls&) = delete;

  // Ciphertext that came; must live until handshake() or read() says that it wants more.
  void feed(BytesView ciphertext) { in_ = ciphertext; }
  Progress handshake();                           // once at the start, then after each feed() until it is open
  std::size_t read(std::span<std::uint8_t> out);  // 0: what was fed is used up, or ended()
  bool write(BytesView plaintext);                // false: the session is broken
  bool ended() const { return ended_; }           // closed by the other side, or broken
  Bytes& out() { return out_; }                   // ciphertext to be sent; the caller takes it away
  const std::optional<Hash>& peer() const { return peer_; }  // key id; proved once handshake() said open
  bool refused() const { return refused_; }                  // the other side's key was not taken by the judge
  std::string why() const;                                   // of what failed last, for the log

  // For the library's callbacks.
  bool judge(SSL* ssl);
  int bio_read(char* into, int most);
  int bio_write(const char* from, int size);

 private:
  struct Free {
    void operator()(SSL* s) const;
  };
  bool checked();  // what TLS alone does not enforce once it is open

  std::unique_ptr<SSL, Free> ssl_;
  crypto::KeyType type_;
  Judge judge_;
  BytesView in_;
  Bytes out_;
  std::optional<Hash> peer_;
  bool ended_ = false, refused_ = false;
  std::uint32_t error_ = 0;
};

}  // namespace dos::links
