// For tests: a chain of one validator whose states are lists of records, and a node that answers whatever it is told to.
#pragma once
#include <sys/socket.h>
#include <unistd.h>

#include <functional>
#include <mutex>
#include <thread>

#include "client/home/private_file.hpp"
#include "client/test_entropy.hpp"
#include "client/test_listener.hpp"
#include "client/test_places.hpp"
#include "client/trust/session.hpp"
#include "crypto/sign.hpp"

namespace dos::client {

struct TestChain {
  struct Object {
    Bytes key, meta;
    std::optional<Bytes> data;
    Version version;
    TimeMs paid_until = kPermanent;
  };
  using State = std::map<Bytes, Object>;

  static inline const Bytes kEmptyPayload = codec::encode(ledger::pack({}));
  TestEntropy entropy;
  crypto::SigningKey key = crypto::SigningKey::from_seed(crypto::KeyType::ml_dsa_44, Bytes(32, 7)).value();
  ledger::Genesis genesis;
  Root root;
  TestChain() {
    const auto node = crypto::SigningKey::from_seed(crypto::KeyType::ml_dsa_65, Bytes(32, 8)).value();
    genesis.name = "dos-test";
    genesis.validators.members.push_back({"v1", 1, key.public_key(), node.public_key()});
    root = root_of(genesis, ledger::genesis_hash(genesis));
  }

  // Of a block at that height and time, an empty one unless its payload is given: one id, whatever the state is said to be.
  ledger::Anchor anchor(Height height, const Hash& state_root, TimeMs time = {}, BytesView payload = kEmptyPayload,
                        const Hash& txs = ledger::tx_root({})) {
    ledger::Anchor a;
    a.header.chain = root.chain;
    a.header.height = height;
    a.header.time = time;
    a.header.valset = a.header.next_valset = root.valset;
    a.header.params = root.params;
    a.header.view = View(height.value);
    a.header.payload = {std::uint32_t(payload.size()), ledger::payload_hash(payload), {}};
    a.header.tx_root = txs;
    a.parts = {height, state_root, ledger::receipts_root({})};
    certify(a);
    return a;
  }
  void certify(ledger::Anchor& a) {
    a.certificate = {};
    a.certificate.item = {ledger::VoteKind::final, a.header.view, ledger::block_id(a.header), ledger::result_of(a.parts)};
    const ledger::Ballot ballot{Epoch(), 0, {a.certificate.item}};
    a.certificate.entries.push_back({0, {}, crypto::sign(key, crypto::domain::kVote, root.chain, ballot, entropy).value()});
  }
  // One block with one receipt.
  ledger::SubmitAnswer final(Height height, const ledger::Receipt& receipt) {
    auto a = anchor(height, Hash{});
    a.parts.receipts_root = ledger::receipts_root(std::span(&receipt, 1));
    certify(a);
    const auto leaves = ledger::receipt_leaves(std::span(&receipt, 1));
    const Hash id = crypto::merkle_leaf(crypto::kTxidTree, receipt.txid.view());
    const ledger::ReceiptProof proof{receipt, crypto::merkle_path(crypto::kReceiptTree, leaves, 0),
                                     crypto::merkle_root(crypto::kTxidTree, std::span(&id, 1))};
    return {{a}, {{receipt.txid, ledger::Final{0, proof}}}};
  }
  ledger::BlockAnswer block(Height height) { return {anchor(height, Hash{}), kEmptyPayload, {}}; }

  // Opens the sentinel and those of at most 255 objects that are to be shown; a proof that verifies in any case.
  ledger::StateAnswer state(
      Height height, const State& objects, TimeMs time = {},
      const std::function<bool(const Bytes&)>& shown = [](const Bytes&) { return true; }) {
    ledger::StateAnswer out;
    out.proof.bits.resize(1);
    std::vector<Hash> level;
    std::vector<bool> open;
    const auto add = [&](const Object& o, const Bytes& next, bool is_open) {
      proof::Leaf leaf;
      leaf.key = o.key, leaf.next_key = next, leaf.version = o.version, leaf.paid_until = o.paid_until, leaf.meta = o.meta;
      if (o.data) leaf.data = proof::data_hash(*o.data);
      const auto n = level.size();
      out.proof.bits[0].bits[n / 8] |= std::uint8_t(1u << n % 8);
      level.push_back(proof::leaf_hash(leaf));
      open.push_back(is_open);
      if (is_open) out.proof.records.push_back({Position(n), std::move(leaf), o.data, proof::OpenedRecord::Live{}});
    };
    add({}, objects.empty() ? Bytes() : objects.begin()->first, true);
    for (auto it = objects.begin(); it != objects.end(); ++it)
      add(it->second, std::next(it) == objects.end() ? Bytes() : std::next(it)->first, shown(it->first));
    const auto count = level.size();
    std::vector<std::pair<Hash, bool>> peaks;  // from the right
    while (!level.empty()) {  // one level of all mountains at a time
      if (level.size() % 2 != 0) {
        peaks.emplace_back(level.back(), open.back());
        level.pop_back(), open.pop_back();
      }
      std::vector<Hash> above;
      std::vector<bool> above_open;
      for (std::size_t i = 0; i < level.size(); i += 2) {
        if (open[i] != open[i + 1]) out.proof.mmr_path.push_back(level[open[i] ? i + 1 : i]);
        above.push_back(crypto::hash_pair(crypto::domain::kNode, level[i], level[i + 1]));
        above_open.push_back(open[i] || open[i + 1]);
      }
      level = std::move(above), open = std::move(above_open);
    }
    std::vector<Hash> tops;
    for (auto peak = peaks.rbegin(); peak != peaks.rend(); ++peak) {
      tops.push_back(peak->first);
      if (!peak->second) out.proof.mmr_path.push_back(peak->first);
    }
    const Hash chunk = proof::chunk_hash(out.proof.bits[0].bits);
    out.proof.parts = {count, proof::mmr_root(count, tops), proof::bits_root(1, std::span(&chunk, 1)), 0};
    out.proof.height = height;
    out.anchor = anchor(height, proof::state_root(out.proof.parts), time);
    return out;
  }
};

// Answers each request with what `answer` gives for its target and body; nothing: 503.
class TestNode {
 public:
  using Answer = std::function<Bytes(std::string_view target, BytesView body)>;
  void set(Answer answer) {
    const std::scoped_lock lock(mutex_);
    answer_ = std::move(answer);
  }
  TestNode() {
    thread_ = std::jthread([this] { serve(); });
  }
  ~TestNode() {
    listener_.shut();
    thread_.join();
  }
  std::uint16_t port() const { return listener_.port(); }
  // That this node is the network "local" of that home.
  void be_local(const Places& places, const TestChain& chain) const {
    NetworkRecord record;
    record.name = "local", record.chain = chain.genesis.name, record.genesis = chain.root.chain, record.format = ledger::kFormat;
    record.nodes.push_back({"v1", "http://127.0.0.1:" + std::to_string(port()), "", 0, "", ""});
    const auto folder = places.net("local");
    for (const auto& done :
         {make_private_folder(folder), write_private(folder / kGenesisFile, codec::encode(chain.genesis)), save_record(folder, record)})
      if (!done) throw std::runtime_error(done.error().detail);
  }

 private:
  void serve() {
    for (int peer; (peer = listener_.accept()) >= 0; ::close(peer)) {
      std::string asked;
      char buffer[4096];
      for (ssize_t n; !whole(asked) && (n = ::recv(peer, buffer, sizeof buffer, 0)) > 0;) asked.append(buffer, std::size_t(n));
      const auto from = asked.find(' ') + 1;
      const auto head_end = std::min(asked.find("\r\n\r\n"), asked.size() - std::min<std::size_t>(asked.size(), 4)) + 4;
      Bytes body;
      {
        const std::scoped_lock lock(mutex_);
        body = answer_(std::string_view(asked).substr(from, asked.find(' ', from) - from), as_bytes(asked).subspan(head_end));
      }
      const auto head = std::string("HTTP/1.1 ") + (body.empty() ? "503 No" : "200 OK") +
                        "\r\nConnection: close\r\nContent-Type: application/vnd.dos+bcs\r\nContent-Length: " + std::to_string(body.size()) +
                        "\r\n\r\n";
      const auto out = head + std::string(as_text(body));
      (void)!::send(peer, out.data(), out.size(), MSG_NOSIGNAL);
    }
  }
  static bool whole(const std::string& asked) {
    const auto head = asked.find("\r\n\r\n");
    if (head == std::string::npos) return false;
    const auto length = asked.find("Content-Length: ");
    return length > head || asked.size() >= head + 4 + std::stoul(asked.substr(length + 16));
  }
  Listener listener_;
  std::mutex mutex_;
  Answer answer_ = [](std::string_view, BytesView) { return Bytes(); };
  std::jthread thread_;
};

}  // namespace dos::client
