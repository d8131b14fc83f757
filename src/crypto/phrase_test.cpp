#include "crypto/phrase.hpp"

#include <gtest/gtest.h>

#include "crypto/box.hpp"
#include "crypto/key_paths.hpp"
#include "crypto/sign.hpp"
#include "tests/support/vector_file.hpp"

namespace dos::crypto {
namespace {

std::string text(const Secret& s) { return std::string(as_text(s.view())); }

TEST(Phrase, gives_the_published_vectors_both_ways) {
  for (const auto& c : test::read_vectors("bip39_english.txt")) {
    auto phrase = phrase_from_entropy(c.bytes("entropy"));
    ASSERT_TRUE(phrase);
    EXPECT_EQ(text(*phrase), c.text("phrase"));
    auto entropy = entropy_from_phrase(c.text("phrase"));
    ASSERT_TRUE(entropy);
    EXPECT_EQ(hex(entropy->view()), c.text("entropy"));
    auto seed = phrase_seed(c.text("phrase"), "TREZOR");
    ASSERT_TRUE(seed);
    EXPECT_EQ(hex(seed->view()), c.text("seed"));
  }
}

TEST(Phrase, white_space_and_case_do_not_matter) {
  const Bytes entropy(32, 0x5a);
  const std::string canonical = text(*phrase_from_entropy(entropy));
  std::string loose = "  \n";
  for (char c : canonical) loose += c == ' ' ? std::string("\t  ") : std::string(1, char(std::toupper(c)));
  loose += "\r\n";
  EXPECT_EQ(hex(entropy_from_phrase(loose)->view()), hex(entropy));
  EXPECT_EQ(hex(phrase_seed(loose)->view()), hex(entropy_seed(entropy)->view()));
}

TEST(Phrase, wrong_phrases_are_refused_without_repeating_a_word) {
  const std::string good = text(*phrase_from_entropy(Bytes(32, 0x11)));
  const std::string swapped = "abandon" + good.substr(good.find(' '));
  std::string many;
  for (int i = 0; i < 25; ++i) many += "abandon ";
  for (const std::string& bad : {std::string(), std::string("hunter2"), good + " abandon", good.substr(0, good.rfind(' ')), swapped,
                                 good + "x", many, std::string(5000, 'a'), std::string("\xff\xfe \x00 zoo", 8)}) {
    const auto got = entropy_from_phrase(bad);
    ASSERT_FALSE(got) << bad;
    EXPECT_EQ(got.error().code, Errc::bad_phrase);
    EXPECT_EQ(got.error().detail.find("hunter2"), std::string::npos);
    EXPECT_EQ(got.error().detail.find("abandon"), std::string::npos);
  }
  EXPECT_EQ(phrase_from_entropy(Bytes(31)).error().code, Errc::bad_phrase);
  EXPECT_EQ(phrase_from_entropy(Bytes(36)).error().code, Errc::bad_phrase);
}

TEST(KeyPaths, slip_10_gives_its_published_vectors) {  // SLIP-0010, test vectors 1 and 2 for ed25519
  const char* const kSeed1 = "000102030405060708090a0b0c0d0e0f";
  const char* const kSeed2 =
      "fffcf9f6f3f0edeae7e4e1dedbd8d5d2cfccc9c6c3c0bdbab7b4b1aeaba8a5a29f9c999693908d8a8784817e7b7875726f6c696663605d5a5754514e4b484542";
  struct {
    const char* seed;
    std::vector<std::uint32_t> path;
    const char* key;
  } const cases[] = {
      {kSeed1, {}, "2b4be7f19ee27bbf30c667b642d5f4aa69fd169872f8fc3059c08ebae2eb19e7"},
      {kSeed1, {0}, "68e0fe46dfb67e368c75379acec591dad19df3cde26e63b93a8e704f1dade7a3"},
      {kSeed1, {0, 1}, "b1d0bad404bf35da785a64ca1ac54b2617211d2777696fbffaf208f746ae84f2"},
      {kSeed1, {0, 1, 2}, "92a5b23c0b8a99e37d07df3fb9966917f5d06e02ddbd909c7e184371463e9fc9"},
      {kSeed1, {0, 1, 2, 2}, "30d1dc7e5fc04c31219ab25a27ae00b50f6fd66622f6e9c913253d6511d1e662"},
      {kSeed1, {0, 1, 2, 2, 1000000000}, "8f94d394a8e8fd6b1bc2f3f49f5c47e385281d5c17e65324b0f62483e37e8793"},
      {kSeed2, {}, "171cb88b1b3c1db25add599712e36245d75bc65a1a5c9e18d76f9f2b1eab4012"},
      {kSeed2, {0}, "1559eb2bbec5790b0c65d8693e4d0875b1747f4970ae8b650486ed7470845635"},
      {kSeed2, {0, 2147483647}, "ea4f5bfe8694d8bb74b7b59404632fd5968b774ed545e810de9c32a4fb4192f4"},
      {kSeed2, {0, 2147483647, 1}, "3757c7577170179c7868353ada796c839135b3d30554bbb74a4b1e4a5a58505c"},
      {kSeed2, {0, 2147483647, 1, 2147483646}, "5837736c89570de861ebc173b1086da4f505d4adb387c6a1b1342d5e4ac9ec72"},
      {kSeed2, {0, 2147483647, 1, 2147483646, 2}, "551d333177df541ad876a60ea71f00447931c0a9da16f227c11ea080d7391b8d"},
  };
  for (const auto& c : cases) EXPECT_EQ(hex(slip10_ed25519(test::from_hex(c.seed), c.path).view()), c.key);
}

// DOS's own pinned values: a change here loses everybody's keys. docs/spec/crypto.md, "From a phrase to keys".
TEST(KeyPaths, one_phrase_gives_these_keys_for_ever) {
  const auto seed = entropy_seed(Bytes(32, 0));
  ASSERT_TRUE(seed);
  auto signing = [&](KeyType type, std::uint32_t index) {
    return hex(key_id(SigningKey::from_seed(type, key_seed(seed->view(), type, index)->view())->public_key()).bytes);
  };
  auto box = [&](BoxType type, std::uint32_t index) {
    return hex(key_id(BoxSecret::from_seed(type, key_seed(seed->view(), type, index)->view())->public_key()).bytes);
  };
  EXPECT_EQ(signing(KeyType::ml_dsa_44, 0), "5bd9c74f4bc86578716d15fa728b044df33b2e8a066fc5f5af35feba522f8978");
  EXPECT_EQ(signing(KeyType::ml_dsa_44, 1), "9a1072fc1296cdcbf1ff329b2437af6ae3f9510f8662f94d84823080bbf24467");
  EXPECT_EQ(signing(KeyType::ml_dsa_65, 0), "e0d115ecf8fda54d3845e156b7d2b5a37a4bb7134f53e9a253bbfc4f958d18ec");
  EXPECT_EQ(signing(KeyType::ml_dsa_87, 0), "5f01dfcefe99043daba144d50cb3a787685751f1c413f10c2f8eba384f9e75b8");
  EXPECT_EQ(signing(KeyType::ed25519, 0), "81dc48ea8c3bd47401a3f000a264253ced05b79df1bc1cca1537184a95d0f486");
  EXPECT_EQ(box(BoxType::x_wing, 0), "cfef5fb2a6ed6a5efac03c2f2d332aaf32df82283970d3d9e753896cb1505f46");
  EXPECT_EQ(box(BoxType::x25519, 0), "6811f21d53839ea57866f1be5d445c4254c50bd9d86f4223282dca47d4c4c0ee");
}

TEST(KeyPaths, indexes_end_at_31_bits) {
  const Bytes seed(64, 1);
  EXPECT_TRUE(key_seed(seed, KeyType::ml_dsa_44, kMaxPathIndex));
  EXPECT_EQ(key_seed(seed, KeyType::ml_dsa_44, kMaxPathIndex + 1).error().code, Errc::limit);
  EXPECT_EQ(key_seed(seed, KeyType(0), 0).error().code, Errc::bad_key);
  EXPECT_EQ(key_seed(seed, BoxType(0), 0).error().code, Errc::bad_key);
}

}  // namespace
}  // namespace dos::crypto
