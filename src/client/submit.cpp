#include "client/submit.hpp"

#include <algorithm>
#include <iterator>
#include <thread>

#include "client/entropy.hpp"
#include "crypto/merkle.hpp"
#include "ledger/puzzle.hpp"

namespace dos::client {
namespace {

constexpr std::uint64_t kValidForMs = 60'000;  // half of the window: room for clocks that differ
constexpr std::uint64_t kMaxSubmitAnswer = 64ull << 20;
constexpr int kStaleTries = 8;
constexpr std::chrono::milliseconds kWaitAtOneNode{5'000}, kAnswerTime{2'000};
constexpr std::uint64_t kWrittenPerCall = 8192;  // bytes of small objects that an ordinary call may write

struct Roots {  // what a receipts root is the hash of
  std::uint64_t count;
  Hash receipts, txids;
  static constexpr void fields(auto& s, auto&& visit) { visit(s.count, s.receipts, s.txids); }
};

// Which of two accesses to one key allows more.
int strength(const ledger::Access& a) { return std::holds_alternative<ledger::Read>(a.is) ? 0 : 1; }

Bytes& key_of(ledger::Access& a) {
  return std::visit(
      [](auto& x) -> Bytes& {
        if constexpr (requires { x.key; }) return x.key;
        else if constexpr (requires { x.prefix; }) return x.prefix;
        else return x.purse;
      },
      a.is);
}

crypto::Signature blank(crypto::KeyType type) { return {type, Bytes(crypto::signature_bytes(type))}; }

void fill_in(Session& session, const Identity& me, Draft& draft, bool bare) {
  auto& tx = draft.tx;
  const auto& params = session.params();
  tx.chain = session.chain();
  if (bare) tx.sender.is = ledger::KeySender{me.signing().public_key()};
  else tx.sender.is = ledger::AccountSender{me.account(), draft.permission};
  tx.valid_until = TimeMs{session.now().value + kValidForMs};
  const auto each = std::max(draft.gas_per_call, params.min_call_gas);
  // What the calls themselves write is paid for a time ahead, too: their arguments, entries, keys.
  draft.add_rent(tx.calls.size() * kWrittenPerCall + 4 * draft.approximate_bytes(), params.default_rent_ms, params);
  tx.limits.gas = Gas{std::min(params.max_transaction_gas, each * tx.calls.size())};
}

ledger::SignedTransaction with_witnesses(const Draft& draft, ledger::Witness signature) {
  ledger::SignedTransaction out{draft.tx, {}};
  out.witnesses.push_back(std::move(signature));
  if (draft.tx.stored) out.witnesses.push_back({ledger::StoredWitness{draft.stored_by}});
  if (draft.work) out.witnesses.push_back({*draft.work});
  return out;
}

// limits.bytes has a fixed width, so the size with a blank signature is the size.
void set_bytes(Draft& draft, const ledger::Witness& blank_witness) {
  draft.tx.limits.bytes = 0;
  draft.tx.limits.bytes = std::uint32_t(codec::encode(with_witnesses(draft, blank_witness)).size());
}

Result<std::vector<Bytes>> sign_all(Session& session, const Identity& me, std::vector<Draft>& drafts, bool bare, std::vector<Hash>& ids) {
  SystemEntropy entropy;
  const auto key = crypto::key_id(me.signing().public_key());
  const auto type = me.signing().public_key().type;
  std::vector<Bytes> out;
  if (drafts.size() == 1) {
    auto& draft = drafts[0];
    fill_in(session, me, draft, bare);
    if (bare) draft.work = ledger::blank_puzzle();
    set_bytes(draft, {ledger::SigWitness{{}, key, blank(type)}});
    ids.push_back(ledger::txid(draft.tx));
    if (bare) draft.work = ledger::solve_puzzle(ids[0]);
    DOS_ASSIGN(auto signature, crypto::sign(me.signing(), crypto::domain::kSignTx, session.chain(), ledger::TxToSign{ids[0]}, entropy));
    out.push_back(codec::encode(with_witnesses(draft, {ledger::SigWitness{{}, key, std::move(signature)}})));
    return out;
  }
  for (std::size_t from = 0; from < drafts.size(); from += kMaxListTransactions) {
    const auto to = std::min<std::size_t>(drafts.size(), from + kMaxListTransactions);
    std::vector<Hash> leaves;
    // A path is at most eight hashes long for 256 leaves; the size is counted with the longest.
    crypto::MerklePath longest{0, to - from, std::vector<Hash>(8)};
    for (auto i = from; i < to; ++i) {
      fill_in(session, me, drafts[i], bare);
      set_bytes(drafts[i], {ledger::ListWitness{{}, key, longest, blank(type)}});
      ids.push_back(ledger::txid(drafts[i].tx));
      leaves.push_back(ledger::list_leaf(ids[i]));
    }
    const ledger::ListToSign list{leaves.size(), crypto::merkle_root(crypto::kListTree, leaves)};
    DOS_ASSIGN(const auto signature, crypto::sign(me.signing(), crypto::domain::kSignList, session.chain(), list, entropy));
    for (auto i = from; i < to; ++i)
      out.push_back(codec::encode(
          with_witnesses(drafts[i], {ledger::ListWitness{{}, key, crypto::merkle_path(crypto::kListTree, leaves, i - from), signature}})));
  }
  return out;
}

// A node that has no room now may have it in a moment; another may have it at once.
bool has_no_room(Errc code) { return code == Errc::busy || code == Errc::pool_full; }
// Nor is it the end that each node in turn said nothing in the time it had, while some of the command's time is left.
bool again(Errc code) { return has_no_room(code) || code == Errc::timed_out; }
// What a refusal says about the node, not about the transaction.
bool of_the_node(Errc code) { return has_no_room(code) || code == Errc::not_ready || code == Errc::disk_full || code == Errc::disk; }

Status take_outcomes(Session& session, const ledger::SubmitAnswer& answer, std::span<const Hash> ids, std::vector<Done>& done,
                     std::optional<Error>& first_error, bool& pending) {
  if (answer.outcomes.size() != ids.size()) return fail(Errc::proof_invalid, "the answer has not one outcome a transaction");
  std::vector<Trusted> blocks;
  for (const auto& anchor : answer.anchors) {
    DOS_ASSIGN(auto block, session.believe(anchor));
    blocks.push_back(std::move(block));
  }
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const auto& outcome = answer.outcomes[i];
    if (outcome.txid != ids[i]) return fail(Errc::proof_invalid, "an outcome is of another transaction");
    if (const auto* refused = std::get_if<ledger::Refused>(&outcome.is)) {
      if (of_the_node(Errc(refused->code))) return fail(Errc(refused->code), refused->detail);
      if (!first_error) first_error = Error{Errc(refused->code), refused->detail};
    } else if (const auto* final = std::get_if<ledger::Final>(&outcome.is)) {
      if (final->anchor >= blocks.size()) return fail(Errc::proof_invalid, "an outcome names no block");
      const auto& block = blocks[final->anchor];
      if (final->proof.receipt.txid != ids[i]) return fail(Errc::proof_invalid, "a receipt is of another transaction");
      DOS_TRY(verify_receipt(final->proof, block));
      session.count_checks(1);
      if (auto good = receipt_status(final->proof.receipt); !good && !first_error) first_error = good.error();
      session.raise_floor(block.header.height);
      done.push_back({final->proof.receipt, block, ids[i]});
    } else {
      pending = true;
    }
  }
  return {};
}

// The same signed bytes go to one node after the other until their outcomes are known: the ledger takes each at most once, so a
// node that ends, hangs or cannot reach the others costs time and nothing else.
Result<std::vector<Done>> hand_in(Session& session, const Bytes& body, std::span<const Hash> ids, std::optional<Error>& first_error) {
  using Clock = std::chrono::steady_clock;
  const auto timeout = session.options().timeout;
  const auto begun = Clock::now(), give_up = begun + timeout;
  std::vector<Done> done;
  for (std::chrono::milliseconds pause{50};;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(give_up - Clock::now());
    const auto wait = std::max(std::chrono::milliseconds(1), std::min(left, kWaitAtOneNode));
    const auto target = "/v1/transactions?wait=final&timeout_ms=" + std::to_string(wait.count());
    bool pending = false;
    const auto asked = session.with_one(
        [&](Nodes::One& node) {
          return node.ask("POST", target, body, kMaxSubmitAnswer, [&](const HttpAnswer& http, const Url&) -> Status {
            DOS_ASSIGN(const auto answer, codec::decode<ledger::SubmitAnswer>(http.body, "a submit answer"));
            done.clear(), first_error.reset(), pending = false;  // nothing stays of a node that was passed over
            return take_outcomes(session, answer, ids, done, first_error, pending);
          });
        },
        {std::max(left, wait) + kAnswerTime, wait + kAnswerTime, wait + kAnswerTime});
    if (asked && !pending) {
      if (!done.empty()) session.count_final(std::chrono::duration<double, std::milli>(Clock::now() - begun).count());
      return done;
    }
    if (!asked && !again(asked.error().code)) return std::unexpected(asked.error());
    if (Clock::now() >= give_up) {
      if (!asked) return std::unexpected(asked.error());
      return fail(Errc::timed_out, tx_name(ids[0]) + " was accepted, but was not final within " + std::to_string(timeout.count()) +
                                       " ms; it may become so for a minute yet: look with dos tx before you repeat it");
    }
    if (asked) {
      session.pass_over("it accepted the transaction, which was not final after " + std::to_string(wait.count()) + " ms");
    } else {
      std::this_thread::sleep_for(pause);
      pause = std::min(2 * pause, std::chrono::milliseconds(1000));
    }
  }
}

Result<std::vector<Done>> send(Session& session, const Identity& me, std::vector<Draft> drafts, bool bare) {
  std::vector<Done> done;
  if (drafts.empty()) return done;
  if (session.options().at) return fail(Errc::usage, "--at reads the past; what changes something happens now");
  DOS_TRY(me.allowed_on(session.chain(), session.network().genesis.kind));
  if (!session.last()) {
    auto newest = session.newest();
    if (!newest) return std::unexpected(newest.error());
  }
  std::vector<Hash> ids;
  DOS_ASSIGN(auto encoded, sign_all(session, me, drafts, bare, ids));
  for (const auto& bytes : encoded)
    if (bytes.size() > kMaxTransactionBytes)
      return fail(Errc::limit, "the transaction has " + std::to_string(bytes.size()) + " bytes, at most " +
                                   std::to_string(kMaxTransactionBytes) + " are allowed");
  for (std::size_t from = 0; from < encoded.size(); from += kMaxListTransactions) {
    const auto count = std::min<std::size_t>(encoded.size() - from, kMaxListTransactions);
    ledger::SubmitRequest request;
    for (std::size_t i = from; i < from + count; ++i) request.transactions.push_back(std::move(encoded[i]));
    std::optional<Error> first_error;
    DOS_ASSIGN(auto batch, hand_in(session, codec::encode(request), std::span<const Hash>(ids.data() + from, count), first_error));
    std::ranges::move(batch, std::back_inserter(done));
    if (first_error) return std::unexpected(*first_error);
  }
  return done;
}

}  // namespace

void Draft::add(Bytes key, ledger::Access access) {
  const auto [it, fresh] = at_.emplace(key, tx.access.size());
  if (!fresh) {
    if (strength(access) > strength(tx.access[it->second])) {
      key_of(access) = std::move(key);
      tx.access[it->second] = std::move(access);
    }
    return;
  }
  bytes_ += key.size() + 12;
  key_of(access) = std::move(key);
  tx.access.push_back(std::move(access));
}

void Draft::access(ledger::Access a) {
  auto key = key_of(a);
  add(std::move(key), std::move(a));
}

void Draft::debit(Bytes purse, Credits max) { add(std::move(purse), {ledger::Debit{{}, max}}); }

void Draft::call_bytes(std::uint16_t module, std::uint16_t number, Bytes args) {
  bytes_ += args.size() + 16;
  ledger::Call call{module, number, {}};
  call.args.emplace_back(ledger::Literal{std::move(args)});
  tx.calls.push_back(std::move(call));
}

void Draft::add_rent(std::uint64_t bytes, std::uint64_t ms, const ledger::Params& params) {
  constexpr std::uint64_t kYearMs = 31'536'000'000, kMib = 1 << 20;
  const auto rent = __uint128_t(bytes) * ms * params.rent_per_mib_year / (__uint128_t(kYearMs) * kMib) + 1;
  tx.limits.rent = Credits{tx.limits.rent.value + std::uint64_t(rent) + std::uint64_t(rent) / 64 + 1000};
}

std::string tx_name(const Hash& txid) { return "tx:" + hex(txid.view()); }

Result<Hash> parse_tx_name(std::string_view text) {
  if (text.starts_with("tx:")) text.remove_prefix(3);
  Bytes bytes;
  Hash out;
  if (!unhex(text, bytes) || bytes.size() != 32)
    return fail(Errc::usage, "a transaction id has 64 hex digits, with or without tx: before them");
  std::copy(bytes.begin(), bytes.end(), out.bytes.begin());
  return out;
}

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

Result<std::vector<Done>> submit(Session& session, const Identity& me, std::vector<Draft> drafts) {
  return send(session, me, std::move(drafts), false);
}

Result<Done> submit_one(Session& session, const Identity& me, Draft draft) {
  std::vector<Draft> one;
  one.push_back(std::move(draft));
  DOS_ASSIGN(auto done, send(session, me, std::move(one), false));
  return std::move(done.at(0));
}

Result<Done> submit_bare(Session& session, const Identity& me, Draft draft) {
  std::vector<Draft> one;
  one.push_back(std::move(draft));
  DOS_ASSIGN(auto done, send(session, me, std::move(one), true));
  return std::move(done.at(0));
}

Result<ledger::Receipt> dry_run(Session& session, const Identity& me, Draft draft) {
  if (!session.last()) {
    auto newest = session.newest();
    if (!newest) return std::unexpected(newest.error());
  }
  fill_in(session, me, draft, false);
  set_bytes(draft, {ledger::SigWitness{{}, crypto::key_id(me.signing().public_key()), blank(me.signing().public_key().type)}});
  ledger::Receipt receipt;
  DOS_TRY(session.ask("POST", "/v1/dry-run", codec::encode(ledger::SignedTransaction{draft.tx, {}}), kMaxSubmitAnswer,
                      [&](const HttpAnswer& http, const Url&) -> Status {
                        DOS_ASSIGN(receipt, codec::decode<ledger::Receipt>(http.body, "a receipt"));
                        return {};
                      }));
  return receipt;
}

Result<Done> find_transaction(Session& session, const Hash& txid) {
  std::vector<Done> done;
  std::optional<Error> error;
  bool pending = false;
  const std::span<const Hash> asked(&txid, 1);
  DOS_TRY(
      session.ask("GET", "/v1/transactions/" + hex(txid.view()), {}, kMaxSubmitAnswer, [&](const HttpAnswer& http, const Url&) -> Status {
        DOS_ASSIGN(const auto answer, codec::decode<ledger::SubmitAnswer>(http.body, "a transaction"));
        done.clear(), error.reset(), pending = false;
        return take_outcomes(session, answer, asked, done, error, pending);
      }));
  if (done.empty())
    return fail(pending ? Errc::timed_out : Errc::not_found, tx_name(txid) + (pending ? " is not final yet" : " is not known"));
  return std::move(done[0]);
}

Result<Done> submit_fresh(Session& session, const Identity& me, const std::function<Result<Draft>()>& make) {
  for (int attempt = 1;; ++attempt) {
    DOS_ASSIGN(auto draft, make());
    auto done = submit_one(session, me, std::move(draft));
    if (done || !worth_repeating(done.error(), attempt)) return done;
  }
}

bool worth_repeating(const Error& error, int attempt) {
  if (error.code != Errc::stale || attempt >= kStaleTries) return false;
  // Writers of one thing that met would meet again if they all came back at once.
  SystemEntropy entropy;
  const auto most = std::min(10u << attempt, 640u);
  std::this_thread::sleep_for(std::chrono::milliseconds(read_be<std::uint32_t>(BytesView(draw<4>(entropy))) % most));
  return true;
}

}  // namespace dos::client
