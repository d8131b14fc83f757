// The node's TLS certificate: self-signed with its node key, made anew at each start (nothing secret is written). Who
// connects trusts it because the key is the validator's in the genesis, not because anyone signed it.
#pragma once
#include "crypto/keys.hpp"

namespace dos::serve {

struct TlsIdentity {  // PEM
  std::string certificate, private_key;
};

Result<TlsIdentity> make_tls_identity(const std::string& node_key_file, crypto::Suite suite, const std::string& name);
Result<TlsIdentity> tls_identity_of(BytesView seed, crypto::Suite suite, const std::string& name);  // bad_key

}  // namespace dos::serve
