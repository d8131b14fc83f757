#include "client/files/folder_keys.hpp"

#include <gtest/gtest.h>

#include "base/test_code.hpp"

namespace dos::client {
namespace {

using Names = std::vector<std::string>;

fs::RingEpoch ring_for(const Names& names) {
  fs::RingEpoch ring;
  for (const auto& name : names) {
    ring.envelopes.emplace_back();
    ring.envelopes.back().account = name;
  }
  return ring;
}

// A folder of alice's with thirty epochs, of which the newest eight came with the path. bob, who may write, left carol out of them.
struct FolderKeys : ::testing::Test {
  std::map<std::uint32_t, fs::RingEpoch> all;
  Folder folder;
  int loads = 0;

  FolderKeys() {
    for (std::uint32_t epoch = 1; epoch <= 30; ++epoch)
      all[epoch] = ring_for(epoch <= 12 ? Names{"alice", "bob", "carol"} : Names{"alice", "bob"});
    folder.meta.owner = "alice";
    folder.meta.grants = {{"bob", fs::kRead | fs::kWrite}, {"carol", fs::kRead}};
    for (std::uint32_t epoch = 23; epoch <= 30; ++epoch) folder.rings[epoch] = all[epoch];
  }
  Result<Names> readers() {
    return direct_readers(folder, [&](Folder& f) -> Status {
      ++loads;
      const auto first = f.rings.begin()->first;
      for (std::uint32_t epoch = first - std::min(first - 1, 5u); epoch < first; ++epoch) f.rings[epoch] = all[epoch];
      return {};
    });
  }
};

TEST_F(FolderKeys, a_reader_is_one_whose_envelope_stands_in_an_epoch_before_those_that_came) {
  EXPECT_EQ(readers(), (Names{"alice", "bob", "carol"}));
  EXPECT_EQ(loads, 3);
  EXPECT_FALSE(has_envelopes(folder.rings.at(30), *readers()));  // so a writer renews it
  EXPECT_TRUE(has_envelopes(folder.rings.at(12), *readers()));
  EXPECT_EQ(loads, 3);
}

TEST_F(FolderKeys, who_has_an_envelope_in_none_comes_through_the_parent) {
  folder.meta.grants.push_back({"dave", fs::kRead});
  EXPECT_EQ(readers(), (Names{"alice", "bob", "carol"}));
  EXPECT_EQ(folder.rings.size(), all.size());
}

TEST_F(FolderKeys, older_epochs_are_asked_for_only_if_somebody_is_missing) {
  folder.meta.grants.pop_back();
  EXPECT_EQ(readers(), (Names{"alice", "bob"}));
  EXPECT_EQ(loads, 0);
  EXPECT_TRUE(has_envelopes(folder.rings.at(30), {"alice", "bob"}));
  EXPECT_TRUE(has_envelopes(folder.rings.at(30), {}));
}

TEST_F(FolderKeys, what_does_not_come_is_told) {
  const auto names = direct_readers(folder, [](Folder&) -> Status { return fail(Errc::unreachable, "no node answers"); });
  EXPECT_EQ(code_of(names), Errc::unreachable);
}

}  // namespace
}  // namespace dos::client
