// Any change to a proof is refused or changes nothing that it says.
#include <gtest/gtest.h>

#include "codec/bcs.hpp"
#include "fakes/disk.hpp"
#include "fakes/log.hpp"
#include "store/store.hpp"
#include "store/store_model_test.hpp"

namespace dos::store {
namespace {

using proof::StateProof;
using test::Model;

struct World {
  Model m{77, 30};
  fakes::SimDisk disk;
  fakes::NullLog log;
  std::unique_ptr<Store> store;
  World() {
    store = std::move(*Store::open(disk, log));
    for (std::uint64_t h = 0; h < 60; ++h) {
      auto s = store->stage(nullptr, Height{h}, m.next_block(12));
      EXPECT_TRUE(s && store->commit(*s));
    }
  }
  StateProof prove(std::uint64_t h) {
    ProofRequest r{Height{h}, {}};
    for (int i = 0; i < 3; ++i) r.items.push_back(ProofRequest::Key{m.any_name(), true});
    r.items.push_back(ProofRequest::Range{Bytes{0, 3, 'p'}, {}, 3, false});
    auto p = store->prove(r);
    EXPECT_TRUE(p.has_value());
    return std::move(*p);
  }
  // Nothing that a verified proof says may be false, whatever was asked.
  void expect_true(const proof::View& v) {
    const auto& want = m.past[v.height().value];
    for (std::uint64_t i = 0; i < 30; ++i) {
      const Bytes k = m.name(i);
      auto found = v.find(k);
      if (!found) continue;
      ASSERT_EQ(*found != nullptr, want.contains(k));
      if (*found == nullptr) continue;
      const Record& r = want.at(k);
      EXPECT_EQ((*found)->leaf.version, r.version);
      EXPECT_EQ((*found)->leaf.lock, r.lock);
      EXPECT_EQ((*found)->leaf.meta, r.meta);
      if ((*found)->data) { EXPECT_EQ(*(*found)->data, r.data); }
    }
    for (const Bytes& prefix : {Bytes{}, Bytes{0, 3}, Bytes{0, 3, 'p'}, m.any_name()}) {
      auto range = v.range(prefix);
      if (!range) continue;
      auto it = want.lower_bound(prefix);
      for (const auto* item : range->items) {
        ASSERT_TRUE(it != want.end());
        EXPECT_EQ(item->leaf.key, it->first);
        ++it;
      }
      if (!range->more) { EXPECT_TRUE(it == want.end() || !starts_with(it->first, prefix)); }
    }
  }
};

TEST(StateProof, no_changed_byte_verifies_to_a_false_answer) {
  World w;
  std::uint64_t accepted = 0, tried = 0;
  for (std::uint64_t h : {59u, 40u, 7u, 0u}) {
    const StateProof p = w.prove(h);
    ASSERT_TRUE(proof::verify(p, w.store->root()).has_value());
    const Bytes good = codec::encode(p);
    for (std::size_t i = 0; i < good.size(); ++i) {
      Bytes bad = good;
      bad[i] ^= std::uint8_t(1u << w.m.random() % 8);
      auto d = codec::decode<StateProof>(bad);
      if (!d) continue;
      ++tried;
      auto v = proof::verify(*d, w.store->root(), w.store->height());
      if (!v) continue;
      ++accepted;  // only the claimed height may change, and then what it says must be so at that height
      EXPECT_NE(d->height, p.height);
      w.expect_true(*v);
    }
  }
  EXPECT_GT(tried, 1000u);
  RecordProperty("accepted", std::to_string(accepted));
}

TEST(StateProof, dropped_doubled_swapped_parts_are_refused) {
  World w;
  auto refused = [&](const StateProof& p) { EXPECT_FALSE(proof::verify(p, w.store->root()).has_value()); };
  for (int round = 0; round < 30; ++round) {
    const std::uint64_t h = w.m.random() % 60;
    const StateProof good = w.prove(h);
    for (std::size_t i = 0; i < good.records.size(); ++i) {
      StateProof p = good;
      p.records.erase(p.records.begin() + std::ptrdiff_t(i));
      refused(p);
      p = good;
      p.records.insert(p.records.begin() + std::ptrdiff_t(i), good.records[i]);
      refused(p);
      p = good;
      if (i > 0) {
        std::swap(p.records[i], p.records[i - 1]);
        refused(p);
      }
      // Another standing than its own never verifies, except that one who stands need not say so.
      for (int kind = 0; kind < 3; ++kind) {
        p = good;
        if (kind == 0) p.records[i].standing = proof::OpenedRecord::Live{};
        if (kind == 1) p.records[i].standing = proof::OpenedRecord::Witness{};
        if (kind == 2) p.records[i].standing = proof::EndedBy{0, {}};
        if (p.records[i].standing.index() != good.records[i].standing.index()) refused(p);
      }
    }
    for (auto list : {&StateProof::mmr_path, &StateProof::bits_path}) {
      for (std::size_t i = 0; i < (good.*list).size(); ++i) {
        StateProof p = good;
        (p.*list).erase((p.*list).begin() + std::ptrdiff_t(i));
        refused(p);
        p = good;
        (p.*list).insert((p.*list).begin() + std::ptrdiff_t(i), Hash{});
        refused(p);
        p = good;
        if (i > 0) {
          std::swap((p.*list)[i], (p.*list)[i - 1]);
          refused(p);
        }
      }
    }
    for (std::size_t i = 0; i < good.bits.size(); ++i) {
      StateProof p = good;
      p.bits.erase(p.bits.begin() + std::ptrdiff_t(i));
      refused(p);
      p = good;
      p.bits.push_back(good.bits[i]);
      refused(p);
    }
    StateProof p = good;
    p.parts.count += 1;
    refused(p);
    p = good;
    p.parts.count = 0;
    refused(p);
  }
  // A height above the root's is for the caller who knows the root's height.
  StateProof late = w.prove(59);
  late.height = Height{60};
  EXPECT_FALSE(proof::verify(late, w.store->root(), Height{59}).has_value());
  // An older root does not take a newer proof.
  EXPECT_FALSE(proof::verify(w.prove(59), Hash{}).has_value());
}

TEST(StateProof, random_splices_of_two_proofs_say_nothing_false) {
  World w;
  for (int round = 0; round < 3000; ++round) {
    StateProof a = w.prove(w.m.random() % 60);
    const StateProof b = w.prove(w.m.random() % 60);
    if (a.records.empty() || b.records.empty()) continue;
    switch (w.m.random() % 5) {
      case 0: a.height = b.height; break;
      case 1: a.records[w.m.random() % a.records.size()] = b.records[w.m.random() % b.records.size()]; break;
      case 2: a.records[w.m.random() % a.records.size()].leaf = b.records[w.m.random() % b.records.size()].leaf; break;
      case 3: a.records[w.m.random() % a.records.size()].standing = b.records[w.m.random() % b.records.size()].standing; break;
      default:
        a.bits = b.bits;
        a.bits_path = b.bits_path;
        break;
    }
    auto v = proof::verify(a, w.store->root(), w.store->height());
    if (v) w.expect_true(*v);
  }
}

}  // namespace
}  // namespace dos::store
