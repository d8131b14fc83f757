// For tests: a node that has nothing and refuses everything, and remembers what was counted and charged.
#pragma once
#include "api/handler.hpp"

namespace dos::api {

struct EmptyBackend : Backend {
  Bytes none;
  std::vector<std::pair<unsigned, int>> counted;  // route, status
  mutable std::uint64_t charged = 0;
  template <class T>
  Result<T> absent() const {
    return fail(Errc::not_found, "nothing");
  }
  NodeStatus status() const override { return {}; }
  std::vector<RecentBlock> recent_blocks() const override { return {}; }
  const Bytes& genesis() const override { return none; }
  std::string metrics() const override { return {}; }
  void count_request(unsigned route, int status) override { counted.emplace_back(route, status); }
  std::optional<std::uint64_t> charge(const Source&, std::uint64_t work) const override {
    charged += work;
    return std::nullopt;
  }
  Result<ledger::Anchor> anchor() const override { return absent<ledger::Anchor>(); }
  void tip(const Hash&, Answer<ledger::TipAnswer> done, const Source&) override { done(absent<ledger::TipAnswer>()); }
  void state(ledger::StateQuery, Answer<ledger::StateAnswer> done, const Source&) override { done(absent<ledger::StateAnswer>()); }
  Result<ledger::BlockAnswer> block(std::optional<Height>, const Source&) const override { return absent<ledger::BlockAnswer>(); }
  void submit(ledger::SubmitRequest r, bool, std::uint64_t, Answer<ledger::SubmitAnswer> done, const Source&) override {
    ledger::SubmitAnswer a;
    for (std::size_t i = 0; i < r.transactions.size(); ++i) a.outcomes.push_back({Hash{}, ledger::Refused{3, "nothing"}});
    done(std::move(a));
  }
  void transaction(const Hash&, Answer<ledger::SubmitAnswer> done, const Source&) const override { done(absent<ledger::SubmitAnswer>()); }
  Result<ledger::Receipt> dry_run(BytesView, const Source&) const override { return absent<ledger::Receipt>(); }
  Result<ledger::BlobStatus> begin_blob(ledger::BlobManifest, const Source&) override { return absent<ledger::BlobStatus>(); }
  Status put_chunk(const Hash&, std::uint64_t, BytesView) override { return {}; }
  Result<ledger::BlobManifest> blob(const Hash&, const Source&) const override { return absent<ledger::BlobManifest>(); }
  Result<Bytes> chunk(const Hash&, std::uint64_t) const override { return absent<Bytes>(); }
  void stored(ledger::StoredRequest, Answer<ledger::StoredAnswer> done, const Source&) override { done(absent<ledger::StoredAnswer>()); }
};

}  // namespace dos::api
