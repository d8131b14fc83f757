#include <map>
#include <set>

#include "kernel/kernel.hpp"

namespace dos::kernel {
namespace {

// Two generations: when the young one is full, the old one is dropped. An entry lives for at least half the size.
class TwoGenerations final : public SignatureCache {
 public:
  explicit TwoGenerations(std::size_t entries) : half_(std::max<std::size_t>(1, entries / 2)) {}
  bool known(const Hash& check) const override { return young_.contains(check) || old_.contains(check); }
  void add(const Hash& check) override {
    if (young_.size() >= half_) {
      old_ = std::move(young_);
      young_.clear();
    }
    young_.insert(check);
  }
  // By the whole key: comparing is a twentieth of hashing.
  Hash key_id(const crypto::PublicKey& key) override {
    if (const auto* id = find(young_keys_, key)) return *id;
    const auto* was = find(old_keys_, key);
    const Hash id = was ? *was : crypto::key_id(key);
    if (young_keys_.size() >= kKeys / 2) {
      old_keys_ = std::move(young_keys_);
      young_keys_.clear();
    }
    young_keys_.emplace(key, id);
    return id;
  }

 private:
  static constexpr std::size_t kKeys = 2048;  // of 2 KiB at most
  struct Less {
    bool operator()(const crypto::PublicKey& a, const crypto::PublicKey& b) const {
      const int c = compare(a.bytes, b.bytes);
      return c != 0 ? c < 0 : a.type < b.type;
    }
  };
  using Keys = std::map<crypto::PublicKey, Hash, Less>;
  static const Hash* find(const Keys& keys, const crypto::PublicKey& key) {
    const auto at = keys.find(key);
    return at == keys.end() ? nullptr : &at->second;
  }
  std::size_t half_;
  std::set<Hash> young_, old_;
  Keys young_keys_, old_keys_;
};

}  // namespace

std::unique_ptr<SignatureCache> make_signature_cache(std::size_t entries) { return std::make_unique<TwoGenerations>(entries); }

}  // namespace dos::kernel
