// B1 to B3: signed calls with a 250-byte payload, signed beforehand, sent by clients outside the nodes and counted when a
// receipt verified under a quorum certificate (each certificate once a block, each receipt's path).
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <mutex>
#include <nlohmann/json.hpp>
#include <set>
#include <thread>

#include "client/calls/submit.hpp"
#include "client/entropy.hpp"
#include "client/keys/key_store.hpp"
#include "client/trust/anchor.hpp"
#include "client/trust/http.hpp"
#include "client/trust/session.hpp"
#include "crypto/merkle.hpp"
#include "modules/msg/calls.hpp"
#include "row.hpp"

namespace dos::bench {
namespace {

struct Signed {
  Hash txid;
  Bytes bytes;
};

struct Network {
  client::Root root;
  std::vector<client::Url> urls;
};

crypto::Signature blank(crypto::KeyType type) { return {type, Bytes(crypto::signature_bytes(type))}; }

ledger::Transaction send_call(const Hash& chain, const client::Identity& from, const std::string& to, BytesView box,
                              const ledger::Params& params, Entropy& entropy) {
  client::Draft draft;
  draft.append(msg::inbox_prefix(to));
  draft.read(ledger::account_key(to));
  draft.call(ledger::kMsgModule, msg::kSend, msg::Send{to, client::draw<16>(entropy), 1, 0, Bytes(box.begin(), box.end())});
  draft.add_rent(2048, params.default_rent_ms, params);
  draft.tx.chain = chain;
  draft.tx.sender.is = ledger::AccountSender{from.account(), "active"};
  draft.tx.valid_until = TimeMs{client::wall_ms() + kReplayWindowMs / 2};
  draft.tx.limits.gas = Gas{params.min_call_gas};
  return std::move(draft.tx);
}

// `count` transactions; each with a signature of its own, or one signature a `group`.
Result<std::vector<Signed>> sign(const WriteLoad& load, const Hash& chain, const ledger::Params& params,
                                 const std::vector<client::Identity>& people, std::size_t count) {
  client::SystemEntropy entropy;
  Bytes box(250);
  std::vector<Signed> out;
  out.reserve(count);
  for (std::size_t i = 0; i < count;) {
    const auto& me = people[(i / 256) % people.size()];
    const auto& to = people[(i / 256 + 1) % people.size()].account();
    const auto key = crypto::key_id(me.signing().public_key());
    const auto type = me.signing().public_key().type;
    const std::size_t group = load.list ? std::min<std::size_t>(kMaxListTransactions, count - i) : 1;
    std::vector<ledger::Transaction> txs;
    std::vector<Hash> ids, leaves;
    for (std::size_t k = 0; k < group; ++k) {
      entropy.fill(box);
      auto tx = send_call(chain, me, to, box, params, entropy);
      crypto::MerklePath longest{0, group, std::vector<Hash>(8)};
      const ledger::Witness widest = group == 1 ? ledger::Witness{ledger::SigWitness{{}, key, blank(type)}}
                                                : ledger::Witness{ledger::ListWitness{{}, key, longest, blank(type)}};
      tx.limits.bytes = std::uint32_t(codec::encode(ledger::SignedTransaction{tx, {widest}}).size());
      ids.push_back(ledger::txid(tx));
      leaves.push_back(ledger::list_leaf(ids.back()));
      txs.push_back(std::move(tx));
    }
    crypto::Signature signature;
    if (group == 1) {
      DOS_ASSIGN(signature, crypto::sign(me.signing(), crypto::domain::kSignTx, chain, ledger::TxToSign{ids[0]}, entropy));
    } else {
      DOS_ASSIGN(signature, crypto::sign(me.signing(), crypto::domain::kSignList, chain,
                                         ledger::ListToSign{leaves.size(), crypto::merkle_root(crypto::kListTree, leaves)}, entropy));
    }
    for (std::size_t k = 0; k < group; ++k) {
      ledger::Witness w = group == 1
                              ? ledger::Witness{ledger::SigWitness{{}, key, signature}}
                              : ledger::Witness{ledger::ListWitness{{}, key, crypto::merkle_path(crypto::kListTree, leaves, k), signature}};
      out.push_back({ids[k], codec::encode(ledger::SignedTransaction{std::move(txs[k]), {std::move(w)}})});
    }
    i += group;
  }
  return out;
}

// Certificates that were verified already, by block: one check a block, as a client that follows the chain makes.
class Believed {
 public:
  Status check(const client::Root& root, const ledger::Anchor& anchor) {
    const auto id = ledger::block_id(anchor.header);
    {
      std::lock_guard hold(mutex_);
      if (const auto it = known_.find(id); it != known_.end())
        return it->second == anchor.parts.receipts_root ? Status{} : Status(fail(Errc::proof_invalid, "two results of one block"));
    }
    auto good = client::verify_anchor(root, anchor);
    if (!good) return std::unexpected(good.error());
    std::lock_guard hold(mutex_);
    known_.emplace(id, anchor.parts.receipts_root);
    return {};
  }
  std::size_t blocks() {
    std::lock_guard hold(mutex_);
    return known_.size();
  }

 private:
  std::mutex mutex_;
  std::map<Hash, Hash> known_;
};

// One request; every outcome must be final and prove.
Status post(const Network& net, Believed& believed, client::HttpConnection& connection, std::span<const Signed> txs) {
  ledger::SubmitRequest request;
  for (const auto& t : txs) request.transactions.push_back(t.bytes);
  DOS_ASSIGN(const auto http, connection.request("POST", "/v1/transactions?wait=final&timeout_ms=30000", codec::encode(request),
                                                 std::chrono::seconds(35), 64 << 20));
  if (http.status / 100 != 2) return fail(Errc::busy, "the node answered " + std::to_string(http.status));
  DOS_ASSIGN(const auto answer, codec::decode<ledger::SubmitAnswer>(http.body, "a submit answer"));
  if (answer.outcomes.size() != txs.size()) return fail(Errc::proof_invalid, "not one outcome a transaction");
  for (const auto& a : answer.anchors) DOS_TRY(believed.check(net.root, a));
  for (std::size_t i = 0; i < txs.size(); ++i) {
    const auto* final = std::get_if<ledger::Final>(&answer.outcomes[i].is);
    if (final == nullptr) {
      const auto* refused = std::get_if<ledger::Refused>(&answer.outcomes[i].is);
      return fail(Errc::busy, refused != nullptr ? "refused: " + refused->detail : "not final in time");
    }
    if (final->anchor >= answer.anchors.size() || final->proof.receipt.txid != txs[i].txid)
      return fail(Errc::proof_invalid, "a receipt of another transaction");
    const auto& anchor = answer.anchors[final->anchor];
    DOS_TRY(client::verify_receipt(final->proof, client::Trusted{anchor.header, anchor.parts, {}, {}}));
    DOS_TRY(client::receipt_status(final->proof.receipt));
  }
  return {};
}

void print(std::vector<double> ms, std::size_t committed, double seconds, std::size_t blocks, std::size_t errors,
           const std::string& error) {
  std::sort(ms.begin(), ms.end());
  const auto at = [&](double share) { return ms.empty() ? -1 : ms[std::size_t(share * double(ms.size() - 1))]; };
  nlohmann::json out = {{"committed", committed}, {"per_second", double(committed) / seconds},
                        {"p50_ms", at(0.5)},      {"p99_ms", at(0.99)},
                        {"seconds", seconds},     {"blocks", blocks},
                        {"errors", errors}};
  if (!error.empty()) out["error"] = error;
  std::printf("%s\n", out.dump().c_str());
}

}  // namespace

int write_load(const WriteLoad& load) {
  const auto complain = [](const Error& e) {
    std::fprintf(stderr, "dos-bench: %s\n", e.detail.c_str());
    return 2;
  };
  auto genesis = client::read_genesis(load.genesis);
  if (!genesis) return complain(genesis.error());
  Network net{client::root_of(genesis->genesis, genesis->chain), {}};
  for (const auto& text : load.urls) {
    auto url = client::parse_url(text);
    if (!url) return complain(url.error());
    net.urls.push_back(*url);
  }
  auto places = client::find_places();
  if (!places) return complain(places.error());
  std::vector<client::Identity> people;
  for (const auto* name : {"me", "alice", "bob", "carol"}) {
    auto person = client::load_dev_identity(*places, load.net, name);
    if (!person) return complain(person.error());
    people.push_back(std::move(*person));
  }
  const std::size_t count = load.rate > 0 ? std::size_t(load.rate * load.seconds) : std::size_t(load.count);
  auto txs = sign(load, genesis->chain, genesis->genesis.params, people, count);
  if (!txs) return complain(txs.error());

  Believed believed;
  std::atomic<std::size_t> next{0}, committed{0}, errors{0};
  std::mutex mutex;
  std::vector<double> times;
  std::string first_error;
  const double start = wall_seconds();
  const std::size_t batch = load.rate > 0 ? 1 : std::size_t(load.batch);
  std::vector<std::thread> threads;
  for (int c = 0; c < load.clients; ++c)
    threads.emplace_back([&, c] {
      client::HttpConnection connection(net.urls[std::size_t(c) % net.urls.size()]);
      std::vector<double> mine;
      for (;;) {
        const auto from = next.fetch_add(batch);
        if (from >= txs->size()) break;
        double begin = wall_seconds();
        if (load.rate > 0) {
          const double due = start + double(from) / load.rate;
          if (due > begin) std::this_thread::sleep_for(std::chrono::duration<double>(due - begin));
          begin = wall_seconds();
        }
        const std::span<const Signed> part(txs->data() + from, std::min(batch, txs->size() - from));
        if (auto done = post(net, believed, connection, part); !done) {
          errors += part.size();
          std::lock_guard hold(mutex);
          if (first_error.empty()) first_error = done.error().detail;
          continue;
        }
        committed += part.size();
        mine.push_back((wall_seconds() - begin) * 1e3);
      }
      std::lock_guard hold(mutex);
      times.insert(times.end(), mine.begin(), mine.end());
    });
  for (auto& t : threads) t.join();
  print(std::move(times), committed, wall_seconds() - start, believed.blocks(), errors, first_error);
  return 0;
}

}  // namespace dos::bench
