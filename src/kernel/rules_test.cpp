// What the kernel allows modules and senders is what it was handed, not what it knows.
#include <gtest/gtest.h>

#include "base/test_code.hpp"
#include "kernel/test_chain.hpp"
#include "kernel/test_entry.hpp"

namespace dos::kernel {
namespace {

using namespace testchain;
using namespace ledger;

constexpr std::uint16_t kMove = 1;

Bytes guest() {  // moves five from alice to bob, whoever asks
  vm::assembly::Assembler a;
  a.host(a.on(kMove), "debit", purse_key("alice"), std::uint64_t(5));
  a.host(a.on(kMove), "deposit", purse_key("bob"), std::uint64_t(5));
  return a.build();
}

TEST(Rules, a_module_takes_from_purses_if_its_rules_say_so) {
  Chain c(guest());
  const auto move = [&] {
    return c.one(c.sign(c.tx("alice", {Chain::call(kTestModule, kMove)},
                             {access(Debit{purse_key("alice"), Credits{5}}), access(Deposit{purse_key("bob")})})));
  };
  const auto before = c.balance("bob");
  auto r = move();
  EXPECT_EQ(r.status, TxStatus::failed);
  EXPECT_EQ(r.code, std::uint16_t(Errc::access)) << r.detail;
  c.rules.push_back({.number = kTestModule, .name = "test", .may_debit = true});
  c.block.modules = c.rules;
  r = move();
  EXPECT_EQ(r.status, TxStatus::ok) << r.code << " " << r.detail;
  EXPECT_EQ(c.balance("bob"), before + 5);
}

TEST(Rules, a_bare_key_may_make_the_calls_that_the_rules_open) {
  Chain c(guest());
  const auto refused = [&]() -> std::optional<Error> {
    const auto misfit = c.apply({c.sign_bare(c.tx("x", {Chain::call(kTestModule, kMove)}), "dave")}).misfit;
    return misfit ? std::optional(misfit->why) : std::nullopt;
  };
  auto why = refused();
  ASSERT_TRUE(why);
  EXPECT_EQ(why->code, Errc::denied);
  EXPECT_NE(why->detail.find("a bare key may call id.new and fs.home only"), std::string::npos) << why->detail;
  c.block.modules = {};
  why = refused();
  ASSERT_TRUE(why);
  EXPECT_NE(why->detail.find("a bare key may call nothing"), std::string::npos) << why->detail;
  c.rules = {{.number = kTestModule, .name = "test", .open_to_bare_keys = {CallSpec{.number = kMove, .name = "move"}}}};
  c.block.modules = c.rules;
  why = refused();
  EXPECT_FALSE(why) << why->detail;
}

TEST(Rules, a_chain_begins_with_what_modules_say_of_their_own_and_nothing_of_others) {
  Chain c;
  const auto shipped = Kernel::genesis(c.genesis, c.rules);
  ASSERT_TRUE(shipped);
  const Bytes files = module_key(kFsModule), own = module_key(kTestModule, as_bytes("x"));
  const auto count = [&](const store::Delta& state) {
    return std::ranges::count_if(state, [&](const auto& row) { return starts_with(row.first, files); });
  };
  EXPECT_EQ(count(*shipped), 1 + 2 * 4);  // the root; /home and three homes with their entries
  const auto bare = Kernel::genesis(c.genesis, {});
  ASSERT_TRUE(bare);
  EXPECT_EQ(count(*bare), 0);

  SystemRules rules{{.number = kTestModule, .name = "test", .genesis = [](const Genesis& g) {
                       return std::vector<GenesisObject>{{module_key(kTestModule, as_bytes("x")), nobody(), {}, to_bytes(g.name)}};
                     }}};
  const auto with = Kernel::genesis(c.genesis, rules);
  ASSERT_TRUE(with) << with.error().detail;
  ASSERT_TRUE(with->contains(own));
  EXPECT_EQ(with->find(own)->second->data, to_bytes(c.genesis.name));
  EXPECT_EQ(with->find(own)->second->version, Version(Height{0}, Version::kBlockIndex));
  rules[0].number = kTestModule + 1;
  EXPECT_EQ(code_of(Kernel::genesis(c.genesis, rules)), Errc::internal);
  rules[0].number = kTestModule;
  rules.push_back(rules[0]);  // the same key twice
  EXPECT_EQ(code_of(Kernel::genesis(c.genesis, rules)), Errc::internal);
}

}  // namespace
}  // namespace dos::kernel
