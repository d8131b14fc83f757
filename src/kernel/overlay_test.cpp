// `next` over changes: what it finds, and that removed keys are walked once.
#include "kernel/overlay.hpp"

#include <gtest/gtest.h>

#include "kernel/test_chain.hpp"

namespace dos::kernel {
namespace {

struct Counted final : store::StateView {
  testchain::MemoryView in;
  mutable std::uint64_t asked = 0;
  Result<std::optional<store::Record>> get(BytesView key) const override { return in.get(key); }
  Result<std::optional<Version>> version(BytesView key) const override { return in.version(key); }
  Result<std::optional<Bytes>> next(BytesView prefix, BytesView after) const override { return ++asked, in.next(prefix, after); }
};

Bytes name(int i) { return to_bytes(as_bytes("r" + std::to_string(10'000 + i))); }

TEST(Overlay, a_run_of_removed_keys_is_walked_once) {
  constexpr int kKeys = 1'000;
  Counted below;
  for (int i = 0; i < kKeys; ++i) below.in.state[name(i)] = store::Record{};
  Overlay overlay(below);
  for (int i = 0; i < kKeys; ++i) overlay.del(name(i));
  for (int i = 0; i < 100; ++i) EXPECT_EQ(*overlay.next(as_bytes("r"), {}), std::nullopt);
  EXPECT_EQ(overlay.passed(), std::uint64_t(kKeys));
  // A key that comes and goes in the middle of it makes nobody walk the rest again.
  for (int i = 0; i < 100; ++i) {
    overlay.put(name(500), {});
    EXPECT_EQ(*overlay.next(as_bytes("r"), {}), name(500));
    EXPECT_EQ(*overlay.next(as_bytes("r"), name(500)), std::nullopt);
    overlay.del(name(500));
    EXPECT_EQ(*overlay.next(as_bytes("r"), {}), std::nullopt);
  }
  EXPECT_EQ(overlay.passed(), std::uint64_t(kKeys + 100));
  EXPECT_LE(below.asked, std::uint64_t(kKeys + 1'000));
}

TEST(Overlay, gives_the_keys_of_the_state_that_the_changes_make) {
  for (std::uint32_t seed = 1; seed <= 200; ++seed) {
    std::uint64_t r = seed;
    const auto random = [&](std::uint32_t n) {
      return std::uint32_t((r = r * 6'364'136'223'846'793'005u + 1'442'695'040'888'963'407u) >> 33) % n;
    };
    const auto any = [&] {
      Bytes key;
      for (std::uint32_t n = random(4); n > 0; --n) key.push_back(std::uint8_t('a' + random(3)));
      return key;
    };
    Counted below;
    testchain::MemoryView want;
    for (int i = 0; i < 20; ++i)
      if (const auto key = any(); !key.empty()) below.in.state[key] = want.state[key] = store::Record{};
    Overlay overlay(below);
    for (int i = 0; i < 200; ++i) {
      const auto key = any(), after = any();
      const auto what = random(5);
      if (what == 0 && !key.empty()) {
        overlay.put(key, {});
        want.state[key] = store::Record{};
      } else if (what <= 2 && !key.empty()) {
        overlay.del(key);
        want.state.erase(key);
      }
      const auto prefix = random(2) == 0 ? Bytes{} : any();
      const auto expected = starts_with(after, prefix) || compare(after, prefix) < 0 ? *want.next(prefix, after) : std::nullopt;
      ASSERT_EQ(*overlay.next(prefix, after), expected) << seed << " " << i;
    }
  }
}

}  // namespace
}  // namespace dos::kernel
