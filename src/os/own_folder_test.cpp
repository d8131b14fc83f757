#include "os/own_folder.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>

namespace dos::os {
namespace {

TEST(OwnFolder, is_no_link_and_for_its_owner_alone) {
  char name[] = "/tmp/dos-own-XXXXXX";
  ASSERT_NE(::mkdtemp(name), nullptr);
  const std::string base = name, run = base + "/a/run";
  EXPECT_TRUE(make_own_folder(run));
  EXPECT_TRUE(make_own_folder(run + "/"));
  EXPECT_EQ(std::filesystem::status(run).permissions(), std::filesystem::perms::owner_all);
  ::chmod(run.c_str(), 0750);
  EXPECT_EQ(make_own_folder(run).error().code, Errc::denied);
  ::chmod(run.c_str(), 0700);
  std::filesystem::create_directory_symlink(run, base + "/link");
  for (const auto* link : {"/link", "/link/"}) EXPECT_EQ(make_own_folder(base + link).error().code, Errc::denied);
  std::filesystem::remove_all(base);
}

}  // namespace
}  // namespace dos::os
