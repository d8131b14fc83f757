// What is proved of a transaction that nodes refuse or are silent about: its receipt in a final block, or what stands against it.
#include <algorithm>

#include "base/text.hpp"
#include "client/calls/hand_in.hpp"
#include "client/trust/words.hpp"

namespace dos::client {
namespace {

using namespace std::chrono_literals;

// A search is worth no more than a moment of a node's silence.
constexpr Nodes::Patience kSearchPatience{10s, 5s, 2s};
constexpr std::size_t kKeysPerQuery = 64;      // items of a state query

std::string in_block(Height h) { return "block " + std::to_string(h.value); }

// What a transaction names that only the present state can have: once such a version is gone, or the key is there, it is STALE.
struct Named {
  BytesView key;
  Version version;      // 0: absent
};
std::vector<Named> named_versions(const ledger::Transaction& tx) {
  std::vector<Named> out;
  for (const auto& a : tx.access) {
    if (const auto* exact = std::get_if<ledger::Exact>(&a.is)) out.push_back({exact->key, exact->version});
    else if (const auto* absent = std::get_if<ledger::Absent>(&a.is)) out.push_back({absent->key, {}});
    else if (const auto* read = std::get_if<ledger::Read>(&a.is); read != nullptr && read->version)
      out.push_back({read->key, *read->version});
  }
  return out;
}

bool signs_for(const ledger::Account& account, const std::string& permission, const crypto::PublicKey& key) {
  for (const auto& p : account.permissions) {
    if (p.name != permission && p.name != "owner") continue;
    if (!p.accounts.empty()) return true;  // other accounts count there, too: not for this machine to judge
    std::uint64_t weight = 0;
    for (const auto& k : p.keys)
      if (k.key == key) weight += k.weight;
    if (weight >= p.threshold) return true;
  }
  return false;
}

// What the proved state has of who pays for it and who signs it.
struct Standing {
  Height height;
  std::uint64_t holds = 0;
  bool signs = false;
};
// `from`: an older state, though proved, says nothing of what was signed above it.
Result<Standing> standing(Session& session, const Identity& me, const ledger::Transaction& tx, Height from) {
  const auto* account = std::get_if<ledger::AccountSender>(&tx.sender.is);
  const auto purse_key = payer_purse(tx);
  ledger::StateQuery query;
  query.items.push_back(ledger::KeyItem{purse_key, true});
  if (account != nullptr) query.items.push_back(ledger::KeyItem{ledger::account_key(account->account), true});
  query.min_height = from;
  DOS_ASSIGN(const auto answer, session.state(std::move(query)));
  Standing out{answer.view.height(), 0, account == nullptr};
  DOS_ASSIGN(const auto* purse, answer.view.find(purse_key));
  if (purse != nullptr) {
    if (!purse->data) return fail(Errc::proof_incomplete, "the purse came without its data");
    DOS_ASSIGN(const auto held, codec::decode<ledger::Purse>(*purse->data, "a purse"));
    out.holds = held.balance.value;
  }
  if (account == nullptr) return out;
  DOS_ASSIGN(const auto* record, answer.view.find(ledger::account_key(account->account)));
  if (record != nullptr) {
    if (!record->data) return fail(Errc::proof_incomplete, "the account came without its data");
    DOS_ASSIGN(const auto held, codec::decode<ledger::Account>(*record->data, "an account"));
    out.signs = signs_for(held, account->permission, me.signing().public_key());
  }
  return out;
}

std::string too_little(const Standing& at, __uint128_t wanted) {
  return "the purse that pays holds " + std::to_string(at.holds) + " millionths of a credit at " + in_block(at.height) + ", and " +
         std::to_string(std::uint64_t(std::min<__uint128_t>(wanted, UINT64_MAX))) + " may be taken";
}

std::string foreign_key(const Standing& at, const ledger::Transaction& tx) {
  const auto* account = std::get_if<ledger::AccountSender>(&tx.sender.is);
  return "at " + in_block(at.height) + " the key that signed it does not act for " + (account != nullptr ? account->account : "it");
}

bool said(const HandedIn& one, std::initializer_list<Errc> codes, Errc& which) {
  for (const auto& r : one.refused)
    for (const auto code : codes)
      if (r.says.code == code) {
        which = code;
        return true;
      }
  return false;
}

}  // namespace

Bytes payer_purse(const ledger::Transaction& tx) {
  if (!tx.payer.empty()) return ledger::purse_key(tx.payer);
  if (const auto* account = std::get_if<ledger::AccountSender>(&tx.sender.is)) return ledger::purse_key(account->account);
  return ledger::purse_key(ledger::kSponsorPurse);
}

Credits most_it_takes(const ledger::Transaction& tx, const ledger::Params& params) {
  auto sum = __uint128_t(tx.limits.gas.value) * params.gas_price + __uint128_t(tx.limits.bytes) * params.byte_price + tx.limits.rent.value;
  const auto purse = payer_purse(tx);
  for (const auto& a : tx.access)
    if (const auto* debit = std::get_if<ledger::Debit>(&a.is); debit != nullptr && debit->purse == purse) sum += debit->max.value;
  return Credits{sum > UINT64_MAX ? UINT64_MAX : std::uint64_t(sum)};
}

Status can_be_taken(Session& session, const Identity& me, std::span<const HandedIn> all, Height before) {
  if (all.empty()) return {};
  DOS_ASSIGN(const auto at, standing(session, me, *all[0].tx, before));
  std::uint64_t most = 0;  // of one: each may wait until those before it have left in the purse what they did not use
  for (const auto& one : all) most = std::max(most, most_it_takes(*one.tx, session.params()).value);
  if (most > at.holds) return fail(Errc::funds, too_little(at, most) + "; nothing was handed in");
  if (!at.signs) return fail(Errc::bad_witness, foreign_key(at, *all[0].tx) + "; nothing was handed in");
  return {};
}

Status Evidence::search(std::optional<Height> to) {
  if (!to) {
    DOS_ASSIGN(const auto newest, session_.shown(kSearchPatience));
    to = newest.header.height;
  }
  while (searched_ < *to) {
    if (blocks_ == kMaxBlocksSearched || bytes_ > kMaxBytesSearched)
      return fail(Errc::limit, "only " + std::to_string(blocks_) + " blocks were searched");
    const Height next{searched_.value + 1};
    DOS_ASSIGN(const auto block, session_.block(next, kSearchPatience));
    DOS_TRY(take(block));
    searched_ = next;
    ++blocks_;
    bytes_ += block.payload.size();
  }
  return {};
}

Status Evidence::take(const ledger::BlockAnswer& block) {
  const auto height = block.anchor.header.height;
  for (const auto& receipt : block.receipts)
    for (auto& one : all_) {
      if (one.done || one.txid != receipt.txid) continue;
      if (receipt.status != ledger::TxStatus::skipped) {
        DOS_ASSIGN(auto trusted, session_.believe(block.anchor));
        session_.raise_floor(height);
        one.done = Done{receipt, std::move(trusted), one.txid};
        one.against.reset(), one.never = false;
      } else if (receipt.wtxid == one.wtxid && Errc(receipt.code) != Errc::expired && Errc(receipt.code) != Errc::duplicate) {
        // Of a copy with other witnesses it would say nothing; "seen before" and "too late" say nothing of what became of it.
        one.against = Error{receipt.code != 0 ? Errc(receipt.code) : Errc::skipped, in_block(height) + " skipped it: " + receipt.detail};
      }
    }
  for (auto& one : all_)
    if (!one.done && block.anchor.header.time > one.tx->valid_until) {
      one.against = Error{Errc::expired, "its time ended at " + utc_text(one.tx->valid_until) + ", and no block up to " + in_block(height) +
                                             ", which is of a later time, has it"};
      one.never = true;
    }
  return {};
}

Status Evidence::judge() {
  const auto refused = [](const HandedIn& one) { return one.open() && !one.refused.empty(); };
  const auto first = std::ranges::find_if(all_, refused);
  if (first == all_.end()) return {};
  DOS_ASSIGN(const auto at, standing(session_, me_, *first->tx, searched_));  // one hand-in has one sender and one payer
  DOS_TRY(search(at.height));
  __uint128_t wanted = 0;  // by all that wait: a node reserves for each
  for (const auto& one : all_)
    if (one.open()) wanted += most_it_takes(*one.tx, session_.params()).value;
  std::size_t judged = 0;
  for (auto& one : all_) {
    if (!refused(one)) continue;
    Errc code{};
    if (said(one, {Errc::funds}, code) && wanted > at.holds) one.against = Error{code, too_little(at, wanted)};
    else if (!at.signs && said(one, {Errc::bad_witness, Errc::denied, Errc::no_key, Errc::bad_key, Errc::signature_invalid}, code))
      one.against = Error{code == Errc::signature_invalid ? Errc::bad_witness : code, foreign_key(at, *one.tx)};
    else if (judged++ < kMaxJudged) DOS_TRY(judge_versions(one));
  }
  return {};
}

// An object's version is consumed once. What names one that is gone, and is in no block up to there, can never be executed.
Status Evidence::judge_versions(HandedIn& one) {
  const auto named = named_versions(*one.tx);
  for (std::size_t from = 0; from < named.size() && one.open(); from += kKeysPerQuery) {
    const auto to = std::min(named.size(), from + kKeysPerQuery);
    ledger::StateQuery query;
    query.min_height = searched_;
    for (auto i = from; i < to; ++i) {
      query.items.push_back(ledger::KeyItem{to_bytes(named[i].key), false});
      query.min_height = std::max(query.min_height, named[i].version.height());  // below that it was not there yet
    }
    DOS_ASSIGN(const auto answer, session_.state(std::move(query)));
    DOS_TRY(search(answer.view.height()));
    for (auto i = from; i < to && one.open(); ++i) {
      DOS_ASSIGN(const auto* record, answer.view.find(named[i].key));
      if (record != nullptr ? record->leaf.version <= named[i].version : named[i].version == Version{}) continue;
      one.against = Error{Errc::stale, "an object that it names has changed by " + in_block(answer.view.height())};
      one.never = true;
    }
  }
  return {};
}

}  // namespace dos::client
