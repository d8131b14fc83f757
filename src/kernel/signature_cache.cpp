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

 private:
  std::size_t half_;
  std::set<Hash> young_, old_;
};

}  // namespace

std::unique_ptr<SignatureCache> make_signature_cache(std::size_t entries) { return std::make_unique<TwoGenerations>(entries); }

}  // namespace dos::kernel
