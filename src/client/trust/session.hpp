// One command's conversation with a network: which nodes to ask, in which order, and what has been proved so far. Every answer
// is verified here before anybody sees it; a node that fails, lags or lies is passed over and the next one asked.
#pragma once
#include <chrono>
#include <functional>
#include <map>

#include "client/interrupt.hpp"
#include "client/trust/anchor.hpp"
#include "client/trust/network.hpp"
#include "client/trust/nodes.hpp"
#include "ledger/wire.hpp"

namespace dos::client {

// A transaction of this command of which it is not known what became, or that may yet be taken, and what nodes say of it.
struct Unsettled {
  Hash txid;
  TimeMs valid_until;  // block time: it can become final until then and not after
  struct Refusal {
    std::string node;
    Error says;
  };
  std::vector<Refusal> refused;
};
struct Writes {  // what one command handed in
  std::vector<Unsettled> open;  // not known to have an end
  std::vector<Hash> final;      // with effect
  bool empty() const { return open.empty() && final.empty(); }
};

struct SessionOptions {
  std::string net = "local";
  std::string via;                        // a node's name or URL: this one and no other
  std::chrono::milliseconds timeout{30'000};  // of one step: a question to the nodes, a hand-in
  bool bounds_all = false;                // `timeout` is of all steps together, from the first question on
  std::chrono::seconds fresh{10};         // an answer must be shown to be current within this
  bool stale_ok = false;
  std::optional<Height> at;               // read as of this height
  Height min_height;                      // wait for a node that has it
  // For a signal, from the moment that a write may leave this machine (client/interrupt.hpp); none: nothing is armed.
  std::function<LastWords(const Writes&)> last_words;
};

struct Answer {  // a verified state answer
  Trusted block;
  proof::View view;
  ledger::StateAnswer raw;  // as received: what a proof file keeps
  std::string url;
};

class Session {
 public:
  static Result<Session> open(const Places& places, SessionOptions options);
  Session(Session&&) noexcept;
  Session& operator=(Session&&) noexcept;
  ~Session();

  const Network& network() const;
  const Places& places() const;
  const Hash& chain() const { return network().chain; }
  const ledger::Params& params() const { return network().genesis.params; }
  bool local() const { return network().genesis.kind == ledger::NetworkKind::local; }
  const SessionOptions& options() const;

  // Reads. Without `at` in query or options: current within options.fresh. not_found is never an error here: it is in the view.
  // With `too_much`, a node's word that the answer would be too large is taken: it is set and the error is `limit`.
  Result<Answer> state(ledger::StateQuery query, bool* too_much = nullptr);
  // All records under `prefix` in key order, page by page at one height; `sink` sees each page's records. Complete, or an error.
  using Page = std::function<Status(const Answer&, const proof::View::Range&)>;
  Result<Trusted> range(Bytes prefix, bool with_data, const Page& sink, std::optional<Height> at = {});
  Result<Trusted> newest();                       // the newest final block, shown to be current
  Result<ledger::BlockAnswer> block(std::optional<Height> height);  // verified wholly
  Result<ledger::BlockAnswer> block(Height height, const Nodes::Patience& patience);
  Result<Trusted> shown(const Nodes::Patience& patience);  // the newest final block that a node shows, current or not
  Status must_be_reached(Height height);          // not_found, with the newest block, if the chain is not that long yet

  // The highest block verified so far in this session, and a lower bound for what reads must show (own writes included).
  const std::optional<Trusted>& last() const;
  void raise_floor(Height height);
  TimeMs now() const;  // block time to count from: the newest seen, or this machine's clock if that is later

  // One exchange with one node after the other, until one's answer is good (client/trust/nodes.hpp).
  using Use = Nodes::Use;
  Status ask(std::string_view method, const std::string& target, BytesView body, std::uint64_t body_limit, const Use& use);
  Status with_one(const Nodes::Work& work, const Nodes::Patience& patience);  // exchanges that belong together
  // When a step that begins now is given up: after options.timeout, or when the time of all steps is over. Then no question is put
  // any more, and each ends with timed_out.
  using Clock = std::chrono::steady_clock;
  Clock::time_point give_up();
  // Questions in its lifetime are bounded by `end`, which may be later than that.
  class Until {
   public:
    Until(Session& session, Clock::time_point end);
    Until(const Until&) = delete;
    ~Until();

   private:
    Session& session_;
    std::optional<Clock::time_point> before_;
  };
  std::size_t nodes() const;               // how many may be asked
  void pass_over(const std::string& why);  // the node that answered last: it accepts, but nothing comes of it
  Result<Trusted> believe(const ledger::Anchor& anchor);  // verify_anchor, and heights seen are minded
  // Figures: certificates, state proofs, receipts and acknowledgements that verified; from handing in to final, in ms, of each write.
  std::uint64_t checks() const;
  void count_checks(std::uint64_t n);
  const std::vector<double>& final_ms() const;
  void count_final(double ms);
  void add_final(const Hash& txid);
  void add_unsettled(Unsettled one);
  const Writes& writes() const;
  void arm_for(const Writes& writes) const;  // what a signal finds to be said from now on; nothing, if there are none
  Status keep_highest();                   // remembers the highest block that verified; chain_changed, host_io
  std::vector<std::string> notes() const;  // one line for each node passed over: "v2: the proof does not verify"

 private:
  struct Impl;
  explicit Session(std::unique_ptr<Impl>);
  Result<ledger::BlockAnswer> read_block(std::optional<Height> height, const Nodes::Patience& patience);
  std::unique_ptr<Impl> impl_;
};

std::uint64_t wall_ms();

}  // namespace dos::client
