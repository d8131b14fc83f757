// B9: the read that a client makes, over a kept-alive connection: one key now, with its proof and certificate. Freshness is
// shown once at the start, the certificate is verified once a block (both as the client does); each state proof is verified.
#include <algorithm>
#include <atomic>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <thread>

#include "client/trust/anchor.hpp"
#include "client/trust/http.hpp"
#include "row.hpp"

namespace dos::bench {

int read_load(const ReadLoad& load) {
  auto genesis = client::read_genesis(load.genesis);
  auto url = client::parse_url(load.url);
  if (!genesis || !url) {
    std::fprintf(stderr, "dos-bench: %s\n", (genesis ? url.error() : genesis.error()).detail.c_str());
    return 2;
  }
  const auto root = client::root_of(genesis->genesis, genesis->chain);
  ledger::StateQuery query;
  query.items.push_back(ledger::KeyItem{ledger::account_key("alice"), true});
  const Bytes body = codec::encode(query);
  std::vector<std::vector<double>> times(std::size_t(load.clients));
  std::atomic<bool> failed{false};
  const double start = wall_seconds(), end = start + load.seconds;
  std::vector<std::thread> threads;
  for (int c = 0; c < load.clients; ++c)
    threads.emplace_back([&, c] {
      client::HttpConnection connection(*url);
      Hash believed;
      while (wall_seconds() < end && !failed) {
        const double t = wall_seconds();
        auto answer = connection.request("POST", "/v1/state", body, std::chrono::seconds(10), 1 << 20);
        if (!answer || answer->status != 200) {
          std::fprintf(stderr, "dos-bench: %s\n", answer ? "the node refused" : answer.error().detail.c_str());
          failed = true;
          return;
        }
        auto state = codec::decode<ledger::StateAnswer>(answer->body, "an answer");
        if (state && ledger::block_id(state->anchor.header) != believed) {
          if (client::verify_anchor(root, state->anchor)) believed = ledger::block_id(state->anchor.header);
        }
        if (!state || ledger::block_id(state->anchor.header) != believed) {
          failed = true;
          return;
        }
        auto view = proof::verify(state->proof, state->anchor.parts.state_root);
        if (!view || !view->find(ledger::account_key("alice")) || *view->find(ledger::account_key("alice")) == nullptr) {
          failed = true;
          return;
        }
        times[std::size_t(c)].push_back((wall_seconds() - t) * 1e3);
      }
    });
  for (auto& t : threads) t.join();
  if (failed) {
    std::fprintf(stderr, "dos-bench: a read failed or did not verify\n");
    return 1;
  }
  std::vector<double> all;
  for (auto& t : times) all.insert(all.end(), t.begin(), t.end());
  std::sort(all.begin(), all.end());
  const nlohmann::json out = {
      {"n", all.size()}, {"p50_ms", all[all.size() / 2]}, {"p99_ms", all[all.size() * 99 / 100]}, {"seconds", wall_seconds() - start}};
  std::printf("%s\n", out.dump().c_str());
  return 0;
}

}  // namespace dos::bench
