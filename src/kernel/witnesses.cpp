#include "kernel/witnesses.hpp"

#include "base/check.hpp"
#include "kernel/accounts.hpp"
#include "ledger/native_gas.hpp"

namespace dos::kernel {
namespace {

struct Check {
  Hash digest, key;
  crypto::Signature signature;
  DOS_FIELDS(digest, key, signature);
};

// A signature's place in a transaction, and whose it is: the wtxid commits to what was signed there and to the signature.
struct Place {
  Hash wtxid;
  std::uint32_t witness = 0, signature = 0;
  Hash key;
  DOS_FIELDS(wtxid, witness, signature, key);
};

enum class Stands { once, in_many };  // a list's signature and a storage receipt's are those of many transactions

template <class T>
bool verify(const crypto::PublicKey& key, const Hash& key_id, crypto::Domain domain, const Hash& chain, const T& value,
            const crypto::Signature& signature, Stands stands, SignatureCache& cache) {
  const auto signed_value = crypto::signed_bytes(domain, chain, value);
  const auto correct = [&] { return crypto::verify_bytes(key, cache.key_digest(key), signed_value, signature).has_value(); };
  if (stands == Stands::once) return correct();
  const Hash check = crypto::hash_of(crypto::domain::kSignatureCheck,
                                     Check{crypto::hash(crypto::domain::kSignatureCheck, signed_value), key_id, signature});
  if (cache.known(check)) return true;
  if (!correct()) return false;
  cache.add(check);
  return true;
}

Status bad(std::string why) { return fail(Errc::bad_witness, std::move(why)); }

class Checker {
 public:
  Checker(const ledger::SignedTransaction& tx, const TxIds& ids, const store::StateView& view, Accounts& accounts,
          const BlockContext& block, SignatureCache& cache, vm::GasMeter& gas)
      : tx_(tx), ids_(ids), view_(view), accounts_(accounts), block_(block), cache_(cache), gas_(gas) {}

  Result<Proven> run() {
    proven_.time = block_.time;
    for (const auto& w : tx_.witnesses) {
      place_ = {ids_.wtxid, std::uint32_t(&w - tx_.witnesses.data()), 0, {}};
      if (auto* sig = std::get_if<ledger::SigWitness>(&w.is)) DOS_TRY(signature(*sig));
      else if (auto* list = std::get_if<ledger::ListWitness>(&w.is)) DOS_TRY(list_signature(*list));
      else if (auto* stored = std::get_if<ledger::StoredWitness>(&w.is)) DOS_TRY(stored_signatures(*stored));
      else proven_.preimages.push_back(crypto::plain_hash(std::get<ledger::PreimageWitness>(w.is).bytes));
    }
    return std::move(proven_);
  }

 private:
  template <class T>
  bool correct(const crypto::PublicKey& key, const Hash& key_id, crypto::Domain domain, const T& value, const crypto::Signature& signature,
               Stands stands) {
    place_.key = key_id;
    const Hash here = crypto::hash_of(crypto::domain::kSignatureCheck, place_);
    if (cache_.known(here)) return true;
    if (!verify(key, key_id, domain, block_.chain, value, signature, stands, cache_)) return false;
    cache_.add(here);
    return true;
  }

  using Key = std::shared_ptr<const crypto::PublicKey>;  // lies in its account
  // The public key behind (account, key id), as the state has it now.
  Result<Key> find(const std::string& named, const Hash& id) {
    std::string account = named;
    if (account.empty()) {
      if (auto* bare = std::get_if<ledger::KeySender>(&tx_.tx.sender.is)) {
        if (cache_.key_id(bare->key) == id) return std::make_shared<const crypto::PublicKey>(bare->key);
        return fail(Errc::bad_witness, "a witness is by another key than the sender's");
      }
      account = std::get<ledger::AccountSender>(tx_.tx.sender.is).account;
    }
    DOS_ASSIGN(const auto found, accounts_.find(view_, account));
    DOS_TRY(gas_.use(found ? ledger::look_up_gas(*found) : ledger::kGasAccount));
    if (!found) return fail(Errc::bad_witness, "there is no account " + account);
    if (found->development && block_.network != ledger::NetworkKind::local)
      return fail(Errc::bad_witness, "account " + account + " is a development identity");
    for (const auto& p : found->permissions)
      for (const auto& k : p.keys)
        if (cache_.key_id(k.key) == id) return Key(found, &k.key);
    return fail(Errc::bad_witness, "account " + account + " has no such key");
  }

  Status signature(const ledger::SigWitness& w) {
    DOS_ASSIGN(auto key, find(w.account, w.key));
    if (!correct(*key, w.key, crypto::domain::kSignTx, ledger::TxToSign{ids_.txid}, w.signature, Stands::once))
      return bad("a signature does not verify");
    proven_.keys.emplace_back(w.account, w.key);
    proven_.public_keys.push_back(std::move(key));
    return {};
  }

  Status list_signature(const ledger::ListWitness& w) {
    DOS_ASSIGN(auto key, find(w.account, w.key));
    const auto root = crypto::merkle_climb(crypto::kListTree, ledger::list_leaf(ids_.txid), w.path);
    if (!root) return bad("a list witness has a path of the wrong shape");
    if (!correct(*key, w.key, crypto::domain::kSignList, ledger::ListToSign{w.path.count, *root}, w.signature, Stands::in_many))
      return bad("a list signature does not verify");
    proven_.keys.emplace_back(w.account, w.key);
    proven_.public_keys.push_back(std::move(key));
    return {};
  }

  Status stored_signatures(const ledger::StoredWitness& w) {
    DOS_CHECK(block_.validators);
    const auto& claim = *tx_.tx.stored;  // check_shape: a stored witness has its claim
    const auto lacking = [](std::string why) { return fail(Errc::not_stored, std::move(why)); };
    if (claim.epoch != block_.epoch) return lacking("the storage receipts are of another epoch");
    if (claim.until < block_.time) return lacking("the storage receipts have expired");
    for (const auto& b : claim.blobs) {
      const auto root = crypto::merkle_climb(crypto::kStoredTree, ledger::stored_leaf(b.blob), b.path);
      if (!root || *root != claim.list_root) return lacking("a claimed blob is not in the list of the storage receipts");
    }
    const ledger::StoredPromise promise{claim.epoch, claim.list_root, claim.bytes, claim.until};
    std::uint64_t weight = 0;
    for (const auto& s : w.signatures) {
      if (s.validator >= block_.validators->members.size()) return lacking("a storage receipt is by an unknown validator");
      const auto& v = block_.validators->members[s.validator];
      place_.signature = std::uint32_t(&s - w.signatures.data());
      if (!correct(v.vote_key, cache_.key_id(v.vote_key), crypto::domain::kStored, promise, s.signature, Stands::in_many))
        return bad("the storage receipt of " + v.name + " does not verify");
      weight += v.weight;
    }
    if (!ledger::strong(weight, block_.validators->total())) return lacking("the storage receipts are no quorum");
    return {};
  }

  const ledger::SignedTransaction& tx_;
  const TxIds& ids_;
  const store::StateView& view_;
  Accounts& accounts_;
  const BlockContext& block_;
  SignatureCache& cache_;
  vm::GasMeter& gas_;
  Place place_;
  Proven proven_;
};

bool open_to_bare_keys(const ledger::Call& c, std::span<const ledger::ModuleRules> modules) {
  for (const auto& m : modules)
    for (const auto& row : m.open_to_bare_keys)
      if (c.module == m.number && c.number == row.number) return true;
  return false;
}

Error for_accounts_only(std::span<const ledger::ModuleRules> modules) {
  std::string open;
  for (const auto& m : modules)
    for (const auto& row : m.open_to_bare_keys) open += (open.empty() ? "" : " and ") + m.name + "." + row.name;
  return {Errc::denied, "a bare key may call " + (open.empty() ? "nothing" : open + " only")};
}

}  // namespace

bool is_bare_key(const ledger::Transaction& tx) { return std::holds_alternative<ledger::KeySender>(tx.sender.is); }

TxIds ids_of(const ledger::SignedTransaction& tx) {
  TxIds ids;
  const auto signed_part = codec::encode(tx.tx);
  ids.txid = ledger::txid_of_encoded(signed_part);
  codec::Encoder count;
  count.uleb(tx.witnesses.size());
  std::size_t bytes = signed_part.size() + count.out.size();
  crypto::Hasher h(crypto::domain::kWtxid);  // ledger::wtxid, without encoding the witnesses twice
  h.update(ids.txid.view());
  for (const auto& w : tx.witnesses) {
    const auto encoded = codec::encode(w);
    bytes += encoded.size();
    h.update(crypto::hash(crypto::domain::kWtxid, encoded).view());
  }
  ids.wtxid = h.finish();
  ids.bytes = std::uint32_t(std::min<std::size_t>(bytes, UINT32_MAX));
  return ids;
}

std::vector<BlockTransaction> with_ids(std::vector<ledger::SignedTransaction> txs) {
  std::vector<BlockTransaction> out;
  out.reserve(txs.size());
  for (auto& tx : txs) {
    const auto ids = ids_of(tx);
    out.push_back({std::make_shared<const ledger::SignedTransaction>(std::move(tx)), ids});
  }
  return out;
}

Result<Proven> check_witnesses(const ledger::SignedTransaction& tx, const TxIds& ids, const store::StateView& view, Accounts& accounts,
                               const BlockContext& block, SignatureCache& cache, vm::GasMeter& gas) {
  return Checker(tx, ids, view, accounts, block, cache, gas).run();
}

Status check_authority(const ledger::Transaction& tx, const Proven& proven, const store::StateView& view, Accounts& accounts,
                       const BlockContext& block, vm::GasMeter& gas) {
  if (auto* sender = std::get_if<ledger::AccountSender>(&tx.sender.is)) {
    DOS_ASSIGN(const auto may, satisfied(ledger::account_lock(sender->account, sender->permission), view, accounts, proven, gas));
    if (!may) return bad("the signatures do not satisfy " + sender->account + "'s permission " + sender->permission);
    if (tx.payer.empty() || tx.payer == sender->account) return {};
  } else {
    const auto& key = std::get<ledger::KeySender>(tx.sender.is).key;
    if (block.network == ledger::NetworkKind::institutional) return fail(Errc::denied, "accounts are admitted by a vote here");
    if (block.suite == crypto::Suite::pq && !post_quantum(key.type)) return bad("a bare key must be a post-quantum key here");
    for (const auto& call : tx.calls)
      if (!open_to_bare_keys(call, block.modules)) return std::unexpected(for_accounts_only(block.modules));
    const auto id = crypto::key_id(key);
    if (std::none_of(proven.keys.begin(), proven.keys.end(), [&](const auto& k) { return k.second == id; }))
      return bad("the sender's key did not sign");
    if (tx.payer.empty()) return {};
  }
  DOS_ASSIGN(const auto agreed, satisfied(ledger::account_lock(tx.payer), view, accounts, proven, gas));
  if (!agreed) return bad("the payer " + tx.payer + " did not agree");
  return {};
}

}  // namespace dos::kernel
