// Decoders and verifiers of the ledger's formats: no input crashes them, what decodes has one encoding, nothing is believed that
// no key signed, and what was found well formed is within the limits that others rest on.
#include "base/check.hpp"
#include "ledger/account.hpp"
#include "ledger/call_table.hpp"
#include "ledger/genesis.hpp"
#include "ledger/wire.hpp"

namespace {
using namespace dos;
using namespace dos::ledger;

template <class... T>
void one_encoding(BytesView in) {
  const auto one = [&]<class U>(std::type_identity<U>) {
    if (const auto v = codec::decode<U>(in)) DOS_CHECK(equal(codec::encode(*v), in));
  };
  (one(std::type_identity<T>{}), ...);
}

ValidatorSet nobody() {
  ValidatorSet set;
  set.members.resize(4);
  return set;
}

void transaction(BytesView in) {
  const auto tx = codec::decode<SignedTransaction>(in);
  if (!tx) return;
  DOS_CHECK(equal(codec::encode(*tx), in));
  if (!check_shape(*tx, in.size())) return;
  DOS_CHECK(in.size() <= kMaxTransactionBytes && in.size() <= tx->tx.limits.bytes);
  DOS_CHECK(!tx->tx.calls.empty() && tx->tx.calls.size() <= kMaxCalls && tx->tx.access.size() <= kMaxAccesses);
  for (std::size_t i = 0; i < tx->tx.calls.size(); ++i)
    for (const auto& piece : tx->tx.calls[i].args)
      if (const auto* result = std::get_if<ResultOf>(&piece)) DOS_CHECK(result->call < i);
}
void payload(BytesView in) {
  const auto p = codec::decode<Payload>(in);
  if (!p) return;
  if (const auto txs = unpack(*p)) DOS_CHECK(equal(codec::encode(pack(*txs)), in));
}
void certificates(BytesView in) {
  if (const auto c = codec::decode<Certificate>(in)) DOS_CHECK(!verify_certificate(Hash{}, nobody(), *c));
  if (const auto a = codec::decode<Anchor>(in)) DOS_CHECK(!verify_anchor(Hash{}, nobody(), *a));
  one_encoding<Header, Vote, Ballot, Certificate, TipAck, Anchor>(in);
}
// After its format, so that the input need not find it.
void genesis(BytesView in) {
  codec::Encoder e;
  codec::write(e, std::string(kFormat));
  e.raw(in);
  (void)decode_genesis(in);
  const auto g = decode_genesis(e.out);
  if (!g) return;
  DOS_CHECK(equal(codec::encode(*g), e.out));
  __uint128_t weight = 0, credits = __uint128_t(g->faucet.value) + g->sponsor.value;
  for (const auto& v : g->validators.members) weight += v.weight;
  for (const auto& a : g->accounts) {
    credits += a.credits.value;
    DOS_CHECK(check_account(a.account, g->suite) && valid_account_name(a.name));
  }
  DOS_CHECK(weight == g->validators.total() && weight > 0 && credits <= UINT64_MAX);
}
void state(BytesView in) {
  if (const auto lock = codec::decode<Lock>(in); lock && check_lock(*lock)) DOS_CHECK(in.size() <= kMaxLockBytes);
  if (const auto a = codec::decode<Account>(in))
    for (const auto suite : {crypto::Suite::pq, crypto::Suite::classic}) (void)check_account(*a, suite);
  one_encoding<Object, Account, Purse, ModuleRecord, Params, Lock, std::vector<CallRow>>(in);
}
void blobs(BytesView in) {
  const auto m = codec::decode<BlobManifest>(in);
  if (!m) return;
  const auto root = blob_root(*m);
  if (!root) return;
  DOS_CHECK(m->bytes <= kMaxBlobBytes && m->chunks.size() == chunk_count(m->bytes));
  auto other = *m;  // every part of it is under the root
  if (other.chunks.empty()) return;
  other.chunks[in[0] % other.chunks.size()].bytes[in[1] % 32] ^= 1;
  const auto changed = blob_root(other);
  DOS_CHECK(changed && *changed != *root);
}
void answers(BytesView in) {
  one_encoding<Receipt, StateQuery, StateAnswer, SubmitRequest, SubmitAnswer, BlockAnswer, TipAnswer, StoredRequest, StoredAnswer,
               BlobStatus>(in);
  if (const auto all = codec::decode<std::vector<Receipt>>(in)) {
    const auto ids = recorded_txids(*all);
    DOS_CHECK(std::ranges::is_sorted(ids) && ids.size() <= all->size());
    (void)receipts_root(*all);
  }
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  constexpr void (*kFormats[])(BytesView) = {transaction, payload, certificates, genesis, state, blobs, answers};
  kFormats[data[0] % std::size(kFormats)]({data + 1, size - 1});
  return 0;
}
