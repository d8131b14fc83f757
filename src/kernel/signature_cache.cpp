#include <algorithm>
#include <array>
#include <map>
#include <vector>

#include "kernel/kernel.hpp"

namespace dos::kernel {
namespace {

// Sets of eight places, found by the first bytes of the check, each written over in turn: what is looked for lies in neighbouring
// memory, and whoever makes checks that meet in one set makes nothing but those be checked again.
class Checks final : public SignatureCache {
 public:
  explicit Checks(std::size_t entries) : sets_(std::max<std::size_t>(1, entries / kWays)) {}
  bool known(const Hash& check) const override {
    const auto& set = sets_[place(check)];
    return std::ranges::find(set.kept, check) != set.kept.end();
  }
  void add(const Hash& check) override {
    auto& set = sets_[place(check)];
    set.kept[set.next++ % kWays] = check;
  }
  Hash key_id(const crypto::PublicKey& key) override { return facts(key).id; }
  crypto::KeyDigest key_digest(const crypto::PublicKey& key) override { return facts(key).digest; }

 private:
  struct Facts {
    Hash id;
    crypto::KeyDigest digest;
  };
  // By the whole key: comparing is a twentieth of hashing.
  Facts facts(const crypto::PublicKey& key) {
    if (const auto* known = find(young_keys_, key)) return *known;
    const auto* was = find(old_keys_, key);
    const Facts facts = was ? *was : Facts{crypto::key_id(key), crypto::key_digest(key)};
    if (young_keys_.size() >= kKeys / 2) {
      old_keys_ = std::move(young_keys_);
      young_keys_.clear();
    }
    young_keys_.emplace(key, facts);
    return facts;
  }

  static constexpr std::size_t kKeys = 2048;  // of 2 KiB at most
  struct Less {
    bool operator()(const crypto::PublicKey& a, const crypto::PublicKey& b) const {
      const int c = compare(a.bytes, b.bytes);
      return c != 0 ? c < 0 : a.type < b.type;
    }
  };
  using Keys = std::map<crypto::PublicKey, Facts, Less>;
  static const Facts* find(const Keys& keys, const crypto::PublicKey& key) {
    const auto at = keys.find(key);
    return at == keys.end() ? nullptr : &at->second;
  }
  static constexpr std::size_t kWays = 8;
  struct Set {
    std::array<Hash, kWays> kept{};
    std::uint32_t next = 0;
  };
  std::size_t place(const Hash& check) const { return std::size_t(read_be<std::uint64_t>(check.bytes) % sets_.size()); }
  std::vector<Set> sets_;
  Keys young_keys_, old_keys_;  // when the young are half of all, the old go
};

}  // namespace

std::unique_ptr<SignatureCache> make_signature_cache(std::size_t entries) { return std::make_unique<Checks>(entries); }

}  // namespace dos::kernel
