#include "client/calls/hand_in.hpp"

#include <algorithm>
#include <thread>

#include "base/text.hpp"
#include "client/trust/words.hpp"
#include "crypto/merkle.hpp"

namespace dos::client {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using Ms = std::chrono::milliseconds;

constexpr std::uint64_t kMaxSubmitAnswer = 64ull << 20;
constexpr Ms kWaitAtOneNode{5'000}, kAnswerTime{2'000};
constexpr Ms kFirstPause{50}, kLongestPause{1'000};
// After a refusal that nothing proved, or a node's sudden end: how long what was handed in may take to show in a block.
constexpr Ms kDoubt{3'000};
constexpr Ms kFirstSearch{2'000};  // and of nodes that have no room, or answer nothing; doubled each time
// When the time is over: for the answer of the node that has it, and a last look at blocks and state. However slowly nodes answer, the
// hand-in ends by then.
constexpr Ms kLastLook{4'000};
constexpr std::size_t kMaxNamed = 4;  // transactions that a text names

struct Roots {  // what a receipts root is the hash of
  std::uint64_t count;
  Hash receipts, txids;
  DOS_FIELDS(count, receipts, txids);
};

// A node that has no room now may have it in a moment; another may have it at once. Nor is it the end that each node in turn said
// nothing in the time it had, while some of the command's time is left.
bool again(Errc code) { return code == Errc::busy || code == Errc::pool_full || code == Errc::timed_out; }

// What a refusal says about the node, not about the transaction.
bool of_the_node(Errc code) {
  switch (code) {
    case Errc::busy:
    case Errc::pool_full:
    case Errc::not_ready:
    case Errc::disk_full:
    case Errc::disk:
    case Errc::corrupt:
    case Errc::internal: return true;
    default: return false;
  }
}

std::string refusals_text(const std::vector<Unsettled::Refusal>& refused) {
  std::string out;
  for (const auto& r : refused) out += (out.empty() ? "" : ", ") + r.node + " refused it, saying: " + in_quotes(r.says);
  return out;
}

// What a text or a script must be told of: without a proved end, though something proved may stand against it.
bool may_take_effect(const HandedIn& one) { return !one.done && !one.never; }
bool took_effect(const HandedIn& one) { return one.done && one.done->receipt.status == ledger::TxStatus::ok; }
Unsettled unsettled(const HandedIn& one) { return {one.txid, one.tx->valid_until, one.refused}; }

class HandIn {
 public:
  HandIn(Session& session, const Identity& me, std::span<HandedIn> all, Height before)
      : session_(session), all_(all), before_(before), evidence_(session, me, all, before) {
    const auto n = session.network().genesis.validators.members.size();
    enough_ = std::min({kRefusalsAsked, std::max<std::size_t>(2, (n - 1) / 3 + 1), session.nodes()});
  }

  Status run();
  bool sent() const { return sent_; }  // some of it may have left this machine

 private:
  Status pass(Ms left);
  Status take(Nodes::One& node, const ledger::SubmitAnswer& answer, const std::vector<std::size_t>& asked);
  void refused(HandedIn& one, const std::string& node, Error says);
  bool open() const { return std::ranges::any_of(all_, &HandedIn::open); }
  bool all_refused() const {
    return std::ranges::all_of(all_, [](const HandedIn& one) { return !one.open() || !one.refused.empty(); });
  }
  void look(bool judge);
  void arm() const;
  Error unknown(const Error* last) const;

  Session& session_;
  std::span<HandedIn> all_;
  Height before_;
  Evidence evidence_;
  std::size_t enough_ = 1;
  bool sent_ = false, pending_ = false;
  std::optional<Error> unread_;  // why the blocks or the state could not be looked into
};

void HandIn::refused(HandedIn& one, const std::string& node, Error says) {
  const auto known = std::ranges::find(one.refused, node, &Unsettled::Refusal::node);
  if (known == one.refused.end()) one.refused.push_back({node, std::move(says)});
  else known->says = std::move(says);
}

Status HandIn::take(Nodes::One& node, const ledger::SubmitAnswer& answer, const std::vector<std::size_t>& asked) {
  std::vector<Hash> ids;
  for (const auto i : asked) ids.push_back(all_[i].txid);
  DOS_ASSIGN(auto outcomes, read_outcomes(session_, answer, ids));
  std::optional<Error> full;
  for (std::size_t k = 0; k < asked.size(); ++k) {
    auto& one = all_[asked[k]];
    auto& done = outcomes.done[k];
    if (done && done->receipt.status != ledger::TxStatus::skipped) {
      one.done = std::move(*done);
    } else if (done) {
      // Proved, but of one block: an earlier one may have executed it, a later one may yet. The blocks are searched for which.
      refused(
          one, node.name(),
          {Errc(done->receipt.code), "block " + std::to_string(done->block.header.height.value) + " skipped it: " + done->receipt.detail});
    } else if (auto& said = outcomes.refused[k]) {
      if (of_the_node(said->code)) full = std::move(*said);
      else refused(one, node.name(), std::move(*said));
    } else {
      pending_ = true;
    }
  }
  if (!full) return {};
  const bool plain = error_row(full->code).exit_code == error_row(Errc::not_ready).exit_code;
  return fail(plain ? full->code : Errc::not_ready, node.name() + " says: " + in_quotes(*full));
}

// To one node after the other, until one takes what is open, or enough refuse it. The ledger executes each at most once.
Status HandIn::pass(Ms left) {
  const auto wait = std::max(Ms(1), std::min(left, kWaitAtOneNode));
  const auto target = "/v1/transactions?wait=final&timeout_ms=" + std::to_string(wait.count());
  return session_.with_one(
      [&](Nodes::One& node) -> Status {
        std::vector<std::size_t> asked;
        ledger::SubmitRequest request;
        for (std::size_t i = 0; i < all_.size(); ++i)
          if (all_[i].open()) {
            asked.push_back(i);
            request.transactions.push_back(all_[i].encoded);
          }
        if (asked.empty()) return {};
        pending_ = false;
        const auto answered = node.ask(
            "POST", target, codec::encode(request), kMaxSubmitAnswer,
            [&](const HttpAnswer& http, const Url&) -> Status {
              DOS_ASSIGN(const auto answer, codec::decode<ledger::SubmitAnswer>(http.body, "a submit answer"));
              return take(node, answer, asked);
            },
            [&] { arm(); });
        sent_ |= node.sent();
        if (sent_) arm();  // of what it proved nothing is open any more
        DOS_TRY(answered);
        if (pending_) return {};
        for (const auto& one : all_)
          if (one.open() && one.refused.size() < enough_)
            return fail(Errc::unsettled, "refused " + tx_name(one.txid) + ", saying: " + in_quotes(one.refused.back().says));
        return {};
      },
      {std::max(left, wait) + kAnswerTime, wait + kAnswerTime, wait + kAnswerTime});
}

void HandIn::look(bool judge) {
  unread_.reset();
  auto looked = evidence_.search();
  if (looked && judge && open()) looked = evidence_.judge();
  if (!looked) unread_ = looked.error();
  if (sent_) arm();
}

// Of those of this command that were handed in before, and of these.
void HandIn::arm() const {
  auto writes = session_.writes();
  for (const auto& one : all_) {
    if (took_effect(one)) writes.final.push_back(one.txid);
    if (may_take_effect(one)) writes.open.push_back(unsettled(one));
  }
  session_.arm_for(writes);
}

Status HandIn::run() {
  const auto begun = Clock::now(), give_up = session_.give_up();
  if (give_up <= begun)
    return fail(Errc::timed_out,
                "no end within " + std::to_string(session_.options().timeout.count()) + " ms, and nothing was handed in any more");
  const Session::Until end(session_, give_up + kLastLook);
  std::optional<Clock::time_point> doubt;
  auto search_at = begun + kFirstSearch;
  for (auto pause = kFirstPause;;) {
    const auto asked = pass(std::chrono::duration_cast<Ms>(give_up - Clock::now()));
    if (!open()) break;
    const auto* error = asked ? nullptr : &asked.error();
    const bool over = Clock::now() >= give_up;
    if (!sent_ && error != nullptr && (over || !again(error->code))) return asked;  // it left this machine for nowhere
    if (error != nullptr && is_lie(error->code) && session_.nodes() == 1) return std::unexpected(unknown(error));
    const bool words = !pending_ && all_refused() && (error == nullptr || error->code == Errc::unsettled);
    const bool doubtful = words || (error != nullptr && !again(error->code));
    if (doubtful && !doubt) doubt = std::min(give_up, Clock::now() + kDoubt);
    if (doubtful || over || Clock::now() >= search_at) {
      look(words || over);  // again each time: what another writer of the same object has pending is decided in a moment
      if (!open()) break;
      search_at = Clock::now() + (Clock::now() - begun);
    }
    if (over || (doubtful && Clock::now() >= *doubt)) return std::unexpected(unknown(error));
    if (error == nullptr && pending_) session_.pass_over("it took the transaction, which was not final in the time that it had");
    std::this_thread::sleep_for(pause);
    pause = std::min(2 * pause, kLongestPause);
  }
  return {};
}

// Of those that are open: that nothing is known, what was said, and until when they may become final.
Error HandIn::unknown(const Error* last) const {
  std::vector<Unsettled> open;
  auto final = session_.writes().final.size();
  for (const auto& one : all_) {
    if (one.open()) open.push_back(unsettled(one));
    final += took_effect(one);
  }
  std::string why;
  if (!open[0].refused.empty()) why = refusals_text(open[0].refused);
  else if (last != nullptr) why = last->detail.empty() ? std::string(error_row(last->code).title) : last->detail;
  else why = "taken, but not final within " + std::to_string(session_.options().timeout.count()) + " ms";
  if (evidence_.searched() > before_) why += "; no block up to " + std::to_string(evidence_.searched().value) + " has it";
  if (unread_)
    why += "; the blocks since could not be searched (" +
           (unread_->detail.empty() ? std::string(error_row(unread_->code).title) : unread_->detail) + ")";
  const auto lie = last != nullptr && is_lie(last->code) ? last : unread_ && is_lie(unread_->code) ? &*unread_ : nullptr;
  return {lie != nullptr ? lie->code : Errc::unsettled, open_text(open, final, why)};
}

}  // namespace

std::string open_text(std::span<const Unsettled> open, std::size_t final, const std::string& why) {
  std::string names;
  TimeMs until;
  for (std::size_t i = 0; i < open.size(); ++i) {
    if (i < kMaxNamed) names += (i == 0 ? "" : ", ") + tx_name(open[i].txid);
    until = std::max(until, open[i].valid_until);
  }
  if (open.size() > kMaxNamed) names += " and " + std::to_string(open.size() - kMaxNamed) + " more";
  const bool one = open.size() == 1;
  auto text = names + (one ? " was" : " were") + " handed in, and whether " + (one ? "it is" : "they are") + " final is not known: " + why;
  if (final > 0)
    text += "; " + std::to_string(final) +
            (final == 1 ? " other transaction of this command is" : " other transactions of this command are") + " final";
  return text + ". It can become final until " + utc_text(until) + " and not after. Do not repeat it before; look with: dos tx " +
         tx_name(open[0].txid);
}

std::string tx_name(const Hash& txid) { return "tx:" + hex(txid.view()); }

Status verify_receipt(const ledger::ReceiptProof& proof, const Trusted& block) {
  const auto leaf = crypto::merkle_leaf(crypto::kReceiptTree, codec::encode(proof.receipt));
  DOS_ASSIGN(const auto root, crypto::merkle_climb(crypto::kReceiptTree, leaf, proof.path));
  if (crypto::hash_of(crypto::domain::kReceipts, Roots{proof.path.count, root, proof.txids_root}) != block.parts.receipts_root)
    return fail(Errc::proof_invalid, "the receipt is not in block " + std::to_string(block.header.height.value));
  return {};
}

Status receipt_status(const ledger::Receipt& r) {
  switch (r.status) {
    case ledger::TxStatus::ok: return {};
    case ledger::TxStatus::stale: return fail(Errc::stale, r.detail);
    case ledger::TxStatus::skipped: return fail(r.code != 0 ? Errc(r.code) : Errc::skipped, r.detail);
    case ledger::TxStatus::failed: return fail(r.code != 0 ? Errc(r.code) : Errc::reverted, r.detail);
  }
  return fail(Errc::internal, "a receipt of unknown status");
}

Result<Outcomes> read_outcomes(Session& session, const ledger::SubmitAnswer& answer, std::span<const Hash> ids) {
  if (answer.outcomes.size() != ids.size()) return fail(Errc::proof_invalid, "the answer has not one outcome a transaction");
  if (answer.anchors.size() > ids.size()) return fail(Errc::proof_invalid, "the answer has more blocks than transactions");
  std::vector<Trusted> blocks;
  for (const auto& anchor : answer.anchors) {
    DOS_ASSIGN(auto block, session.believe(anchor));
    blocks.push_back(std::move(block));
  }
  Outcomes out{std::vector<std::optional<Done>>(ids.size()), std::vector<std::optional<Error>>(ids.size())};
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const auto& outcome = answer.outcomes[i];
    if (outcome.txid != ids[i]) return fail(Errc::proof_invalid, "an outcome is of another transaction");
    if (const auto* refused = std::get_if<ledger::Refused>(&outcome.is)) {
      out.refused[i] = Error{Errc(refused->code), refused->detail};
    } else if (const auto* final = std::get_if<ledger::Final>(&outcome.is)) {
      if (final->anchor >= blocks.size()) return fail(Errc::proof_invalid, "an outcome names no block");
      const auto& block = blocks[final->anchor];
      if (final->proof.receipt.txid != ids[i]) return fail(Errc::proof_invalid, "a receipt is of another transaction");
      DOS_TRY(verify_receipt(final->proof, block));
      session.count_checks(1);
      session.raise_floor(block.header.height);
      out.done[i] = Done{final->proof.receipt, block, ids[i]};
    }
  }
  return out;
}

Status hand_in(Session& session, const Identity& me, std::span<HandedIn> all, Height before) {
  const auto begun = Clock::now();
  HandIn handing(session, me, all, before);
  const auto ended = handing.run();
  if (std::ranges::any_of(all, [](const HandedIn& one) { return one.done.has_value(); }))
    session.count_final(std::chrono::duration<double, std::milli>(Clock::now() - begun).count());
  for (const auto& one : all) {
    if (took_effect(one)) session.add_final(one.txid);
    if (may_take_effect(one) && handing.sent()) session.add_unsettled(unsettled(one));
  }
  session.arm_for(session.writes());
  return ended;
}

Error ending_of(const HandedIn& one) {
  if (one.done) {
    const auto status = receipt_status(one.done->receipt);
    return status ? Error{Errc::internal, tx_name(one.txid) + " is final"} : status.error();
  }
  auto error = one.against.value_or(Error{Errc::unsettled, {}});
  if (!one.never) error.code = Errc::unsettled;
  if (!one.refused.empty()) error.detail += " (" + refusals_text(one.refused) + ")";
  error.detail += "; " + tx_name(one.txid) +
                  (one.never ? " can not become final any more"
                             : " is not final, and may yet become so until " + utc_text(one.tx->valid_until) +
                                   ": look with dos tx before you repeat it");
  return error;
}

std::optional<Error> ending_of(std::span<const HandedIn> all) {
  auto first = std::ranges::find_if(all, may_take_effect);
  if (first == all.end()) first = std::ranges::find_if_not(all, took_effect);
  return first == all.end() ? std::nullopt : std::optional(ending_of(*first));
}

}  // namespace dos::client
