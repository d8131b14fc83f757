// What TLS certificates are to us: the wrapping of a public key. Nothing else in them is believed.
#pragma once
#include "base/bytes.hpp"

typedef struct x509_st X509;

namespace dos::crypto {

// The raw bytes of its key; empty: no certificate, or a kind of key that has no raw form (RSA, curves of NIST).
Bytes key_in_certificate(X509* certificate);

}  // namespace dos::crypto
