// A state with changes on top: what transactions of a block and calls of a transaction have written so far.
#pragma once
#include "ledger/state_formats.hpp"
#include "store/view.hpp"

namespace dos::kernel {

class Overlay final : public store::StateView {
 public:
  explicit Overlay(const store::StateView& below) : below_(below) {}
  Result<std::optional<store::Record>> get(BytesView key) const override;
  Result<std::optional<Version>> version(BytesView key) const override;
  Result<std::optional<Bytes>> next(BytesView prefix, BytesView after) const override;

  void put(BytesView key, store::Record record);
  void del(BytesView key) { changes_.insert_or_assign(to_bytes(key), std::nullopt); }
  const store::Delta& changes() const { return changes_; }
  store::Delta take() { return std::move(changes_); }
  const store::StateView& below() const { return below_; }
  std::uint64_t passed() const { return passed_; }  // removed keys that `next` has passed over, each for the first time

 private:
  void note_gap(BytesView after, BytesView last) const;
  Bytes behind_gap(BytesView after) const;

  const store::StateView& below_;
  store::Delta changes_;
  // What `next` found empty: nothing lives behind `first` up to and with `second`. Apart from each other, so that a run of removed
  // keys is walked once and jumped over from then on.
  mutable std::map<Bytes, Bytes, store::KeyLess> gaps_;
  mutable std::uint64_t passed_ = 0;
};

// The object of a format that the kernel reads: none if absent; corrupt if the state holds something else there.
template <class T>
Result<std::optional<T>> read_object(const store::StateView& view, BytesView key, const char* what) {
  DOS_ASSIGN(const auto record, view.get(key));
  if (!record) return std::nullopt;
  auto value = codec::decode<T>(record->data, what);
  if (!value) return fail(Errc::corrupt, "the state holds no " + std::string(what) + " where one belongs");
  return std::optional<T>(std::move(*value));
}

}  // namespace dos::kernel
