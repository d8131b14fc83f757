// From signed transactions to what is proved of them (docs/spec/transactions.md, "What a client knows"). What a node says without a
// proof decides nothing here: the same signed bytes go to other nodes, the final blocks are searched for their receipts, and the
// proved state is asked what stands against them. All writes of a client pass through hand_in, which has a signal say what is open
// from the moment that a write may leave this machine until its end is proved.
#pragma once
#include "client/keys/keys.hpp"
#include "client/trust/session.hpp"

namespace dos::client {

struct Done {
  ledger::Receipt receipt;
  Trusted block;
  Hash txid;
};

struct HandedIn {
  const ledger::Transaction* tx = nullptr;
  Hash txid, wtxid;
  Bytes encoded;
  std::optional<Done> done;      // a proved receipt, of any status but skipped
  std::optional<Error> against;  // proved: why no final block up to the newest seen has executed it
  bool never = false;            // with `against`: nor can a later one
  std::vector<Unsettled::Refusal> refused;  // words, one a node
  bool open() const { return !done && !against; }
};

inline constexpr std::size_t kRefusalsAsked = 3;          // nodes at most that are heard before a refusal is looked into
inline constexpr std::size_t kMaxBlocksSearched = 1'024;  // for the receipts of one hand-in
inline constexpr std::uint64_t kMaxBytesSearched = 256ull << 20;
inline constexpr std::size_t kMaxJudged = 16;  // transactions of one hand-in whose declared versions are looked up

// Takes proved receipts out of final blocks, and reasons out of the proved state.
class Evidence {
 public:
  // `before`: a final block known before the transactions were signed; none up to it can hold them.
  Evidence(Session& session, const Identity& me, std::span<HandedIn> all, Height before)
      : session_(session), me_(me), all_(all), searched_(before) {}
  // Searches the blocks above those searched before, up to the newest that a node shows, or up to `to`.
  Status search(std::optional<Height> to = {});
  // Of those that nodes refused: whether the proved state says so too. Blocks up to that state are searched first.
  Status judge();
  Height searched() const { return searched_; }

 private:
  Status take(const ledger::BlockAnswer& block);
  Status judge_versions(HandedIn& one);
  Session& session_;
  const Identity& me_;
  std::span<HandedIn> all_;
  Height searched_;
  std::size_t blocks_ = 0;
  std::uint64_t bytes_ = 0;
};

// What a transaction may cost its payer, with what it may take from that purse besides.
Credits most_it_takes(const ledger::Transaction& tx, const ledger::Params& params);
Bytes payer_purse(const ledger::Transaction& tx);

// What the proved state has against them before they leave this machine: then they are not to be handed in. Afterwards the same is no
// end of them.
Status can_be_taken(Session& session, const Identity& me, std::span<const HandedIn> all, Height before);

// Ok: none is open any more. Else: unsettled, or what the nodes lied about, with a text that says what is known of which transaction;
// or why they were handed to no node at all.
Status hand_in(Session& session, const Identity& me, std::span<HandedIn> all, Height before);

// Of transactions that are open: that nothing is known of them and `why`, how many others of the command are `final`, and until when
// they may become so.
std::string open_text(std::span<const Unsettled> open, std::size_t final, const std::string& why);

// What became of `one`; with its id and until when, if it may become final later: then it is unsettled, whatever stands against it.
Error ending_of(const HandedIn& one);

// How a command that handed these in ends; none: all took effect. One that may yet become final comes before one that is proved to
// have failed: whoever repeats the command, as some failures invite to, may do it twice.
std::optional<Error> ending_of(std::span<const HandedIn> all);

Status verify_receipt(const ledger::ReceiptProof& proof, const Trusted& block);
Status receipt_status(const ledger::Receipt& receipt);  // ok, or the error that it stands for
std::string tx_name(const Hash& txid);                  // "tx:8c1e..."

// An answer about `ids`: proved receipts, and words.
struct Outcomes {
  std::vector<std::optional<Done>> done;      // proved; a skipped receipt, too
  std::vector<std::optional<Error>> refused;  // a word
};
Result<Outcomes> read_outcomes(Session& session, const ledger::SubmitAnswer& answer, std::span<const Hash> ids);

}  // namespace dos::client
