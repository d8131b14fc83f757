#include "daemon/json_log.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "os/test_folder.hpp"

namespace dos::daemon {
namespace {

TEST(JsonLog, a_fifo_in_the_place_of_the_log_is_an_error_and_not_waited_for) {
  const os::testnet::Folder folder;
  ASSERT_EQ(::mkfifo((folder.path + "/log").c_str(), 0600), 0);
  EXPECT_EQ(open_json_log(folder.path, "v1").error().code, Errc::host_io);
}

}  // namespace
}  // namespace dos::daemon
