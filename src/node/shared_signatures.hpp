// What requests and the loop know of signatures, together.
#pragma once
#include <mutex>

#include "kernel/kernel.hpp"

namespace dos::node {

class SharedSignatures final : public kernel::SignatureCache {
 public:
  explicit SharedSignatures(std::size_t entries) : inner_(kernel::make_signature_cache(entries)) {}
  bool known(const Hash& check) const override {
    std::lock_guard hold(mutex_);
    return inner_->known(check);
  }
  void add(const Hash& check) override {
    std::lock_guard hold(mutex_);
    inner_->add(check);
  }
  Hash key_id(const crypto::PublicKey& key) override {
    std::lock_guard hold(mutex_);
    return inner_->key_id(key);
  }
  crypto::KeyDigest key_digest(const crypto::PublicKey& key) override {
    std::lock_guard hold(mutex_);
    return inner_->key_digest(key);
  }

 private:
  mutable std::mutex mutex_;
  std::unique_ptr<kernel::SignatureCache> inner_;
};

}  // namespace dos::node
