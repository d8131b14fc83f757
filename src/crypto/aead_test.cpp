#include "crypto/aead.hpp"

#include <gtest/gtest.h>

#include "tests/support/vector_file.hpp"

namespace dos::crypto {
namespace {

TEST(Aead, agrees_with_wycheproof) {
  for (const auto& c : test::read_vectors("aes_256_gcm.txt")) {
    AeadNonce nonce;
    const Bytes n = c.bytes("nonce");
    ASSERT_EQ(n.size(), nonce.size());
    std::copy(n.begin(), n.end(), nonce.begin());
    const auto opened = aead_open(c.bytes("key"), nonce, c.bytes("aad"), c.bytes("ciphertext"));
    EXPECT_EQ(opened.has_value(), c.text("result") == "valid") << c.text("id");
    if (!opened) continue;
    EXPECT_EQ(hex(*opened), c.text("plaintext"));
    EXPECT_EQ(hex(aead_seal(c.bytes("key"), nonce, c.bytes("aad"), c.bytes("plaintext"))), c.text("ciphertext")) << c.text("id");
  }
}

TEST(Aead, any_changed_bit_is_sealed) {
  const Bytes key(32, 3), aad = to_bytes("aad"), plain = to_bytes("plaintext");
  const AeadNonce nonce{1, 2, 3};
  const Bytes good = aead_seal(key, nonce, aad, plain);
  for (std::size_t i = 0; i < good.size() * 8; ++i) {
    Bytes bad = good;
    bad[i / 8] ^= std::uint8_t(1 << i % 8);
    const auto got = aead_open(key, nonce, aad, bad);
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().code, Errc::sealed);
  }
  for (std::size_t n = 0; n < good.size(); ++n) EXPECT_FALSE(aead_open(key, nonce, aad, BytesView(good).first(n))) << n;
  EXPECT_FALSE(aead_open(key, nonce, to_bytes("aae"), good));
  EXPECT_FALSE(aead_open(key, AeadNonce{1, 2, 4}, aad, good));
  EXPECT_FALSE(aead_open(Bytes(32, 4), nonce, aad, good));
}

TEST(Aead, seals_and_opens_in_place) {
  const Aead aead(Bytes(32, 5));
  Bytes buffer(100 + kAeadTagBytes, 9);
  aead.seal({}, {}, BytesView(buffer).first(100), buffer);
  ASSERT_TRUE(aead.open({}, {}, buffer, std::span(buffer).first(100)));
  EXPECT_EQ(Bytes(buffer.begin(), buffer.begin() + 100), Bytes(100, 9));
}

}  // namespace
}  // namespace dos::crypto
