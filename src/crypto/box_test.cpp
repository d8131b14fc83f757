#include "crypto/box.hpp"

#include <gtest/gtest.h>
#include <openssl/curve25519.h>

#include "crypto/x_wing.hpp"
#include "tests/support/fixed_entropy.hpp"
#include "tests/support/vector_file.hpp"

namespace dos::crypto {
namespace {

TEST(XWing, gives_the_drafts_vectors) {
  for (const auto& c : test::read_vectors("x_wing.txt")) {
    XWingKey key;
    x_wing_expand(c.bytes("seed"), key);
    EXPECT_EQ(hex(key.public_key), c.text("public"));
    Bytes ciphertext;
    SecretArray<32> shared, opened;
    ASSERT_TRUE(x_wing_encapsulate(c.bytes("public"), c.bytes("eseed"), ciphertext, shared));
    EXPECT_EQ(hex(ciphertext), c.text("ciphertext"));
    EXPECT_EQ(hex(shared.view()), c.text("shared"));
    ASSERT_TRUE(x_wing_decapsulate(key, ciphertext, opened));
    EXPECT_EQ(hex(opened.view()), c.text("shared"));
  }
}

TEST(XWing, public_keys_that_are_none_are_refused) {
  Bytes ciphertext;
  SecretArray<32> shared;
  const Bytes randomness(64, 1);
  auto code = [&](BytesView key) {
    const auto s = x_wing_encapsulate(key, randomness, ciphertext, shared);
    return s ? Errc{} : s.error().code;
  };
  EXPECT_EQ(code(Bytes(1215)), Errc::bad_key);
  EXPECT_EQ(code(Bytes(1216, 0xFF)), Errc::bad_key);  // coefficients above the modulus: FIPS 203, 7.2
  XWingKey key;
  x_wing_expand(Bytes(32, 1), key);
  std::fill(key.public_key.begin() + 1184, key.public_key.end(), std::uint8_t(0));  // a low-order point
  EXPECT_EQ(code(key.public_key), Errc::bad_key);
}

TEST(X25519, agrees_with_wycheproof) {
  for (const auto& c : test::read_vectors("x25519.txt")) {
    Bytes out(32);
    const int done = X25519(out.data(), c.bytes("private").data(), c.bytes("public").data());
    EXPECT_EQ(hex(out), c.text("shared")) << c.text("id");
    EXPECT_EQ(done == 1, c.text("shared") != std::string(64, '0')) << c.text("id");
  }
}

struct Box : testing::TestWithParam<BoxType> {};
INSTANTIATE_TEST_SUITE_P(Types, Box, testing::Values(BoxType::x_wing, BoxType::x25519));

TEST_P(Box, opens_for_its_key_with_what_was_bound_in_and_not_otherwise) {
  test::CountingEntropy entropy;
  auto key = BoxSecret::from_seed(GetParam(), Bytes(32, 1)), other = BoxSecret::from_seed(GetParam(), Bytes(32, 2));
  ASSERT_TRUE(key && other);
  EXPECT_TRUE(well_formed(key->public_key()));
  const Bytes plain = to_bytes("for you"), info = to_bytes("info"), aad = to_bytes("aad");
  auto box = seal(key->public_key(), info, aad, plain, entropy);
  ASSERT_TRUE(box);
  EXPECT_LE(codec::encode(*box).size(), plain.size() + sealed_box_overhead(GetParam()));
  auto opened = open(*key, info, aad, *box);
  ASSERT_TRUE(opened);
  EXPECT_EQ(hex(opened->view()), hex(plain));

  auto refused = [&](const Result<Secret>& r) { return !r && r.error().code == Errc::sealed; };
  EXPECT_TRUE(refused(open(*other, info, aad, *box)));
  EXPECT_TRUE(refused(open(*key, aad, aad, *box)));
  EXPECT_TRUE(refused(open(*key, info, info, *box)));
  EXPECT_NE(seal(key->public_key(), info, aad, plain, entropy)->kem, box->kem);

  const Bytes encoded = codec::encode(*box);
  for (std::size_t i = 0; i < encoded.size(); i += 7) {
    Bytes changed = encoded;
    changed[i] ^= 0x10;
    auto decoded = codec::decode<SealedBox>(changed);
    if (decoded) { EXPECT_TRUE(refused(open(*key, info, aad, *decoded))) << i; }
  }
  SealedBox cut = *box;
  cut.ciphertext.resize(3);
  EXPECT_TRUE(refused(open(*key, info, aad, cut)));
  cut = *box;
  cut.kem.pop_back();
  EXPECT_TRUE(refused(open(*key, info, aad, cut)));
  cut = *box;
  std::fill(cut.kem.end() - 32, cut.kem.end(), std::uint8_t(0));  // low-order point
  EXPECT_TRUE(refused(open(*key, info, aad, cut)));
}

TEST(Box, keys_and_seeds_of_wrong_length_are_refused) {
  test::CountingEntropy entropy;
  EXPECT_EQ(BoxSecret::from_seed(BoxType::x_wing, Bytes(31)).error().code, Errc::bad_key);
  EXPECT_EQ(BoxSecret::from_seed(BoxType(9), Bytes(32)).error().code, Errc::bad_key);
  EXPECT_EQ(seal({BoxType::x_wing, Bytes(32)}, {}, {}, {}, entropy).error().code, Errc::bad_key);
  EXPECT_EQ(seal({BoxType::x25519, Bytes(32)}, {}, {}, {}, entropy).error().code, Errc::bad_key);  // low order
}

TEST(Secret, moving_leaves_nothing_behind) {
  Secret a = Secret::copy_of(Bytes(32, 7));
  Secret b = std::move(a);
  EXPECT_TRUE(a.empty());
  EXPECT_EQ(b.size(), 32u);
  b = Secret(4);
  EXPECT_EQ(b.size(), 4u);
  Bytes w(16, 9);
  wipe(w);
  EXPECT_EQ(w, Bytes(16));
}

}  // namespace
}  // namespace dos::crypto
