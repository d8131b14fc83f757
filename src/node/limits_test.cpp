// Limits of a node that no other test stands at: at the limit it passes, one beyond it is refused.
#include <gtest/gtest.h>

#include "base/test_code.hpp"
#include "node/test_network.hpp"
#include "serve/http_house.hpp"

namespace dos::node {
namespace {

using namespace testnet;

TEST(Limits, a_dry_run_has_a_bound_of_its_own) {
  Network net;
  auto node = net.open();
  ASSERT_TRUE(node) << node.error().detail;
  const auto run = [&](Gas gas) {
    auto t = net.pay(1).tx;
    t.limits.gas = gas;
    return (*node)->dry_run(codec::encode(net.sign(std::move(t), "alice")));
  };
  const auto most = run(kMaxDryRunGas);
  ASSERT_TRUE(most) << most.error().detail;
  EXPECT_EQ(most->status, ledger::TxStatus::ok) << most->detail;
  EXPECT_EQ(code_of(run(Gas{kMaxDryRunGas.value + 1})), Errc::limit);
}

TEST(Limits, compiled_code_in_a_file_that_is_too_large_is_not_read) {
  const Folder folder;
  QuietLog log;
  const auto disk = *os::open_posix_disk(folder.path);
  const auto files = chain::code_files(*disk, log);
  const auto key = crypto::plain_hash(as_bytes("a module"));
  ASSERT_TRUE(files->save(key, Bytes(3, 1)));
  const auto file = *disk->open(hex(key.view()), Disk::Mode::write);
  ASSERT_TRUE(file->truncate(chain::kMaxCompiledBytes));
  auto loaded = files->load(key);
  ASSERT_TRUE(loaded && *loaded);
  EXPECT_EQ((*loaded)->size(), chain::kMaxCompiledBytes);
  ASSERT_TRUE(file->truncate(chain::kMaxCompiledBytes + 1));
  loaded = files->load(key);
  ASSERT_TRUE(loaded);
  EXPECT_FALSE(*loaded);
}

struct Open final : serve::Closable {
  int closed = 0;
  void close() override { ++closed; }
  std::shared_ptr<serve::Closable> let_go() override { return nullptr; }
};

// Which was told to go may need a moment for it.
TEST(Limits, connections_that_give_way_and_are_not_gone_yet_are_few) {
  serve::HttpConfig config;
  config.max_connections = 2 * serve::kClosingShare;
  serve::HttpHouse house(config, {});
  std::vector<Open> all(config.max_connections + config.max_connections / serve::kClosingShare + 1);
  std::vector<serve::HttpHouse::Id> ids;
  for (auto& one : all) {
    const auto id = house.enter(&one, {});
    ASSERT_TRUE(id) << ids.size();
    ids.push_back(*id);
  }
  int closed = 0;
  for (const auto& one : all) closed += one.closed;
  EXPECT_EQ(std::size_t(closed), all.size() - config.max_connections);
  Open late;
  EXPECT_FALSE(house.enter(&late, {}));
  EXPECT_EQ(house.counters().turned_away, 1u);
  house.leave(ids[0]);
  const auto id = house.enter(&late, {});
  EXPECT_TRUE(id);
  for (const auto one : ids) house.leave(one);
  if (id) house.leave(*id);
}

}  // namespace
}  // namespace dos::node
