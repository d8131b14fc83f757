#include "client/calls/submit.hpp"

#include <algorithm>
#include <thread>
#include <utility>

#include "client/entropy.hpp"
#include "crypto/merkle.hpp"
#include "ledger/native_gas.hpp"
#include "ledger/puzzle.hpp"

namespace dos::client {
namespace {

constexpr std::uint64_t kValidForMs = 60'000;  // half of the window: room for clocks that differ
constexpr std::uint64_t kMaxReceiptAnswer = 1ull << 20;
constexpr std::chrono::milliseconds kFirstAnswer{2'000};  // of one node, while there are others
constexpr std::uint64_t kWrittenPerCall = 8192;  // bytes of small objects that an ordinary call may write
constexpr std::uint64_t kGasPerCall = 600'000;   // that an ordinary call itself uses at most: fuel, objects, rights

crypto::Signature blank(crypto::KeyType type) { return {type, Bytes(crypto::signature_bytes(type))}; }

ledger::SignedTransaction with_witnesses(const Draft& draft, ledger::Witness signature) {
  ledger::SignedTransaction out{draft.tx, {}};
  out.witnesses.push_back(std::move(signature));
  if (draft.tx.stored) out.witnesses.push_back({ledger::StoredWitness{draft.stored_by}});
  if (draft.work) out.witnesses.push_back({*draft.work});
  return out;
}

// Close to what is used, for a share of what is declared is paid. The least that calls cost covers ordinary ones; many accesses,
// signatures or claimed blobs need more.
std::uint64_t gas_for(const Draft& draft, const ledger::Params& params, const ledger::Witness& blank_witness) {
  const auto calls = draft.tx.calls.size();
  const auto least = params.min_call_gas * calls;
  const auto gas =
      draft.gas_per_call != 0 ? draft.gas_per_call * calls : kGasPerCall * calls + ledger::native_gas(with_witnesses(draft, blank_witness));
  return std::min(params.max_transaction_gas, std::max(least, gas));
}

void fill_in(Session& session, const Identity& me, Draft& draft, const ledger::Witness& blank_witness) {
  auto& tx = draft.tx;
  const auto& params = session.params();
  tx.chain = session.chain();
  if (draft.bare) tx.sender.is = ledger::KeySender{me.signing().public_key()};
  else tx.sender.is = ledger::AccountSender{me.account(), draft.permission};
  tx.valid_until = TimeMs{session.now().value + kValidForMs};
  // What the calls themselves write is paid for a time ahead, too: their arguments, entries, keys.
  draft.add_rent(tx.calls.size() * kWrittenPerCall + 4 * draft.approximate_bytes(), params.default_rent_ms, params);
  tx.limits.gas = Gas{gas_for(draft, params, blank_witness)};
}

// limits.bytes has a fixed width, so the size with a blank signature is the size.
void set_bytes(Draft& draft, const ledger::Witness& blank_witness) {
  draft.tx.limits.bytes = 0;
  draft.tx.limits.bytes = std::uint32_t(codec::encode(with_witnesses(draft, blank_witness)).size());
}

HandedIn signed_one(const Draft& draft, const Hash& txid, ledger::Witness signature) {
  const auto whole = with_witnesses(draft, std::move(signature));
  HandedIn out;
  out.tx = &draft.tx, out.txid = txid, out.wtxid = ledger::wtxid(txid, whole.witnesses), out.encoded = codec::encode(whole);
  return out;
}

Result<std::vector<HandedIn>> sign_all(Session& session, const Identity& me, std::vector<Draft>& drafts) {
  SystemEntropy entropy;
  const auto key = crypto::key_id(me.signing().public_key());
  const auto type = me.signing().public_key().type;
  std::vector<HandedIn> out;
  if (drafts.size() == 1) {
    auto& draft = drafts[0];
    const ledger::Witness blank_witness{ledger::SigWitness{{}, key, blank(type)}};
    if (draft.bare) draft.work = ledger::blank_puzzle();
    fill_in(session, me, draft, blank_witness);
    set_bytes(draft, blank_witness);
    const auto id = ledger::txid(draft.tx);
    if (draft.bare) draft.work = ledger::solve_puzzle(id);
    DOS_ASSIGN(auto signature, crypto::sign(me.signing(), crypto::domain::kSignTx, session.chain(), ledger::TxToSign{id}, entropy));
    out.push_back(signed_one(draft, id, {ledger::SigWitness{{}, key, std::move(signature)}}));
    return out;
  }
  for (std::size_t from = 0; from < drafts.size(); from += kMaxListTransactions) {
    const auto to = std::min<std::size_t>(drafts.size(), from + kMaxListTransactions);
    std::vector<Hash> ids, leaves;
    // A path is at most eight hashes long for 256 leaves; the size is counted with the longest.
    const ledger::Witness blank_witness{ledger::ListWitness{{}, key, {0, to - from, std::vector<Hash>(8)}, blank(type)}};
    for (auto i = from; i < to; ++i) {
      fill_in(session, me, drafts[i], blank_witness);
      set_bytes(drafts[i], blank_witness);
      ids.push_back(ledger::txid(drafts[i].tx));
      leaves.push_back(ledger::list_leaf(ids.back()));
    }
    const ledger::ListToSign list{leaves.size(), crypto::merkle_root(crypto::kListTree, leaves)};
    DOS_ASSIGN(const auto signature, crypto::sign(me.signing(), crypto::domain::kSignList, session.chain(), list, entropy));
    for (auto i = from; i < to; ++i)
      out.push_back(signed_one(drafts[i], ids[i - from],
                               {ledger::ListWitness{{}, key, crypto::merkle_path(crypto::kListTree, leaves, i - from), signature}}));
  }
  return out;
}

// Whether to look and make it again, after the try of that number (from 1) gave `error`; waits a little, each time longer.
bool worth_repeating(const Error& error, int attempt) {
  if (error.code != Errc::stale || attempt >= kStaleTries) return false;
  // Writers of one thing that met would meet again if they all came back at once.
  SystemEntropy entropy;
  const auto most = std::min(10u << attempt, 640u);
  std::this_thread::sleep_for(std::chrono::milliseconds(read_be<std::uint32_t>(BytesView(draw<4>(entropy))) % most));
  return true;
}

}  // namespace

Result<Hash> parse_tx_name(std::string_view text) {
  if (text.starts_with("tx:")) text.remove_prefix(3);
  Bytes bytes;
  Hash out;
  if (!unhex(text, bytes) || bytes.size() != 32)
    return fail(Errc::usage, "a transaction id has 64 hex digits, with or without tx: before them");
  std::copy(bytes.begin(), bytes.end(), out.bytes.begin());
  return out;
}

Result<DryRun> dry_run(Session& session, const Identity& me, Draft draft) {
  if (!session.last()) {
    auto newest = session.newest();
    if (!newest) return std::unexpected(newest.error());
  }
  const auto mine = me.signing().public_key();
  const ledger::Witness blank_witness{ledger::SigWitness{{}, crypto::key_id(mine), blank(mine.type)}};
  fill_in(session, me, draft, blank_witness);
  set_bytes(draft, blank_witness);
  DryRun out;
  const auto body = codec::encode(ledger::SignedTransaction{draft.tx, {}});
  const auto use = [&](const HttpAnswer& http, const Url&) -> Status {
    DOS_ASSIGN(out.receipt, codec::decode<ledger::Receipt>(http.body, "a receipt"));
    return {};
  };
  const auto time = session.options().timeout;
  DOS_TRY(session.with_one(
      [&](Nodes::One& node) {
        out.node = node.name();
        return node.ask("POST", "/v1/dry-run", body, kMaxReceiptAnswer, use);
      },
      {time, time, kFirstAnswer}));
  return out;
}

Result<Done> find_transaction(Session& session, const Hash& txid) {
  std::optional<Done> done;
  std::optional<std::string> waits_at;
  std::string unknown_at;
  const std::span<const Hash> asked(&txid, 1);
  const auto time = session.options().timeout;
  // Of nodes that know it differently a receipt counts, and one that says "skipped" least: another block may have executed it.
  const auto found = session.with_one(
      [&](Nodes::One& node) -> Status {
        const auto use = [&](const HttpAnswer& http, const Url&) -> Status {
          DOS_ASSIGN(const auto answer, codec::decode<ledger::SubmitAnswer>(http.body, "a transaction"));
          DOS_ASSIGN(auto outcomes, read_outcomes(session, answer, asked));
          if (outcomes.done[0]) done = std::move(outcomes.done[0]);
          else if (outcomes.refused[0]) unknown_at += (unknown_at.empty() ? "" : ", ") + node.name();
          else waits_at = node.name();
          return done && done->receipt.status != ledger::TxStatus::skipped ? Status()
                                                                           : fail(Errc::unsettled, "knows no receipt that ends it");
        };
        auto answered = node.ask("GET", "/v1/transactions/" + hex(txid.view()), {}, kMaxReceiptAnswer, use);
        if (!answered && answered.error().code == Errc::not_found) unknown_at += (unknown_at.empty() ? "" : ", ") + node.name();
        return answered;
      },
      {time, time, kFirstAnswer});
  if (done) return std::move(*done);
  if (waits_at) return fail(Errc::unsettled, tx_name(txid) + " is not final yet, says " + *waits_at);
  if (!unknown_at.empty() && !is_lie(found.error().code))
    return fail(Errc::not_found, tx_name(txid) + " is not known at " + unknown_at + "; that is no proof that it is not final");
  return std::unexpected(found.error());
}

namespace {

// Whether this session and this key may change anything: asked before a plan uploads what it is about to write.
Status may_submit(Session& session, const Identity& me) {
  if (session.options().at) return fail(Errc::usage, "--at reads the past; what changes something happens now");
  return me.allowed_on(session.chain(), session.network().genesis.kind);
}

}  // namespace

Result<std::vector<Done>> submit(Session& session, const Identity& me, std::vector<Draft> drafts) {
  std::vector<Done> done;
  if (drafts.empty()) return done;
  if (drafts.size() > 1 && std::ranges::any_of(drafts, &Draft::bare)) return fail(Errc::internal, "a bare draft goes alone");
  DOS_TRY(may_submit(session, me));
  if (!session.last()) {
    auto newest = session.newest();
    if (!newest) return std::unexpected(newest.error());
  }
  const auto before = session.last()->header.height;
  DOS_ASSIGN(auto all, sign_all(session, me, drafts));
  for (const auto& one : all)
    if (one.encoded.size() > kMaxTransactionBytes)
      return fail(Errc::limit, "the transaction has " + std::to_string(one.encoded.size()) + " bytes, at most " +
                                   std::to_string(kMaxTransactionBytes) + " are allowed");
  DOS_TRY(can_be_taken(session, me, all, before));
  for (std::size_t from = 0; from < all.size(); from += kMaxListTransactions) {
    const auto batch = std::span(all).subspan(from, std::min<std::size_t>(all.size() - from, kMaxListTransactions));
    DOS_TRY(hand_in(session, me, batch, before));
    if (auto ending = ending_of(batch)) return std::unexpected(std::move(*ending));
    for (auto& one : batch) {
      one.encoded = {};
      done.push_back(std::move(*one.done));
    }
  }
  return done;
}

Result<Done> submit(Session& session, const Identity& me, Draft draft) {
  std::vector<Draft> one;
  one.push_back(std::move(draft));
  DOS_ASSIGN(auto done, submit(session, me, std::move(one)));
  return std::move(done.at(0));
}

Result<Done> submit(Session& session, const Identity& me, const Make& make) {
  for (int attempt = 1;; ++attempt) {
    DOS_ASSIGN(auto draft, make());
    auto done = submit(session, me, std::move(draft));
    if (done || !worth_repeating(done.error(), attempt)) return done;
  }
}

Status submit_steps(Session& session, const Identity& me, Plan& plan) {
  if (std::exchange(plan.over, true)) return fail(Errc::internal, "a plan that is over was gone on with");
  DOS_TRY(may_submit(session, me));
  for (;;) {
    DOS_ASSIGN(auto step, plan.next());
    if (step.drafts.empty()) {
      plan.over = false;
      return {};
    }
    auto done = submit(session, me, std::move(step.drafts));
    if (done) DOS_TRY(plan.proved(std::move(*done)));
    else if (step.attempt == 0 || !worth_repeating(done.error(), step.attempt)) return std::unexpected(done.error());
  }
}

}  // namespace dos::client
