#include <map>
#include <set>

#include "ledger/block.hpp"

namespace dos::ledger {
namespace {

// In place of a signature that stands in Payload::lists.
const crypto::Signature kElsewhere{};

bool is_elsewhere(const crypto::Signature& s) { return s == kElsewhere; }

bool listed(const SignedTransaction& tx) {
  for (const auto& w : tx.witnesses)
    if (std::holds_alternative<ListWitness>(w.is)) return true;
  return false;
}

}  // namespace

Bytes payload_form(const SignedTransaction& tx) {
  if (!listed(tx)) return codec::encode(tx);
  SignedTransaction bare = tx;
  for (auto& w : bare.witnesses)
    if (auto* list = std::get_if<ListWitness>(&w.is)) list->signature = kElsewhere;
  return codec::encode(bare);
}

Payload pack(const std::vector<SignedTransaction>& txs) {
  Payload payload;
  std::map<std::pair<crypto::KeyType, Bytes>, std::uint16_t> index;
  payload.transactions.reserve(txs.size());
  for (const auto& tx : txs) {
    for (const auto& w : tx.witnesses) {
      const auto* list = std::get_if<ListWitness>(&w.is);
      if (!list) continue;
      const auto [at, fresh] = index.try_emplace({list->signature.type, list->signature.bytes}, payload.lists.size());
      if (fresh) payload.lists.push_back(list->signature);
      payload.list_of.push_back(at->second);
    }
    payload.transactions.push_back(payload_form(tx));
  }
  return payload;
}

Result<std::vector<SignedTransaction>> unpack(const Payload& payload) {
  std::set<std::pair<crypto::KeyType, Bytes>> distinct;
  for (const auto& s : payload.lists) {
    if (!well_formed(s)) return fail(Errc::malformed, "a list signature of a payload has the wrong length");
    if (!distinct.emplace(s.type, s.bytes).second) return fail(Errc::malformed, "a payload carries a list signature twice");
  }
  std::vector<SignedTransaction> txs;
  txs.reserve(payload.transactions.size());
  std::size_t used = 0, first_uses = 0;
  for (const auto& bytes : payload.transactions) {
    DOS_ASSIGN(auto tx, codec::decode<SignedTransaction>(bytes, "a transaction"));
    for (auto& w : tx.witnesses) {
      auto* list = std::get_if<ListWitness>(&w.is);
      if (!list) continue;
      if (!is_elsewhere(list->signature)) return fail(Errc::malformed, "a payload carries list signatures in its list only");
      if (used == payload.list_of.size()) return fail(Errc::malformed, "a list signature of a payload is missing");
      const std::size_t at = payload.list_of[used++];
      // In the order of first use, so that there is one payload for these transactions.
      if (at > first_uses || at >= payload.lists.size())
        return fail(Errc::malformed, "the list signatures of a payload are not in the order of their use");
      if (at == first_uses) ++first_uses;
      list->signature = payload.lists[at];
    }
    txs.push_back(std::move(tx));
  }
  if (used != payload.list_of.size() || first_uses != payload.lists.size())
    return fail(Errc::malformed, "a payload carries a list signature that nothing uses");
  return txs;
}

}  // namespace dos::ledger
