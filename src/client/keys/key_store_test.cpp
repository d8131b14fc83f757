#include "client/keys/key_store.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <thread>

#include "base/test_code.hpp"
#include "client/home/private_file.hpp"
#include "client/keys/agent.hpp"
#include "client/keys/agent_keys.hpp"
#include "client/keys/dev_key_file.hpp"
#include "client/test_entropy.hpp"
#include "client/test_places.hpp"

namespace dos::client {
namespace {

crypto::Secret secret(std::string_view text) { return crypto::Secret::copy_of(as_bytes(text)); }

struct KeyStore : testing::Test {
  TestPlaces home;
  TestEntropy entropy;
  Hash chain = crypto::plain_hash(as_bytes("chain"));
  Identity dave = *new_identity("dave", crypto::Suite::classic, entropy);
  static PassphraseSource nobody() { return {-1, false}; }
};

TEST_F(KeyStore, a_key_file_opens_with_its_passphrase_alone) {
  for (const auto kdf : {Kdf::pbkdf2, Kdf::argon2id}) {
    ASSERT_TRUE(save_identity(home.places, chain, dave, secret("right"), kdf, Existing::replace, entropy));
    auto back = load_identity(home.places, chain, "dave", secret("right"));
    ASSERT_TRUE(back) << back.error().detail;
    EXPECT_EQ(back->signing().public_key(), dave.signing().public_key());
    EXPECT_EQ(code_of(load_identity(home.places, chain, "dave", secret("wrong"))), Errc::wrong_passphrase);
  }
  EXPECT_EQ(code_of(save_identity(home.places, chain, dave, secret("x"), Kdf::pbkdf2, Existing::refuse, entropy)), Errc::conflict);
  EXPECT_EQ(code_of(load_identity(home.places, chain, "eve", secret("right"))), Errc::no_key);
  EXPECT_EQ(code_of(load_identity(home.places, chain, "../dave", secret("right"))), Errc::usage);
  EXPECT_EQ(code_of(load_identity(home.places, Hash{}, "dave", secret("right"))), Errc::no_key);
}

TEST_F(KeyStore, a_key_file_of_another_account_or_a_damaged_one_is_named) {
  ASSERT_TRUE(save_identity(home.places, chain, dave, secret("p"), Kdf::pbkdf2, Existing::refuse, entropy));
  const auto file = home.places.keys(chain) / "dave.key";
  const auto bytes = *read_regular(file, 65536);
  ASSERT_TRUE(write_private(home.places.keys(chain) / "eve.key", bytes));
  EXPECT_EQ(code_of(load_identity(home.places, chain, "eve", secret("p"))), Errc::corrupt);
  ASSERT_TRUE(write_private(file, BytesView(bytes).first(bytes.size() / 2)));
  EXPECT_EQ(code_of(load_identity(home.places, chain, "dave", secret("p"))), Errc::corrupt);
}

TEST_F(KeyStore, development_keys_need_no_passphrase_and_no_other_reader) {
  auto me = *new_identity("me", crypto::Suite::pq, entropy);
  EXPECT_EQ(code_of(save_dev_identity(home.places, "local", me)), Errc::usage);
  me.mark_development(chain);
  EXPECT_EQ(code_of(save_identity(home.places, chain, me, secret("p"), Kdf::pbkdf2, Existing::refuse, entropy)), Errc::usage);
  ASSERT_TRUE(save_dev_identity(home.places, "local", me));
  auto found = find_identity(home.places, "local", chain, ledger::NetworkKind::local, "me", nobody());
  ASSERT_TRUE(found) << found.error().detail;
  EXPECT_EQ(found->signing().public_key(), me.signing().public_key());
  EXPECT_TRUE(found->development());
  EXPECT_EQ(code_of(find_identity(home.places, "local", chain, ledger::NetworkKind::public_, "me", nobody())), Errc::dev_identity);
  EXPECT_EQ(code_of(find_identity(home.places, "local", Hash{}, ledger::NetworkKind::local, "me", nobody())), Errc::dev_identity);
  EXPECT_EQ(code_of(find_identity(home.places, "local", chain, ledger::NetworkKind::local, "eve", nobody())), Errc::no_key);
  ::chmod((home.places.dev_keys("local") / "me.dev").c_str(), 0644);
  EXPECT_EQ(code_of(load_dev_identity(home.places, "local", "me")), Errc::host_io);
}

TEST_F(KeyStore, every_cut_of_a_development_key_is_refused) {
  dave.mark_development(chain);
  const auto bytes = encode_dev_key(dave);
  EXPECT_TRUE(decode_dev_key(bytes));
  for (std::size_t n = 0; n < bytes.size(); ++n) EXPECT_FALSE(decode_dev_key(BytesView(bytes).first(n)));
  auto longer = bytes;
  longer.push_back(0);
  EXPECT_FALSE(decode_dev_key(longer));
}

TEST_F(KeyStore, without_a_terminal_the_error_names_descriptor_and_agent) {
  ASSERT_TRUE(save_identity(home.places, chain, dave, secret("p"), Kdf::pbkdf2, Existing::refuse, entropy));
  const auto found = find_identity(home.places, "local", chain, ledger::NetworkKind::local, "dave", nobody());
  ASSERT_FALSE(found);
  EXPECT_EQ(code_of(found), Errc::locked_key);
  EXPECT_NE(found.error().detail.find("--passphrase-fd"), std::string::npos);
  EXPECT_NE(found.error().detail.find("key agent"), std::string::npos);
}

TEST_F(KeyStore, a_passphrase_comes_from_a_descriptor_one_line_at_a_time) {
  ASSERT_TRUE(save_identity(home.places, chain, dave, secret("one"), Kdf::pbkdf2, Existing::refuse, entropy));
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  ASSERT_EQ(::write(ends[1], "one\ntwo", 7), 7);
  ::close(ends[1]);
  EXPECT_TRUE(find_identity(home.places, "local", chain, ledger::NetworkKind::local, "dave", {ends[0], false}));
  EXPECT_EQ(as_text(read_passphrase({ends[0], false}, "")->view()), "two");
  EXPECT_EQ(code_of(read_passphrase({ends[0], false}, "")), Errc::wrong_passphrase);
  ::close(ends[0]);
  EXPECT_EQ(code_of(read_passphrase({9999, false}, "")), Errc::usage);
}

TEST_F(KeyStore, listing_shows_both_kinds_without_a_passphrase) {
  auto me = *new_identity("me", crypto::Suite::classic, entropy);
  me.mark_development(chain);
  ASSERT_TRUE(save_dev_identity(home.places, "local", me));
  ASSERT_TRUE(save_identity(home.places, chain, dave, secret("p"), Kdf::pbkdf2, Existing::refuse, entropy));
  const auto all = *list_identities(home.places, "local", chain);
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].account, "dave");
  EXPECT_FALSE(all[0].development);
  EXPECT_TRUE(all[1].development);
  EXPECT_TRUE(list_identities(home.places, "other", Hash{})->empty());
}

// ---- the agent
struct Agent : KeyStore {};

TEST_F(Agent, keeps_an_unlocked_key_until_told_to_forget) {
  EXPECT_FALSE(agent_running(home.places));
  EXPECT_FALSE(agent_get(home.places, chain, "dave")->has_value());
  EXPECT_EQ(code_of(agent_add(home.places, chain, dave, kAgentTime)), Errc::locked_key);
  Status ended;
  std::thread server([&] { ended = serve_agent(home.places); });
  for (int i = 0; i < 500 && !agent_running(home.places); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  ASSERT_TRUE(agent_running(home.places));
  EXPECT_EQ(code_of(serve_agent(home.places)), Errc::conflict);
  EXPECT_TRUE(agent_add(home.places, chain, dave, kAgentTime));
  auto got = agent_get(home.places, chain, "dave");
  ASSERT_TRUE(got && *got);
  EXPECT_EQ((**got).signing().public_key(), dave.signing().public_key());
  EXPECT_FALSE(agent_get(home.places, Hash{}, "dave")->has_value());
  ASSERT_TRUE(save_identity(home.places, chain, dave, secret("p"), Kdf::pbkdf2, Existing::refuse, entropy));
  EXPECT_TRUE(find_identity(home.places, "local", chain, ledger::NetworkKind::local, "dave", nobody()));
  EXPECT_EQ(agent_list(home.places)->size(), 1u);
  EXPECT_TRUE(agent_lock(home.places, chain, ""));
  EXPECT_FALSE(agent_get(home.places, chain, "dave")->has_value());
  EXPECT_TRUE(agent_stop(home.places));
  server.join();
  EXPECT_TRUE(ended);
  EXPECT_FALSE(agent_running(home.places));
}

TEST_F(Agent, starts_in_a_process_of_its_own) {
  ASSERT_TRUE(start_agent(home.places));
  EXPECT_TRUE(start_agent(home.places));
  EXPECT_TRUE(agent_add(home.places, chain, dave, std::chrono::seconds(60)));
  EXPECT_TRUE(agent_get(home.places, chain, "dave")->has_value());
  EXPECT_TRUE(agent_stop(home.places));
}

TEST_F(Agent, keys_end_with_their_time_and_are_limited) {
  auto memory = *AgentMemory::make();
  auto add = [&](std::string name, std::uint32_t seconds) {
    return memory.answer({AgentAdd{{std::move(name), chain, crypto::Suite::pq, 0, false}, {}, seconds}}, 100);
  };
  auto refused = [](const AgentAnswer& a) { return std::holds_alternative<AgentRefusal>(a.is); };
  EXPECT_TRUE(refused(add("dave", 0)));
  EXPECT_TRUE(refused(add("dave", 24 * 3600 + 1)));
  EXPECT_TRUE(refused(add("../x", 1)));
  EXPECT_FALSE(refused(add("dave", 10)));
  EXPECT_EQ(memory.next_expiry(), 110u);
  EXPECT_FALSE(refused(memory.answer({AgentGet{chain, "dave"}}, 109)));
  EXPECT_TRUE(refused(memory.answer({AgentGet{chain, "dave"}}, 110)));
  EXPECT_TRUE(memory.empty());
  for (std::size_t i = 0; i < kMaxAgentKeys; ++i) EXPECT_FALSE(refused(add("k" + std::to_string(i), 50)));
  EXPECT_TRUE(refused(add("more", 50)));
  EXPECT_FALSE(refused(add("k3", 60)));
  EXPECT_LE(codec::encode(memory.answer({AgentList{}}, 100)).size(), kMaxAgentFrame);
}

}  // namespace
}  // namespace dos::client
