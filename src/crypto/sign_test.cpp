#include "crypto/sign.hpp"

#include <gtest/gtest.h>

#include "crypto/ml_dsa.hpp"
#include "tests/support/fixed_entropy.hpp"
#include "tests/support/vector_file.hpp"

namespace dos::crypto {
namespace {

constexpr KeyType kTypes[] = {KeyType::ml_dsa_44, KeyType::ml_dsa_65, KeyType::ml_dsa_87, KeyType::ed25519};

struct MlDsa : testing::TestWithParam<std::pair<const char*, KeyType>> {
  std::string file(const char* what) const { return std::string("ml_dsa_") + GetParam().first + what; }
  KeyType type() const { return GetParam().second; }
};
INSTANTIATE_TEST_SUITE_P(Types, MlDsa,
                         testing::Values(std::pair{"44", KeyType::ml_dsa_44}, std::pair{"65", KeyType::ml_dsa_65},
                                         std::pair{"87", KeyType::ml_dsa_87}));

TEST_P(MlDsa, keys_from_seeds_are_those_of_nist) {
  unsigned seen = 0;
  for (const auto& c : test::read_vectors("ml_dsa_keygen.txt")) {
    if (c.text("type") != GetParam().first) continue;
    ++seen;
    auto key = SigningKey::from_seed(type(), c.bytes("seed"));
    ASSERT_TRUE(key);
    EXPECT_EQ(hex(key->public_key().bytes), c.text("public"));
  }
  EXPECT_EQ(seen, 3u);
}

TEST_P(MlDsa, signatures_are_those_of_wycheproof) {
  for (const auto& c : test::read_vectors(file("_sign.txt"))) {
    Bytes public_key;
    Secret private_key;
    ASSERT_TRUE(ml_dsa_keypair(type(), c.bytes("seed"), public_key, private_key));
    EXPECT_EQ(hex(public_key), c.text("public"));
    Bytes signature(signature_bytes(type()));
    ASSERT_TRUE(ml_dsa_sign(type(), private_key.view(), c.bytes("message"), c.bytes("context"), c.bytes("rnd"), signature));
    EXPECT_EQ(hex(signature), c.text("signature")) << c.text("id");
    if (c.bytes("context").empty()) {  // the same through the interface that DOS uses
      auto key = SigningKey::from_seed(type(), c.bytes("seed"));
      test::GivenEntropy rnd(c.bytes("rnd"));
      EXPECT_EQ(hex(key->sign_bytes(c.bytes("message"), rnd)->bytes), c.text("signature"));
    }
  }
}

TEST_P(MlDsa, verification_agrees_with_wycheproof) {
  for (const auto& c : test::read_vectors(file("_verify.txt"))) {
    const Bytes public_key = c.bytes("public"), context = c.bytes("context"), signature = c.bytes("signature");
    const bool shaped = public_key.size() == public_key_bytes(type()) && context.size() <= 255;
    const bool good = shaped && ml_dsa_verify(type(), public_key, ml_dsa_key_digest(public_key), c.bytes("message"), context, signature);
    EXPECT_EQ(good, c.text("result") == "valid") << c.text("id");
    if (context.empty()) {
      const auto status = verify_bytes({type(), public_key}, c.bytes("message"), {type(), signature});
      EXPECT_EQ(status.has_value(), good) << c.text("id");
    }
  }
}

TEST(Ed25519, verification_agrees_with_wycheproof) {
  for (const auto& c : test::read_vectors("ed25519_verify.txt")) {
    const auto status = verify_bytes({KeyType::ed25519, c.bytes("public")}, c.bytes("message"), {KeyType::ed25519, c.bytes("signature")});
    EXPECT_EQ(status.has_value(), c.text("result") == "valid") << c.text("id");
  }
}

// The whole rule, docs/spec/crypto.md: what every validator must accept, and refuse, alike.
TEST(Ed25519, verification_is_strict_at_every_edge) {
  unsigned seen = 0, valid = 0;
  for (const auto& c : test::read_vectors("ed25519_edges.txt")) {
    const auto status = verify_bytes({KeyType::ed25519, c.bytes("public")}, c.bytes("message"), {KeyType::ed25519, c.bytes("signature")});
    EXPECT_EQ(status.has_value(), c.text("result") == "valid") << c.text("id") << ": " << c.text("note");
    ++seen;
    valid += status.has_value();
  }
  EXPECT_EQ(seen, 31u);
  EXPECT_EQ(valid, 13u);
}

TEST(Ed25519, signs_as_rfc_8032_section_7_1) {
  struct {
    const char *seed, *public_key, *message, *signature;
  } const cases[] = {
      {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
       "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
       "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"},
      {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
       "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
       "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"},
      {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
       "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
       "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"},
  };
  for (const auto& c : cases) {
    auto key = SigningKey::from_seed(KeyType::ed25519, test::from_hex(c.seed));
    ASSERT_TRUE(key);
    EXPECT_EQ(hex(key->public_key().bytes), c.public_key);
    test::CountingEntropy entropy;
    EXPECT_EQ(hex(key->sign_bytes(test::from_hex(c.message), entropy)->bytes), c.signature);
  }
}

TEST(Sign, every_type_signs_what_it_verifies_and_nothing_else) {
  test::CountingEntropy entropy;
  const Bytes seed(32, 7);
  const Hash chain = plain_hash(as_bytes("chain")), other_chain = plain_hash(as_bytes("other"));
  const std::string value = "value", other_value = "other";
  for (const KeyType type : kTypes) {
    auto key = SigningKey::from_seed(type, seed);
    ASSERT_TRUE(key);
    auto s = sign(*key, domain::kSignTx, chain, value, entropy);
    ASSERT_TRUE(s);
    EXPECT_TRUE(well_formed(*s));
    const PublicKey& pub = key->public_key();
    EXPECT_TRUE(verify(pub, domain::kSignTx, chain, value, *s));
    auto code = [](const Status& r) { return r ? Errc{} : r.error().code; };
    EXPECT_EQ(code(verify(pub, domain::kSignList, chain, value, *s)), Errc::signature_invalid);
    EXPECT_EQ(code(verify(pub, domain::kSignTx, other_chain, value, *s)), Errc::signature_invalid);
    EXPECT_EQ(code(verify(pub, domain::kSignTx, chain, other_value, *s)), Errc::signature_invalid);
    Signature changed = *s;
    changed.bytes[changed.bytes.size() / 2] ^= 1;
    EXPECT_EQ(code(verify(pub, domain::kSignTx, chain, value, changed)), Errc::signature_invalid);
    Signature shorter = *s;
    shorter.bytes.pop_back();
    EXPECT_EQ(code(verify(pub, domain::kSignTx, chain, value, shorter)), Errc::bad_key);
    PublicKey cut = pub;
    cut.bytes.pop_back();
    EXPECT_EQ(code(verify(cut, domain::kSignTx, chain, value, *s)), Errc::bad_key);
    for (const KeyType another : kTypes)
      if (another != type) {
        Signature relabelled{another, s->bytes};
        EXPECT_FALSE(verify(pub, domain::kSignTx, chain, value, relabelled));
      }
  }
}

TEST(Sign, post_quantum_signing_is_hedged_and_key_making_is_not) {
  test::CountingEntropy one(1), two(2);
  auto a = SigningKey::from_seed(KeyType::ml_dsa_44, Bytes(32, 1)), b = SigningKey::from_seed(KeyType::ml_dsa_44, Bytes(32, 1));
  EXPECT_EQ(a->public_key(), b->public_key());
  EXPECT_NE(a->sign_bytes(as_bytes("m"), one)->bytes, a->sign_bytes(as_bytes("m"), two)->bytes);
}

TEST(Sign, seeds_of_another_length_and_unknown_types_are_refused) {
  EXPECT_EQ(SigningKey::from_seed(KeyType::ml_dsa_44, Bytes(31)).error().code, Errc::bad_key);
  EXPECT_EQ(SigningKey::from_seed(KeyType(9), Bytes(32)).error().code, Errc::bad_key);
}

TEST(Sign, key_ids_differ_by_type_and_bytes) {
  const PublicKey a{KeyType::ed25519, Bytes(32, 1)}, b{KeyType::ed25519, Bytes(32, 2)};
  const BoxKey c{BoxType::x25519, Bytes(32, 1)};
  EXPECT_NE(key_id(a), key_id(b));
  EXPECT_NE(key_id(a), key_id(c));
}

}  // namespace
}  // namespace dos::crypto
