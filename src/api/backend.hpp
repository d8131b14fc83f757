// What the handlers ask of a node. Every method may be called from several threads at once. Results of the callbacks come
// on any thread, exactly once. `source`: who asks and pays for what the route's price does not cover; busy, limit where it cannot.
#pragma once
#include <functional>

#include "api/http.hpp"
#include "ledger/wire.hpp"

namespace dos::api {

template <class T>
using Answer = std::function<void(Result<T>)>;

struct ValidatorStatus {
  std::string name;
  std::uint64_t weight = 1;
  bool linked = false;               // this node has a link to it (or is it)
  bool heard = false;                // a vote of the last few views was seen
};
struct NodeStatus {
  std::string network, validator, version, format, suite;
  Hash chain;
  Height height;
  TimeMs time;                       // of the newest block
  bool ready = false;
  std::string why_not;               // one sentence when not ready
  std::uint64_t records = 0, live = 0, durable_height = 0, boots = 0;
  std::uint64_t pool_payers = 0, pool_bare_keys = 0, pool_refused = 0;
  std::uint64_t pool_count = 0, pool_bytes = 0, transactions = 0, unclaimed_bytes = 0, unclaimed_limit = 0, started_ms = 0;
  std::uint32_t quorum_need = 1, quorum_of = 1, peers = 0;
  std::vector<ValidatorStatus> validators;
  View view;
  bool votes = true, catching_up = false;
  std::uint64_t nullified = 0, evidence = 0, missing_blobs = 0;  // blobs that live records name and that are not here
};
struct RecentBlock {
  Height height;
  TimeMs time;
  Hash id;
  std::uint32_t transactions = 0;
};

class Backend {
 public:
  virtual ~Backend() = default;
  virtual NodeStatus status() const = 0;
  virtual std::vector<RecentBlock> recent_blocks() const = 0;  // newest first, at most 10
  virtual const Bytes& genesis() const = 0;                    // BCS(Genesis)
  virtual std::string metrics() const = 0;                     // Prometheus text
  virtual void count_request(unsigned route, int status) = 0;  // route: index into routes(), or their count

  // Units of work that are about to be done for `source`. None: paid; else how long it has to wait (Budgets::take).
  virtual std::optional<std::uint64_t> charge(const Source& source, std::uint64_t work) const = 0;

  virtual Result<ledger::Anchor> anchor() const = 0;
  virtual void tip(const Hash& nonce, Answer<ledger::TipAnswer> done,
                   const Source& source = {}) = 0;  // of all validators reached, within seconds
  // Waits up to a bounded time for `min_height`. behind, height_gone, limit.
  virtual void state(ledger::StateQuery query, Answer<ledger::StateAnswer> done, const Source& source = {}) = 0;
  // none: the newest; not_found
  virtual Result<ledger::BlockAnswer> block(std::optional<Height> height, const Source& source = {}) const = 0;

  // `wait`: answer once every transaction is final or refused, or `timeout_ms` has passed. busy, pool_full as outcomes.
  virtual void submit(ledger::SubmitRequest request, bool wait, std::uint64_t timeout_ms, Answer<ledger::SubmitAnswer> done,
                      const Source& source = {}) = 0;
  virtual void transaction(const Hash& txid, Answer<ledger::SubmitAnswer> done, const Source& source = {}) const = 0;  // not_found
  virtual Result<ledger::Receipt> dry_run(BytesView signed_transaction, const Source& source = {}) const = 0;

  virtual Result<ledger::BlobStatus> begin_blob(ledger::BlobManifest manifest, const Source& source = {}) = 0;
  virtual Status put_chunk(const Hash& root, std::uint64_t index, BytesView chunk) = 0;
  virtual Result<ledger::BlobManifest> blob(const Hash& root, const Source& source = {}) const = 0;  // no_blob
  virtual Result<Bytes> chunk(const Hash& root, std::uint64_t index) const = 0;
  virtual void stored(ledger::StoredRequest request, Answer<ledger::StoredAnswer> done, const Source& source = {}) = 0;  // not_stored
};

}  // namespace dos::api
