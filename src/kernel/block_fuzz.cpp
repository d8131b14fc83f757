// Blocks of signed transactions that the input has changed anywhere before they were signed: what a leader takes of them is a block
// that is valid and has one result each time; there is a receipt for each transaction; credits are neither made nor lost; and what
// admission says of one transaction alone is what the block then does with it.
#include "base/check.hpp"
#include "kernel/test_chain.hpp"
#include "modules/credit/calls.hpp"
#include "modules/fs/calls.hpp"
#include "modules/id/calls.hpp"
#include "modules/msg/calls.hpp"

namespace {
using namespace dos;
using namespace dos::kernel;
using namespace dos::kernel::testchain;
using namespace dos::ledger;

constexpr const char* kPeople[] = {"alice", "bob", "carol"};

// People with classical keys: signing is what takes the time here.
const crypto::SigningKey& signer(std::string_view name) {
  static std::map<std::string, crypto::SigningKey, std::less<>> keys;
  auto at = keys.find(name);
  if (at == keys.end()) at = keys.emplace(name, key_of(name, crypto::KeyType::ed25519)).first;
  return at->second;
}
Account classic(std::string_view name) {
  Account a = account_of(name);
  for (auto& p : a.permissions) p.keys = {{signer(name).public_key(), 1}};
  return a;
}
struct ClassicChain : Chain {
  ClassicChain() {
    genesis.suite = block.suite = crypto::Suite::classic;
    for (auto& a : genesis.accounts) a.account = classic(a.name);
    reset();
  }
  Witness sign(const Transaction& t, std::string_view by) {
    const auto& key = signer(by);
    auto signature = crypto::sign(key, crypto::domain::kSignTx, block.chain, TxToSign{txid(t)}, entropy);
    DOS_CHECK(signature.has_value());
    return {SigWitness{"", crypto::key_id(key.public_key()), std::move(*signature)}};
  }
};

// Ordinary transactions, and one that calls anything with anything.
Transaction base(const Chain& c, std::uint8_t which, BytesView more) {
  const std::string from = kPeople[which / 16 % 3], to = kPeople[which / 64 % 3];
  switch (which % 5) {
    case 0:
      return c.tx(from, {Chain::call(kCreditModule, credit::kPay, codec::encode(credit::Pay{from, to, Credits{1'000'000}}))},
                  {access(Debit{purse_key(from), Credits{1'000'000}}), access(Deposit{purse_key(to)}), access(Read{account_key(to), {}})});
    case 1:
      return c.tx(from, {Chain::call(kCreditModule, credit::kFaucet, codec::encode(credit::Faucet{to, Credits{5}}))},
                  {access(Latest{credit::faucet_key()}), access(Debit{purse_key(kFaucetPurse), Credits{5}}), access(Deposit{purse_key(to)}),
                   access(Read{account_key(to), {}})});
    case 2: {
      const std::string name = "dave";
      auto t =
          c.tx(from, {Chain::call(kIdModule, id::kNew, codec::encode(id::New{name, classic(name)}))}, {access(Absent{account_key(name)})});
      if (which & 8) t.sender.is = KeySender{signer(name).public_key()};
      return t;
    }
    case 3: {
      msg::Send send;
      send.to = to;
      send.key_epoch = 1;
      send.size_class = 256;
      send.box = Bytes(300, 1);
      return c.tx(from, {Chain::call(kMsgModule, msg::kSend, codec::encode(send))},
                  {access(Append{msg::inbox_prefix(to)}), access(Read{account_key(to), {}})});
    }
    default: {
      const std::uint16_t module = more.empty() ? 3 : more[0] % 6, number = more.size() < 2 ? fs::kCreate : more[1];
      return c.tx(from, {Chain::call(module, number, to_bytes(more.subspan(std::min<std::size_t>(2, more.size()))))},
                  {access(LatestRange{{0, 3, 'e'}}), access(Append{{0, 3, 'd'}})});
    }
  }
}

Bytes encoded(const BlockResult& r) {
  Bytes out;
  for (const auto& [key, record] : r.delta) {
    append(out, key);
    if (!record) continue;
    append(out, codec::encode(record->version));
    append(out, record->data);
  }
  append(out, codec::encode(r.receipts));
  return out;
}

void run(Chain& c, const std::vector<SignedTransaction>& txs) {
  const auto total = c.total();
  ++c.block.height.value;
  ++c.block.time.value;
  const auto block = with_ids(txs);
  std::optional<bool> admitted;
  Admissions together(c.state);
  for (std::size_t i = 0; i < txs.size(); ++i) {
    const auto alone = Admissions(c.state).check(c.block, txs[i], block[i].ids, c.window, *c.cache);
    const auto after_others = together.check(c.block, txs[i], block[i].ids, c.window, *c.cache);
    DOS_CHECK(alone.has_value() == after_others.has_value() && (alone || alone.error().code == after_others.error().code));
    if (txs.size() == 1) admitted = alone.has_value();
  }
  const auto other_cache = make_signature_cache(16);
  ReplayWindow whole_window(&c.window);
  const auto whole = c.kernel.apply(c.state, c.block, block, whole_window, *other_cache);
  DOS_CHECK(whole.has_value());
  if (admitted) DOS_CHECK(*admitted == !whole->misfit);
  // What a leader takes of them is a block that all find valid; it leaves out nothing that would have stood, but payments that wait.
  --c.block.height.value, --c.block.time.value;
  const auto taken = with_ids(c.chosen(txs));
  ++c.block.height.value, ++c.block.time.value;
  if (whole->misfit) DOS_CHECK(taken.size() < txs.size());
  ReplayWindow window(&c.window), other_window(&c.window);
  const auto again = c.kernel.apply(c.state, c.block, taken, other_window, *other_cache);
  const auto result = c.kernel.apply(c.state, c.block, taken, window, *c.cache);
  DOS_CHECK(result && again && !result->misfit && encoded(*result) == encoded(*again) && window.size() == other_window.size());
  DOS_CHECK(result->receipts.size() == taken.size());
  for (std::size_t i = 0; i < taken.size(); ++i) {
    const auto& r = result->receipts[i];
    const auto& limits = taken[i].tx->tx.limits;
    DOS_CHECK(r.txid == taken[i].ids.txid && r.wtxid == taken[i].ids.wtxid && r.detail.size() <= 256 && codec::is_utf8(as_bytes(r.detail)));
    DOS_CHECK((r.status == TxStatus::ok) == (r.code == 0));
    if (r.status != TxStatus::ok) DOS_CHECK(r.writes.empty());
    DOS_CHECK(r.status != TxStatus::skipped && window.seen(r.txid) && r.gas <= limits.gas && r.rent <= limits.rent);
  }
  c.state.apply(result->delta);
  c.window.absorb(std::move(window));
  c.window.forget_before(c.block.time);
  DOS_CHECK(c.total() == total);
  if (txs.size() == 1) (void)c.kernel.dry_run(c.state, c.block, txs[0]);
}

ClassicChain& chain() {
  static ClassicChain c;
  return c;
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {  // before any input: compiling the modules is not what an input takes
  (void)chain();
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto& c = chain();
  c.reset();
  c.window = {};
  c.entropy.n = 0;
  std::vector<SignedTransaction> txs;
  BytesView rest(data, size);
  for (int n = 0; n < 12 && rest.size() >= 3; ++n) {  // which, how it goes on, length, changes
    const std::uint8_t which = rest[0], how = rest[1];
    const std::size_t length = std::min<std::size_t>(rest[2], rest.size() - 3);
    const BytesView more = rest.subspan(3, length);
    rest = rest.subspan(3 + length);
    Transaction t = base(c, which, more);
    if (how & 1) {  // triples: place, place, change
      Bytes changed = codec::encode(t);
      for (std::size_t i = 0; i + 2 < more.size(); i += 3)
        changed[(more[i] | std::size_t(more[i + 1]) << 8) % changed.size()] ^= more[i + 2];
      auto decoded = codec::decode<Transaction>(changed);
      if (!decoded) continue;
      t = std::move(*decoded);
    }
    if (how & 2) {
      if (auto any = codec::decode<std::vector<Access>>(more)) t.access = std::move(*any);
    }
    SignedTransaction s{std::move(t), {}};
    const auto* account = std::get_if<AccountSender>(&s.tx.sender.is);
    const bool known = account && std::ranges::find(kPeople, account->account) != std::end(kPeople);
    s.witnesses.push_back(c.sign(s.tx, known ? account->account : "dave"));
    if (account == nullptr && how >= 192) s.witnesses.push_back({solve_puzzle(txid(s.tx))});  // not always: it takes its time
    if (how & 4)
      if (auto any = codec::decode<Witness>(more)) s.witnesses.push_back(std::move(*any));
    txs.push_back(std::move(s));
    if (how & 8) txs.push_back(txs[how / 32 % txs.size()]);
    if (how & 16) run(c, std::exchange(txs, {}));
  }
  run(c, txs);
  return 0;
}
