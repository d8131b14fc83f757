// For tests: a node's keys and certificate, and a log that keeps every line.
#pragma once
#include <stdexcept>

#include "base/edge.hpp"
#include "crypto/sign.hpp"
#include "serve/tls_identity.hpp"

namespace dos::serve::testpeers {

struct LogLines final : Log {
  void write(LogLevel, std::string_view, std::string_view message) override { all += std::string(message) + "\n"; }
  bool has(const std::string& word) const { return all.find(word) != std::string::npos; }
  std::string all;
};

struct Identity {
  TlsIdentity tls;
  crypto::PublicKey key;
  Hash id;
};
inline Identity identity(const std::string& name, crypto::Suite suite = crypto::Suite::pq) {
  const auto seed = crypto::plain_hash(as_bytes("peer " + name));
  auto tls = tls_identity_of(seed.view(), suite, name);
  if (!tls) throw std::runtime_error(tls.error().detail);
  const auto type = suite == crypto::Suite::pq ? crypto::KeyType::ml_dsa_65 : crypto::KeyType::ed25519;
  auto key = crypto::SigningKey::from_seed(type, seed.view())->public_key();
  const auto id = crypto::key_id(key);
  return {std::move(*tls), std::move(key), id};
}

}  // namespace dos::serve::testpeers
