// The state at one height as the kernel sees it, over the store's reads of the past: may be used by many threads at once,
// as long as each holds the chain's lock.
#pragma once
#include "store/store.hpp"

namespace dos::chain {

class SnapshotView final : public store::StateView {
 public:
  SnapshotView(const store::Store& store, Height height) : store_(store), height_(height) {}
  Result<std::optional<store::Record>> get(BytesView key) const override { return store_.get_at(key, height_); }
  Result<std::optional<Version>> version(BytesView key) const override {
    DOS_ASSIGN(const auto record, store_.get_at(key, height_));
    return record ? std::optional(record->version) : std::nullopt;
  }
  Result<std::optional<Bytes>> next(BytesView prefix, BytesView after) const override { return store_.next_at(prefix, after, height_); }

 private:
  const store::Store& store_;
  Height height_;
};

}  // namespace dos::chain
