// Content of a chain: which blobs its records name, by the rules of their modules, until when it is paid for, and what of it is not here.
// What a block names is kept before the block can be read, and what it names no longer is let go after that.
#pragma once
#include "chain/content_terms.hpp"
#include "chain/edges.hpp"
#include "chain/read_gate.hpp"
#include "ledger/module_rules.hpp"
#include "store/blob_store.hpp"
#include "store/view.hpp"

namespace dos::chain {

class KeptContent {
 public:
  // `rules` outlives this.
  KeptContent(store::BlobStore& blobs, std::unique_ptr<ReadGate> gate, const ledger::SystemRules& rules, Edges edges);

  ReadGate& lock() const { return *gate_; }
  store::BlobStore& blobs() { return blobs_; }  // under lock()
  Status readable(const Hash& root) const;      // under lock(), shared: not_found once its storage has ended

  // ---- the driver's from here on
  struct Change {  // of one record by one block
    std::optional<NamedContent> before, after;
  };
  using Changes = std::vector<Change>;
  Result<Changes> changes(const store::StateView& before, const store::Delta& delta) const;
  Status claim(const Changes& changes);
  Status release(const Changes& changes, TimeMs block_time);  // and what every record has expired of by the time of the block

  // At the start: what the state of the last checkpoint names, whose releases are on the disk. After that blocks are executed again.
  Status read_terms(const store::StateView& state, TimeMs block_time);
  // Before the first sweep: damaged notes of claims are made anew from the state, and what is not here is seen.
  Status settle(const store::StateView& state);
  Status sync();                   // claims and releases: before a checkpoint
  Result<std::uint64_t> sweep();   // what nothing names goes by age

  std::vector<Hash> missing() const;  // named by live records and not held
  std::size_t missing_count() const { return missing_.size(); }
  std::vector<Hash> newly_missing() { return std::exchange(fresh_missing_, {}); }  // since the last call
  void came(const Hash& root) { missing_.erase(root); }

 private:
  Status claim_all(const store::StateView& state);
  void note_missing(const Hash& root);

  store::BlobStore& blobs_;
  std::unique_ptr<ReadGate> gate_;
  const ledger::SystemRules& rules_;
  Edges edges_;
  ContentTerms terms_;  // changed by the driver, under lock()
  std::set<Hash> missing_;
  std::vector<Hash> fresh_missing_;
};

}  // namespace dos::chain
