#include "client/trust/known_networks.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <map>

#include <gtest/gtest.h>

#include "base/test_code.hpp"
#include "client/home/private_file.hpp"
#include "client/keys/agent_socket.hpp"
#include "client/test_places.hpp"
#include "client/trust/network.hpp"

namespace dos::client {
namespace {

ledger::Genesis genesis_of(std::uint8_t salt) {
  ledger::Genesis g;
  g.name = "dos-local-0000";
  g.salt.bytes[0] = salt;
  const crypto::PublicKey vote{crypto::KeyType::ml_dsa_44, Bytes(1312, 1)}, node{crypto::KeyType::ml_dsa_65, Bytes(1952, 2)};
  g.validators.members.push_back({"v1", 1, vote, node});
  return g;
}

TEST(KnownNetworks, text_comes_back_and_anything_else_is_refused) {
  KnownNetwork a{{}, "local", ledger::NetworkKind::local}, b{{}, "main", ledger::NetworkKind::public_};
  a.chain.bytes[0] = 1;
  b.chain.bytes[0] = 2;
  const auto text = format_known_networks({a, b});
  EXPECT_EQ(*parse_known_networks(text), (std::vector<KnownNetwork>{a, b}));
  EXPECT_TRUE(parse_known_networks("")->empty());
  const auto line = text.substr(text.find('\n') + 1, text.find('\n', text.find('\n') + 1) - text.find('\n'));
  for (const auto& bad : {text.substr(1), text.substr(0, text.size() - 1), text + line, text + "\n", text + "x local local\n",
                          "# DOS known networks 2\n" + line, std::string("local"), text + std::string(64, 'A') + " n local\n"})
    EXPECT_EQ(code_of(parse_known_networks(bad)), Errc::corrupt) << bad;
}

TEST(HighestSeen, only_rises_and_two_blocks_at_one_height_are_named) {
  TestPlaces home;
  Hash chain, one, two;
  one.bytes[0] = 1;
  two.bytes[0] = 2;
  EXPECT_FALSE(highest_seen(home.places, chain)->has_value());
  EXPECT_TRUE(raise_highest_seen(home.places, chain, {Height{5}, one}));
  EXPECT_TRUE(raise_highest_seen(home.places, chain, {Height{3}, two}));
  EXPECT_EQ(**highest_seen(home.places, chain), (SeenBlock{Height{5}, one}));
  EXPECT_EQ(code_of(raise_highest_seen(home.places, chain, {Height{5}, two})), Errc::chain_changed);
  EXPECT_TRUE(raise_highest_seen(home.places, chain, {Height{6}, two}));
  EXPECT_EQ((*highest_seen(home.places, chain))->height, Height{6});
  ASSERT_TRUE(write_private(home.places.height(chain), as_bytes("cut")));
  EXPECT_EQ(code_of(highest_seen(home.places, chain)), Errc::corrupt);
}

TEST(KnownNetworks, a_pin_that_no_genesis_stands_behind_is_refused) {
  TestPlaces home;
  EXPECT_FALSE(pin_network(home.places, "local", as_bytes("not a genesis"), false));
  EXPECT_TRUE(known_networks(home.places)->empty());
  EXPECT_EQ(code_of(known_genesis(home.places, Hash{})), Errc::no_genesis);
}

TEST(KnownNetworks, pins_stay_and_another_chain_of_the_name_is_refused_unless_replaced) {
  TestPlaces home;
  const auto first = genesis_of(1), second = genesis_of(2);
  const auto a = codec::encode(first), b = codec::encode(second);
  ASSERT_TRUE(pin_network(home.places, "local", a, false));
  ASSERT_TRUE(pin_network(home.places, "local", a, false));
  EXPECT_EQ(code_of(pin_network(home.places, "local", b, false)), Errc::chain_changed);
  ASSERT_TRUE(pin_network(home.places, "local", b, true));
  EXPECT_EQ((*known_network(home.places, "local"))->chain, ledger::genesis_hash(second));
  EXPECT_TRUE(*is_known(home.places, ledger::genesis_hash(first)));
  EXPECT_TRUE(known_genesis(home.places, ledger::genesis_hash(first)));
}

TEST(PrivateFile, is_for_this_user_alone) {
  TestPlaces home;
  const auto file = home.base / "deep" / "er" / "f";
  ASSERT_TRUE(write_private(file, as_bytes("one")));
  ASSERT_TRUE(write_private(file, as_bytes("two")));
  struct stat info{};
  ASSERT_EQ(::stat(file.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  EXPECT_EQ(as_text(*read_private(file, 3)), "two");
  EXPECT_EQ(code_of(read_private(file, 2)), Errc::limit);
  EXPECT_EQ(as_text(*read_regular(file, 10)), "two");
  EXPECT_EQ(code_of(read_regular(file, 2)), Errc::limit);
  EXPECT_EQ(code_of(read_regular(home.base / "none", 2)), Errc::no_host_file);
  ::chmod(file.c_str(), 0644);
  EXPECT_EQ(code_of(read_private(file, 10)), Errc::host_io);
  ::chmod(file.c_str(), 0600);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(file.parent_path()), {}), 1);
  std::filesystem::create_symlink(file, home.base / "link");
  EXPECT_EQ(code_of(read_private(home.base / "link", 10)), Errc::host_io);
  EXPECT_EQ(code_of(read_private(home.base / "deep", 10)), Errc::host_io);
  EXPECT_EQ(code_of(read_private(home.base / "none", 10)), Errc::no_host_file);
}

TEST(PrivateFile, what_is_no_regular_file_is_an_error_and_not_waited_for) {
  TestPlaces home;
  const auto fifo = home.base / "fifo";
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  for (const auto& file : {fifo, home.base, std::filesystem::path("/dev/null")}) {
    EXPECT_EQ(code_of(read_regular(file, 10)), Errc::host_io) << file;
    EXPECT_EQ(code_of(read_private(file, 10)), Errc::host_io) << file;
  }
  EXPECT_EQ(code_of(read_genesis(fifo)), Errc::host_io);
  ASSERT_TRUE(make_private_folder(home.places.net("local")));
  ASSERT_EQ(::mkfifo(home.places.net_record("local").c_str(), 0600), 0);
  EXPECT_EQ(code_of(load_network(home.places, "local")), Errc::host_io);
  ASSERT_TRUE(make_private_folder(home.places.data));
  ASSERT_EQ(::mkfifo(home.places.known_networks().c_str(), 0600), 0);
  EXPECT_EQ(code_of(known_networks(home.places)), Errc::host_io);
}

TEST(PrivateFile, what_an_ended_writer_left_goes_with_the_next_write) {
  TestPlaces home;
  const auto file = home.base / "f";
  const pid_t ended = ::fork();
  if (ended == 0) ::_exit(0);
  ASSERT_EQ(::waitpid(ended, nullptr, 0), ended);
  const auto copy = [&](const std::string& name, bool old) {
    const auto path = home.base / name;
    EXPECT_TRUE(write_private(path, as_bytes("half")));
    const timespec long_ago[2] = {{1, 0}, {1, 0}};
    EXPECT_TRUE(!old || ::utimensat(AT_FDCWD, path.c_str(), long_ago, 0) == 0);
    return path;
  };
  const auto of = [](pid_t pid) { return ".new-" + std::to_string(pid); };
  std::vector<std::filesystem::path> left = {copy("f" + of(ended) + "-0", true), copy("f" + of(ended) + "-17", true)};
  std::vector<std::filesystem::path> stays = {copy("f" + of(ended) + "-1", false),
                                              copy("f" + of(::getppid()) + "-0", true),
                                              copy("g" + of(ended) + "-0", true),
                                              copy("f" + of(ended), true),
                                              copy("f.new-0-0", true),
                                              copy("f.new-x-0", true)};
  for (int i = 0; i < 4000; i += 2) {  // of one that had this pid before: one of two writes meets such a name
    stays.push_back(home.base / ("f" + of(::getpid()) + "-" + std::to_string(i)));
    ::close(::open(stays.back().c_str(), O_WRONLY | O_CREAT, 0600));
  }
  ASSERT_TRUE(write_private(file, as_bytes("first")));
  ASSERT_TRUE(write_private(file, as_bytes("whole")));
  EXPECT_EQ(as_text(*read_private(file, 10)), "whole");
  for (const auto& path : left) EXPECT_FALSE(std::filesystem::exists(path)) << path;
  for (const auto& path : stays) EXPECT_TRUE(std::filesystem::exists(path)) << path;
}

TEST(FileLock, that_another_keeps_is_not_waited_for_without_end) {
  TestPlaces home;
  const auto file = home.base / "deep" / "lock";
  {
    const auto held = FileLock::take(file);
    ASSERT_TRUE(held);
    EXPECT_FALSE(*FileLock::try_take(file));
    EXPECT_EQ(code_of(FileLock::take(file, std::chrono::milliseconds(5))), Errc::host_io);
  }
  EXPECT_TRUE(FileLock::take(file, std::chrono::milliseconds(0)));
}

TEST(Places, follow_dos_home_then_xdg_then_home) {
  std::map<std::string, std::string> set;
  auto find = [&] {
    return find_places([&](const char* n) -> const char* {
      auto it = set.find(n);
      return it == set.end() ? nullptr : it->second.c_str();
    });
  };
  EXPECT_TRUE(find());  // HOME not set: the password database
  set["HOME"] = "/h o m e";
  EXPECT_EQ(find()->data, "/h o m e/.local/share/dos");
  EXPECT_EQ(find()->run.parent_path(), "/tmp");
  set["XDG_DATA_HOME"] = "relative";
  EXPECT_EQ(find()->data, "/h o m e/.local/share/dos");
  set["XDG_DATA_HOME"] = "/x";
  set["XDG_RUNTIME_DIR"] = "/r";
  EXPECT_EQ(find()->data, "/x/dos");
  EXPECT_EQ(find()->agent_socket(), "/r/dos/agent.sock");
  set["DOS_HOME"] = "/d";
  EXPECT_EQ(find()->state, "/d/state");
  EXPECT_EQ(find()->keys(Hash{}).parent_path(), "/d/data/keys");
  EXPECT_LT(find()->agent_socket().string().size(), 60u);
  set["DOS_HOME"] = "d";
  EXPECT_EQ(code_of(find()), Errc::usage);
}

TEST(Places, a_run_folder_that_others_may_enter_is_refused) {
  TestPlaces home;
  home.places.run = home.base / "dos-9";
  ASSERT_TRUE(make_run_folder(home.places));
  ::chmod(home.places.run.c_str(), 0755);
  EXPECT_EQ(code_of(make_run_folder(home.places)), Errc::host_io);
  std::filesystem::remove(home.places.run);
  std::filesystem::create_directory_symlink(home.base, home.places.run);
  EXPECT_EQ(code_of(make_run_folder(home.places)), Errc::host_io);
}

TEST(Places, nothing_is_made_through_a_link_in_the_run_path) {
  TestPlaces home;
  const auto target = home.base / "of mallory";
  ASSERT_TRUE(make_private_folder(target));
  std::filesystem::create_directory_symlink(target, home.base / "dos-9");
  home.places.run = home.base / "dos-9" / "h12345678";
  EXPECT_EQ(code_of(make_run_folder(home.places)), Errc::host_io);
  EXPECT_TRUE(std::filesystem::is_empty(target));
  EXPECT_EQ(code_of(check_run_folder(home.places)), Errc::host_io);
  EXPECT_FALSE(connect_agent(home.places).open());
  std::filesystem::remove(home.base / "dos-9");
  EXPECT_EQ(code_of(check_run_folder(home.places)), Errc::no_host_file);
  EXPECT_TRUE(make_run_folder(home.places));
  EXPECT_TRUE(check_run_folder(home.places));
}

}  // namespace
}  // namespace dos::client
