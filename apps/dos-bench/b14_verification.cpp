// B14: what a client pays to believe an answer, beside the bare cost of the signatures in it.
#include <cstdio>

#include "chain/receipt_paths.hpp"
#include "client/calls/submit.hpp"
#include "loaded_store.hpp"
#include "os/system.hpp"

namespace dos::bench {
namespace {

struct Signed {
  ledger::Genesis genesis;
  Hash chain;
  ledger::Anchor anchor;
  std::vector<Bytes> messages;  // what each of the certificate's signatures signs
  const ledger::ValidatorSet& set() const { return genesis.validators; }
};

// A block with this state and these receipts, certified by `signers` of `of` validators.
Signed make(std::uint32_t signers, std::uint32_t of, const ledger::ResultParts& parts, Entropy& entropy) {
  Signed s;
  s.genesis.name = "bench";
  std::vector<crypto::SigningKey> keys;
  for (std::uint32_t i = 0; i < of; ++i) {
    Bytes seed(crypto::kSeedBytes);
    entropy.fill(seed);
    keys.push_back(std::move(*crypto::SigningKey::from_seed(crypto::KeyType::ml_dsa_44, seed)));
    char name[16];
    std::snprintf(name, sizeof name, "v%04u", i);
    s.genesis.validators.members.push_back({name, 1, keys.back().public_key(), keys.back().public_key(), ""});
  }
  s.chain = ledger::genesis_hash(s.genesis);
  const auto root = client::root_of(s.genesis, s.chain);
  auto& h = s.anchor.header;
  h.chain = s.chain;
  h.height = parts.height;
  h.view = View{1};
  h.valset = h.next_valset = root.valset;
  h.params = root.params;
  s.anchor.parts = parts;
  auto& certificate = s.anchor.certificate;
  certificate.item = {ledger::VoteKind::final, View{1}, ledger::block_id(h), ledger::result_of(parts)};
  for (std::uint32_t i = 0; i < signers; ++i) {
    const ledger::Ballot ballot{Epoch{0}, std::uint16_t(i), {certificate.item}};
    auto signature = crypto::sign(keys[i], crypto::domain::kVote, s.chain, ballot, entropy);
    s.messages.push_back(crypto::signed_bytes(crypto::domain::kVote, s.chain, ballot));
    certificate.entries.push_back({std::uint16_t(i), {}, *signature});
  }
  return s;
}

template <class F>
double micros_each(int times, F&& f) {
  const double start = cpu_seconds();
  for (int i = 0; i < times; ++i) f();
  return (cpu_seconds() - start) * 1e6 / times;
}

// The floor: the signatures alone.
double bare_micros(const Signed& s, int times) {
  return micros_each(times, [&] {
    for (std::size_t i = 0; i < s.messages.size(); ++i)
      DOS_CHECK(crypto::verify_bytes(s.set().members[i].vote_key, s.messages[i], s.anchor.certificate.entries[i].signature).has_value());
  });
}

// One key of 100,000 with its data: bytes as a node sends them, decoded, the block believed, the proof verified, the value found.
void read_proof(const Options& options, Entropy& entropy, int times) {
  const auto folder = std::filesystem::path(options.folder) / "b14";
  std::filesystem::remove_all(folder);
  std::mt19937_64 rng(14);
  LoadedStore ours(folder);
  ours.load(100'000, rng, [](const std::vector<Bytes>&) {});
  store::ProofRequest q{ours.store->height(), {}};
  q.items.push_back(store::ProofRequest::Key{key_of(77), true});
  const auto proof = ours.store->prove(q);
  DOS_CHECK(proof.has_value());
  const auto s = make(3, 4, {ours.store->height(), ours.store->root(), {}}, entropy);
  const auto root = client::root_of(s.genesis, s.chain);
  const Bytes wire = codec::encode(ledger::StateAnswer{s.anchor, *proof});
  const auto key = key_of(77);
  const double whole = micros_each(times, [&] {
    const auto answer = codec::decode<ledger::StateAnswer>(wire, "a state answer");
    DOS_CHECK(answer.has_value());
    const auto block = client::verify_anchor(root, answer->anchor);
    DOS_CHECK(block.has_value());
    const auto view = proof::verify(answer->proof, block->parts.state_root, block->header.height);
    DOS_CHECK(view.has_value() && view->find(key).has_value() && *view->find(key) != nullptr);
  });
  row("B14", "read proof, certificate of 3", "floor", whole, bare_micros(s, times), "us", true, {"ratio <=", 1.2});
  std::filesystem::remove_all(folder);
}

// The receipt of one of 250 transactions of a block, from bytes.
void transaction_proof(Entropy& entropy, int times) {
  std::vector<ledger::Receipt> receipts(250);
  for (std::size_t i = 0; i < receipts.size(); ++i) {
    receipts[i].txid = crypto::plain_hash(as_bytes(std::to_string(i)));
    receipts[i].writes.push_back({key_of(i), Version{Height{9}, std::uint32_t(i)}, {}});
  }
  const auto s = make(3, 4, {Height{9}, {}, ledger::receipts_root(receipts)}, entropy);
  const auto root = client::root_of(s.genesis, s.chain);
  const chain::ReceiptPaths paths(receipts);
  const Bytes wire =
      codec::encode(ledger::SubmitAnswer{{s.anchor}, {{receipts[99].txid, ledger::Final{0, paths.proof(receipts[99], 99)}}}});
  const double whole = micros_each(times, [&] {
    const auto answer = codec::decode<ledger::SubmitAnswer>(wire, "a submit answer");
    DOS_CHECK(answer.has_value());
    const auto block = client::verify_anchor(root, answer->anchors[0]);
    DOS_CHECK(block.has_value() && client::verify_receipt(std::get<ledger::Final>(answer->outcomes[0].is).proof, *block).has_value());
  });
  row("B14", "transaction proof, certificate of 3", "floor", whole, bare_micros(s, times), "us", true, {"ratio <=", 1.2});
}

}  // namespace

void b14_verification(const Options& options) {
  os::SystemEntropy entropy;
  const std::pair<std::uint32_t, std::uint32_t> sizes[] = {{3, 4}, {67, 100}};
  for (auto [signers, of] : sizes) {
    const auto s = make(signers, of, {Height{9}, {}, {}}, entropy);
    const int times = (options.quick ? 600 : 3000) / int(signers) + 1;
    const double whole =
        micros_each(times, [&] { DOS_CHECK(ledger::verify_certificate(s.chain, s.set(), s.anchor.certificate).has_value()); });
    const double bare = bare_micros(s, times);
    row("B14", "certificate of " + std::to_string(signers) + (of == 100 ? " of 100" : ""), "floor", whole, bare, "us", true);
  }
  for (int pair = 0; pair < (options.quick ? 1 : 5); ++pair) {
    read_proof(options, entropy, options.quick ? 500 : 2000);
    transaction_proof(entropy, options.quick ? 500 : 2000);
  }
}

}  // namespace dos::bench
