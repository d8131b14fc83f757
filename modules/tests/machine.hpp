// A chain in memory that runs the real modules: every call is a signed transaction in a block of its own, applied by the
// kernel to the state that the blocks before it left.
#pragma once
#include <initializer_list>
#include <map>

#include "crypto/sign.hpp"
#include "kernel/kernel.hpp"
#include "ledger/call_table.hpp"
#include "modules/fs/calls.hpp"
#include "modules/fs/formats.hpp"

namespace dos::modules {

class MapView final : public store::StateView {
 public:
  Result<std::optional<store::Record>> get(BytesView key) const override;
  Result<std::optional<Version>> version(BytesView key) const override;
  Result<std::optional<Bytes>> next(BytesView prefix, BytesView after) const override;
  void apply(const store::Delta& delta);

 private:
  std::map<Bytes, store::Record, store::KeyLess> live_;
};

struct TestEntropy final : Entropy {  // signatures only: the keys come from seeds
  std::uint8_t at = 0;
  void fill(std::span<std::uint8_t> out) override {
    for (auto& b : out) b = at++;
  }
};

using AccessList = std::vector<ledger::Access>;

class Machine {
 public:
  explicit Machine(ledger::NetworkKind kind = ledger::NetworkKind::local, const ledger::Params& params = {});

  // One block with one transaction of `who` and one call. `also` sign beside; `stored` are covered by storage receipts.
  ledger::Receipt call(const std::string& who, const AccessList& access, std::uint16_t module, std::uint16_t number, Bytes args);
  template <class Args>
  ledger::Receipt call(const std::string& who, const AccessList& access, std::uint16_t module, std::uint16_t number, const Args& args) {
    return call(who, access, module, number, codec::encode(args));
  }
  ledger::Receipt run(ledger::SignedTransaction tx, const std::vector<std::string>& signers);
  ledger::SignedTransaction transaction(const ledger::Sender& sender, const AccessList& access) const;

  std::vector<std::string> also;
  std::vector<ledger::BlobRef> stored;
  std::string bare_key;  // not empty: the sender is that key, of key()
  bool in_one_block = false;  // the next transaction goes into the block of the one before

  std::optional<store::Record> at(BytesView key) const;
  template <class T>
  std::optional<T> meta(BytesView key) const {
    const auto r = at(key);
    if (!r) return std::nullopt;
    return *codec::decode<T>(r->meta);
  }
  std::uint64_t credits(const std::string& purse) const;

  // access[] as a client writes it.
  ledger::Access exact(BytesView key) const;
  static ledger::Access absent(BytesView key) { return {ledger::Absent{to_bytes(key)}}; }
  static ledger::Access latest(BytesView key) { return {ledger::Latest{to_bytes(key)}}; }
  static ledger::Access reads(BytesView key) { return {ledger::Read{to_bytes(key), {}}}; }
  static ledger::Access range(BytesView prefix) { return {ledger::RangeRead{to_bytes(prefix), {}}}; }
  AccessList upward(const fs::Id& dir) const;  // 'd' objects from `dir` to the root, of those that are there

  const crypto::SigningKey& key(const std::string& name);
  ledger::Account account(const std::string& key_name);

  Gas declared{4'000'000};
  TimeMs now{1'800'000'000'000};
  Height height{0};
  ledger::Params params;
  MapView state;
  std::vector<store::Delta> deltas;  // of the genesis and of each block; a block that was not valid: none

 private:
  ledger::Genesis genesis_;
  Hash chain_;
  std::map<std::string, crypto::SigningKey> keys_;
  kernel::ReplayWindow window_;
  std::unique_ptr<kernel::SignatureCache> cache_;
  TestEntropy entropy_;
};

AccessList operator+(AccessList a, const AccessList& b);

// The module as the build made it, and the table that it exports.
Bytes wasm_of(const std::string& name);
Bytes table_of(const std::string& name);

}  // namespace dos::modules
