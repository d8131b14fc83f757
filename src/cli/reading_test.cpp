// What get, cat and cp do with a file whose time is over, through the commands as they are typed.
#include <gtest/gtest.h>

#include <filesystem>

#include "cli/run.hpp"
#include "client/test_files.hpp"

namespace dos::cli {
namespace {

constexpr TimeMs kPaid{1'900'000'000'000};

struct Reading : testing::Test, client::TestFiles {
  Reading() {
    file(nullptr, kPaid);
    alice.mark_development(chain.root.chain);
    if (auto saved = client::save_dev_identity(home.places, "local", alice); !saved) throw std::runtime_error(saved.error().detail);
  }
  // The exit code of `dos VERB ARGS`, and what it writes to its output.
  std::pair<int, std::string> dos(const char* verb, std::vector<std::string> args) const {
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    Output out(Form::human);
    cli::Run run(out, home.places);
    run.command = find_command(verb);
    run.args = std::move(args);
    run.flags = {{"stale-ok", "1"}, {"as", "alice"}, {"net", "local"}};
    const int code = out.finish(run.command->run(run));
    auto text = testing::internal::GetCapturedStdout();
    testing::internal::GetCapturedStderr();
    return {code, std::move(text)};
  }
  void show(std::uint64_t height, TimeMs time) {
    node.set([this, height, time](std::string_view target, BytesView) {
      return target == "/v1/state" ? codec::encode(chain.state(Height(height), state, time)) : Bytes();
    });
  }
};

TEST_F(Reading, an_expired_file_is_not_found_by_get_cat_and_cp_though_the_node_gives_it) {
  const auto to = (home.base / "copy").string();
  show(11, kPaid);
  EXPECT_EQ(dos("cat", {"/home/alice/f"}), std::pair(0, std::string(as_text(plain))));
  EXPECT_EQ(dos("get", {"/home/alice/f", to}).first, 0);
  EXPECT_TRUE(std::filesystem::remove(to));
  show(12, TimeMs{kPaid.value + 1});
  EXPECT_EQ(dos("cat", {"/home/alice/f"}), std::pair(3, std::string()));
  EXPECT_EQ(dos("get", {"/home/alice/f", to}), std::pair(3, std::string()));
  EXPECT_FALSE(std::filesystem::exists(to));
  EXPECT_EQ(dos("cp", {"/home/alice/f", "/home/alice/g"}), std::pair(3, std::string()));
}

}  // namespace
}  // namespace dos::cli
