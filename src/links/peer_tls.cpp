#include "links/peer_tls.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <climits>

#include "base/check.hpp"
#include "crypto/certificate.hpp"
#include "crypto/sign.hpp"

namespace dos::links {
namespace {

constexpr std::string_view kAlpn =
    "\x0a"
    "dos-peer/1";  // RFC 7301: length, name
constexpr std::size_t kMaxCertificateBytes = 16 * 1024;  // self-signed ML-DSA-87 fits

PeerTls& tls_of(BIO* bio) { return *static_cast<PeerTls*>(BIO_get_data(bio)); }

const BIO_METHOD* bytes_bio() {
  static const BIO_METHOD* const method = [] {
    BIO_METHOD* m = BIO_meth_new(BIO_get_new_index(), "dos peer bytes");
    DOS_CHECK(m != nullptr);
    BIO_meth_set_read(m, [](BIO* b, char* into, int most) {
      BIO_clear_retry_flags(b);
      const int n = tls_of(b).bio_read(into, most);
      if (n < 0) BIO_set_retry_read(b);
      return n;
    });
    BIO_meth_set_write(m, [](BIO* b, const char* from, int size) { return tls_of(b).bio_write(from, size); });
    BIO_meth_set_ctrl(m, [](BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1L : 0L; });
    return m;
  }();
  return method;
}

ssl_verify_result_t verify(SSL* ssl, std::uint8_t* alert) {
  if (static_cast<PeerTls*>(SSL_get_app_data(ssl))->judge(ssl)) return ssl_verify_ok;
  *alert = SSL_AD_CERTIFICATE_UNKNOWN;
  return ssl_verify_invalid;
}

int choose_alpn(SSL*, const std::uint8_t** out, std::uint8_t* size, const std::uint8_t* in, unsigned in_size, void*) {
  for (std::size_t at = 0; at < in_size; at += 1u + in[at])
    if (at + kAlpn.size() <= in_size && as_text({in + at, kAlpn.size()}) == kAlpn) {
      *out = in + at + 1;
      *size = std::uint8_t(kAlpn.size() - 1);
      return SSL_TLSEXT_ERR_OK;
    }
  return SSL_TLSEXT_ERR_ALERT_FATAL;
}

template <class T, auto Read, auto Release>
std::unique_ptr<T, decltype(Release)> from_pem(const std::string& text) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> bio(BIO_new_mem_buf(text.data(), ossl_ssize_t(text.size())), BIO_free);
  return {bio ? Read(bio.get(), nullptr, nullptr, nullptr) : nullptr, Release};
}

}  // namespace

void PeerTlsContext::Free::operator()(SSL_CTX* c) const { SSL_CTX_free(c); }
void PeerTls::Free::operator()(SSL* s) const { SSL_free(s); }

Result<PeerTlsContext> PeerTlsContext::make(const serve::TlsIdentity& identity, crypto::KeyType type) {
  std::unique_ptr<SSL_CTX, Free> context(SSL_CTX_new(TLS_method()));
  const auto certificate = from_pem<X509, PEM_read_bio_X509, &X509_free>(identity.certificate);
  const auto key = from_pem<EVP_PKEY, PEM_read_bio_PrivateKey, &EVP_PKEY_free>(identity.private_key);
  if (!context || !certificate || !key) return fail(Errc::bad_key, "the node's certificate cannot be read");
  SSL_CTX* c = context.get();
  const std::uint16_t algorithm = type == crypto::KeyType::ed25519     ? SSL_SIGN_ED25519
                                  : type == crypto::KeyType::ml_dsa_44 ? SSL_SIGN_MLDSA44
                                  : type == crypto::KeyType::ml_dsa_65 ? SSL_SIGN_MLDSA65
                                                                       : SSL_SIGN_MLDSA87;
  const bool set = SSL_CTX_set_min_proto_version(c, TLS1_3_VERSION) == 1 && SSL_CTX_set_max_proto_version(c, TLS1_3_VERSION) == 1 &&
                   SSL_CTX_set1_groups_list(c, "X25519MLKEM768") == 1 && SSL_CTX_set_signing_algorithm_prefs(c, &algorithm, 1) == 1 &&
                   SSL_CTX_set_verify_algorithm_prefs(c, &algorithm, 1) == 1 &&
                   SSL_CTX_set_alpn_protos(c, as_bytes(kAlpn).data(), unsigned(kAlpn.size())) == 0;  // 0 is success here
  if (!set) return fail(Errc::internal, "TLS 1.3 with X25519MLKEM768 is not available");
  if (SSL_CTX_use_certificate(c, certificate.get()) != 1 || SSL_CTX_use_PrivateKey(c, key.get()) != 1)
    return fail(Errc::bad_key, "the node's certificate does not fit its key");
  SSL_CTX_set_alpn_select_cb(c, choose_alpn, nullptr);
  SSL_CTX_set_options(c, SSL_OP_NO_TICKET);
  SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_max_cert_list(c, kMaxCertificateBytes);
  SSL_CTX_set_custom_verify(c, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, verify);
  return PeerTlsContext(std::move(context), type);
}

PeerTls::PeerTls(const PeerTlsContext& context, Side side, Judge judge)
    : ssl_(SSL_new(context.get())), type_(context.type()), judge_(std::move(judge)) {
  DOS_CHECK(ssl_ != nullptr);
  BIO* bio = BIO_new(bytes_bio());
  DOS_CHECK(bio != nullptr);
  BIO_set_data(bio, this);
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl_.get(), bio, bio);
  SSL_set_app_data(ssl_.get(), this);
  SSL_set_quiet_shutdown(ssl_.get(), 1);
  if (side == Side::dials) SSL_set_connect_state(ssl_.get());
  else SSL_set_accept_state(ssl_.get());
}
PeerTls::~PeerTls() = default;

int PeerTls::bio_read(char* into, int most) {
  if (in_.empty()) return -1;
  const auto n = std::min(in_.size(), std::size_t(most));
  std::copy_n(in_.begin(), n, into);
  in_ = in_.subspan(n);
  return int(n);
}
int PeerTls::bio_write(const char* from, int size) {
  append(out_, {reinterpret_cast<const std::uint8_t*>(from), std::size_t(size)});
  return size;
}

bool PeerTls::judge(SSL* ssl) {
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(SSL_get_peer_certificate(ssl), X509_free);
  const crypto::PublicKey shown{type_, crypto::key_in_certificate(certificate.get())};
  if (!well_formed(shown)) return false;
  peer_ = crypto::key_id(shown);
  refused_ = !judge_(*peer_);
  return !refused_;
}

PeerTls::Progress PeerTls::handshake() {
  if (ended_) return Progress::failed;
  ERR_clear_error();
  const int done = SSL_do_handshake(ssl_.get());
  if (done == 1) {
    if (checked()) return Progress::open;
  } else if (SSL_get_error(ssl_.get(), done) == SSL_ERROR_WANT_READ) {
    return Progress::more;
  }
  error_ = ERR_peek_error();
  ended_ = true;
  return Progress::failed;
}

bool PeerTls::checked() {
  const std::uint8_t* name = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(ssl_.get(), &name, &size);  // a server that knows no ALPN may have gone on without
  return peer_ && !refused_ && as_text({name, size}) == kAlpn.substr(1);
}

std::size_t PeerTls::read(std::span<std::uint8_t> out) {
  if (ended_ || out.empty()) return 0;
  ERR_clear_error();
  const int n = SSL_read(ssl_.get(), out.data(), int(std::min<std::size_t>(out.size(), INT_MAX)));
  if (n > 0) return std::size_t(n);
  if (SSL_get_error(ssl_.get(), n) == SSL_ERROR_WANT_READ) return 0;
  error_ = ERR_peek_error();
  ended_ = true;
  return 0;
}

bool PeerTls::write(BytesView plaintext) {
  if (ended_) return false;
  ERR_clear_error();
  // Never short: the buffer behind it takes everything.
  if (SSL_write(ssl_.get(), plaintext.data(), int(plaintext.size())) == int(plaintext.size())) return true;
  error_ = ERR_peek_error();
  ended_ = true;
  return false;
}

std::string PeerTls::why() const {
  if (refused_) return "its key is not one that may link here";
  if (error_ == 0) return "closed by the other side";
  const char* reason = ERR_reason_error_string(error_);
  return reason != nullptr ? reason : "TLS failed";
}

}  // namespace dos::links
