// For tests: validators with keys, a clock that is told the time, an outbox that remembers, and a network between Peers that
// cuts what is sent at random places, loses whole sends, and repeats them.
#pragma once
#include <gtest/gtest.h>

#include <deque>
#include <random>

#include "consensus/facts.hpp"
#include "consensus/messages.hpp"
#include "net/peers.hpp"

namespace dos::net::test {

struct FakeClock final : Clock {
  std::uint64_t ns = 1'000'000'000;
  std::uint64_t wall_ms() override { return 1'700'000'000'000 + ns / 1'000'000; }
  std::uint64_t monotonic_ns() override { return ns; }
  void pass_ms(std::uint64_t ms) { ns += ms * 1'000'000; }
};
struct FakeEntropy final : Entropy {
  explicit FakeEntropy(std::uint64_t seed = 1) : random(seed) {}
  std::mt19937_64 random;
  void fill(std::span<std::uint8_t> out) override {
    for (auto& b : out) b = std::uint8_t(random());
  }
};
struct NullLog final : Log {
  void write(LogLevel, std::string_view, std::string_view) override {}
};

inline Hash some_hash(std::uint64_t n) {
  Bytes b;
  append_be(b, n);
  return crypto::plain_hash(b);
}
inline crypto::SigningKey key_of(const std::string& name, crypto::KeyType type) {
  return std::move(*crypto::SigningKey::from_seed(type, crypto::plain_hash(as_bytes(name)).view()));
}

struct Committee {
  std::vector<crypto::SigningKey> vote_keys, node_keys;
  consensus::ChainFacts facts{some_hash(1), Epoch{0}, {}, 0};

  explicit Committee(std::size_t n, bool addresses = false) {
    for (std::size_t i = 0; i < n; ++i) {
      const auto name = "v" + std::to_string(i + 1);
      vote_keys.push_back(key_of(name + " vote", crypto::KeyType::ml_dsa_44));
      node_keys.push_back(key_of(name + " node", crypto::KeyType::ml_dsa_65));
      facts.validators.members.push_back(
          {name, 1, vote_keys.back().public_key(), node_keys.back().public_key(), addresses ? "host" + std::to_string(i) + ":7400" : ""});
    }
  }
  Hash node_id(std::size_t i) const { return crypto::key_id(node_keys[i].public_key()); }
};

// What one part of net/ sends. `to` kAll: send_all.
struct FakeOutbox final : Outbox {
  static constexpr std::uint16_t kAll = 0xFFFF;
  std::vector<std::uint16_t> peers{1, 2, 3};
  std::deque<std::pair<std::uint16_t, AnyMessage>> sent;
  bool room = true;
  std::map<std::uint16_t, Work> charged;

  bool send(std::uint16_t to, const AnyMessage& message) override {
    if (!std::ranges::count(peers, to)) return false;
    EXPECT_TRUE(encode_frame(message).has_value());  // within its row's limit
    sent.emplace_back(to, message);
    return true;
  }
  void send_all(const AnyMessage& message) override {
    EXPECT_TRUE(encode_frame(message).has_value());
    sent.emplace_back(kAll, message);
  }
  std::vector<std::uint16_t> linked() const override { return peers; }
  bool room_for(std::uint16_t to, std::size_t) const override { return room && std::ranges::count(peers, to); }

  void charge(std::uint16_t peer, const Work& work) override {
    charged[peer].reads += work.reads;
    charged[peer].bytes += work.bytes;
    charged[peer].signatures += work.signatures;
  }

  void unlink(std::uint16_t peer) { std::erase(peers, peer); }
  template <class T>
  std::vector<std::pair<std::uint16_t, T>> all() const {
    std::vector<std::pair<std::uint16_t, T>> out;
    for (const auto& [to, message] : sent)
      if (const auto* m = std::get_if<T>(&message)) out.emplace_back(to, *m);
    return out;
  }
  template <class T>
  std::vector<std::pair<std::uint16_t, T>> take() {
    auto out = all<T>();
    std::erase_if(sent, [](const auto& s) { return std::holds_alternative<T>(s.second); });
    return out;
  }
};

// Links between any number of ends. Bytes move only in run(); queued_bytes is what has not moved.
class FakeNetwork {
 public:
  struct End final : Transport {
    FakeNetwork* net = nullptr;
    std::size_t index = 0;
    LinkEvents* events = nullptr;
    std::vector<PeerAddress> dialled;
    void start(LinkEvents& e) override { events = &e; }
    void keep_linked(std::vector<PeerAddress> to) override { dialled = std::move(to); }
    void send(LinkId link, Bytes bytes) override {
      if (auto* l = net->find(link)) l->queue.push_back(std::move(bytes));
    }
    std::uint64_t queued_bytes(LinkId link) const override {
      std::uint64_t n = 0;
      if (const auto* l = net->find(link))
        for (const auto& b : l->queue) n += b.size();
      return n;
    }
    void close(LinkId link) override { net->close(link); }
  };

  FakeNetwork(std::size_t ends, std::uint64_t seed) : random_(seed), ends_(ends) {
    for (std::size_t i = 0; i < ends; ++i) ends_[i].net = this, ends_[i].index = i;
  }
  End& end(std::size_t i) { return ends_[i]; }
  unsigned lose_percent = 0, repeat_percent = 0;

  // The ids at both ends. `far_first`: the far end hears of it first.
  std::pair<LinkId, LinkId> connect(std::size_t a, std::size_t b, const Hash& key_a, const Hash& key_b, bool far_first = false) {
    const LinkId at_a = ++last_, at_b = ++last_;
    links_[at_a] = {a, at_b, {}};
    links_[at_b] = {b, at_a, {}};
    const auto near = [&] {
      if (links_.contains(at_a)) ends_[a].events->link_up(at_a, key_b);
    };
    if (!far_first) near();
    if (links_.contains(at_b)) ends_[b].events->link_up(at_b, key_a);
    if (far_first) near();
    return {at_a, at_b};
  }
  void cut(LinkId link) {  // both ends lose it
    const auto* l = find(link);
    if (!l) return;
    const LinkId far = l->far;
    const auto near_end = l->end, far_end = find(far)->end;
    links_.erase(link);
    links_.erase(far);
    ends_[near_end].events->link_down(link);
    ends_[far_end].events->link_down(far);
  }
  bool is_up(LinkId link) const { return links_.contains(link); }
  std::size_t link_count() const { return links_.size() / 2; }

  // Moves everything; sends, losses, repeats and cuts in a random order.
  void run() {
    for (;;) {
      std::vector<LinkId> busy;
      for (const auto& [id, l] : links_)
        if (!l.queue.empty()) busy.push_back(id);
      if (busy.empty()) return;
      step(busy[random_() % busy.size()]);
    }
  }
  void step(LinkId from) {
    auto& l = links_.at(from);
    const Bytes bytes = std::move(l.queue.front());
    l.queue.pop_front();
    const LinkId to = l.far;
    const auto roll = random_() % 100;
    if (roll < lose_percent) return;
    deliver(to, bytes);
    if (roll >= 100 - repeat_percent) deliver(to, bytes);
  }

 private:
  struct Link {
    std::size_t end = 0;
    LinkId far = 0;
    std::deque<Bytes> queue;  // sent at `end`
  };
  Link* find(LinkId id) {
    const auto at = links_.find(id);
    return at == links_.end() ? nullptr : &at->second;
  }
  const Link* find(LinkId id) const { return const_cast<FakeNetwork*>(this)->find(id); }
  void close(LinkId id) {
    const auto* l = find(id);
    if (!l) return;
    const LinkId far = l->far;
    const auto far_end = find(far)->end;
    links_.erase(id);
    links_.erase(far);
    downs_.emplace_back(far_end, far);
    if (!delivering_) tell_downs();
  }
  void tell_downs() {  // never while another call is under way
    while (!downs_.empty()) {
      const auto [end, id] = downs_.front();
      downs_.pop_front();
      ends_[end].events->link_down(id);
    }
  }
  void deliver(LinkId to, BytesView bytes) {
    delivering_ = true;
    while (!bytes.empty() && links_.contains(to)) {
      const std::size_t n = 1 + random_() % std::min<std::size_t>(bytes.size(), 1 + random_() % 4096);
      ends_[links_.at(to).end].events->link_bytes(to, bytes.first(n));
      bytes = bytes.subspan(n);
    }
    delivering_ = false;
    tell_downs();
  }

  std::mt19937_64 random_;
  std::deque<End> ends_;
  std::map<LinkId, Link> links_;
  std::deque<std::pair<std::size_t, LinkId>> downs_;
  LinkId last_ = 0;
  bool delivering_ = false;
};

// Remembers what Peers hands up.
struct RecordingHandler final : PeerHandler {
  std::vector<std::pair<std::uint16_t, AnyMessage>> got;
  std::vector<std::uint16_t> ups, downs;
  std::function<void(std::uint16_t from)> heard;  // after each message
  void peer_up(std::uint16_t peer, Height) override { ups.push_back(peer); }
  void peer_down(std::uint16_t peer) override { downs.push_back(peer); }
  void received(std::uint16_t from, AnyMessage message) override {
    got.emplace_back(from, std::move(message));
    if (heard) heard(from);
  }
  template <class T>
  std::vector<T> all() const {
    std::vector<T> out;
    for (const auto& [from, message] : got)
      if constexpr (consensus::EngineBody<T>) {
        const auto* m = std::get_if<consensus::EngineMessage>(&message);
        if (m != nullptr && m->kind == T::kKind) out.push_back(*codec::decode<T>(m->body));
      } else if (const auto* m = std::get_if<T>(&message)) {
        out.push_back(*m);
      }
    return out;
  }
};

}  // namespace dos::net::test
