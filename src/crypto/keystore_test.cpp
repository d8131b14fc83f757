#include "crypto/keystore.hpp"

#include <gtest/gtest.h>

#include "crypto/kdf.hpp"
#include "tests/support/fixed_entropy.hpp"
#include "tests/support/vector_file.hpp"

namespace dos::crypto {
namespace {

TEST(Kdf, argon2id_gives_the_vector_of_rfc_9106) {  // section 5.3
  Bytes out(32);
  ASSERT_TRUE(argon2id({3, 32, 4}, Bytes(32, 1), Bytes(16, 2), Bytes(8, 3), Bytes(12, 4), out));
  EXPECT_EQ(hex(out), "0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659");
}

TEST(Kdf, pbkdf2_hmac_sha512_agrees_with_wycheproof) {
  for (const auto& c : test::read_vectors("pbkdf2_hmac_sha512.txt")) {
    Bytes out(c.bytes("key").size());
    pbkdf2_hmac_sha512(c.bytes("password"), c.bytes("salt"), std::uint32_t(c.number("rounds")), out);
    EXPECT_EQ(hex(out), c.text("key")) << c.text("id");
  }
}

TEST(Kdf, hmac_sha512_gives_the_vector_of_rfc_4231) {  // test case 2
  ByteArray<64> out;
  hmac_sha512(as_bytes("Jefe"), as_bytes("what do ya want for nothing?"), out);
  EXPECT_EQ(hex(out),
            "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
            "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737");
}

KeyFileHeader header(Kdf kdf) {
  KeyFileHeader h;
  h.kdf = kdf;
  h.account = "alice";
  h.signing_keys.push_back({KeyType::ed25519, Bytes(32, 1)});
  h.box_keys.push_back({BoxType::x25519, Bytes(32, 2)});
  return h;
}
const Kdf kQuick[] = {Argon2idKdf{2, 19 * 1024, 1, {}}, Pbkdf2Kdf{}};

TEST(KeyFile, opens_with_its_passphrase_alone) {
  test::CountingEntropy entropy;
  const Bytes master(32, 9), passphrase = to_bytes("correct horse");
  for (const Kdf& kdf : kQuick) {
    auto bytes = seal_key_file(header(kdf), master, passphrase, entropy);
    ASSERT_TRUE(bytes);
    EXPECT_TRUE(starts_with(*bytes, as_bytes("DOSKEY1")));
    auto file = read_key_file(*bytes);
    ASSERT_TRUE(file);
    EXPECT_EQ(file->header.account, "alice");
    auto opened = open_key_file(*file, passphrase);
    ASSERT_TRUE(opened);
    EXPECT_EQ(hex(opened->view()), hex(master));
    EXPECT_EQ(open_key_file(*file, to_bytes("Correct horse")).error().code, Errc::wrong_passphrase);
    EXPECT_EQ(open_key_file(*file, {}).error().code, Errc::wrong_passphrase);
    KeyFile changed = *file;
    changed.header.account = "mallory";
    EXPECT_EQ(open_key_file(changed, passphrase).error().code, Errc::wrong_passphrase);
    changed = *file;
    changed.header.development = true;
    EXPECT_EQ(open_key_file(changed, passphrase).error().code, Errc::wrong_passphrase);
    changed = *file;
    changed.ciphertext[0] ^= 1;
    EXPECT_EQ(open_key_file(changed, passphrase).error().code, Errc::wrong_passphrase);
  }
}

TEST(KeyFile, salt_and_nonce_are_drawn_for_every_sealing) {
  test::CountingEntropy entropy;
  const Kdf kdf = kQuick[0];
  auto a = read_key_file(*seal_key_file(header(kdf), Bytes(32), to_bytes("p"), entropy));
  auto b = read_key_file(*seal_key_file(header(kdf), Bytes(32), to_bytes("p"), entropy));
  EXPECT_NE(a->header.nonce, b->header.nonce);
  EXPECT_NE(std::get<Argon2idKdf>(a->header.kdf).salt, std::get<Argon2idKdf>(b->header.kdf).salt);
  EXPECT_NE(a->ciphertext, b->ciphertext);
}

TEST(KeyFile, absurd_parameters_are_refused_before_any_work) {
  auto argon = [](std::uint32_t t, std::uint32_t m, std::uint32_t p) { return Kdf(Argon2idKdf{t, m, p, {}}); };
  auto rounds = [](std::uint32_t r) { return Kdf(Pbkdf2Kdf{r, {}}); };
  for (const Kdf& good : {Kdf(Argon2idKdf{}), Kdf(Pbkdf2Kdf{}), argon(2, 19456, 1), argon(16, 1048576, 4), rounds(10'000'000)})
    EXPECT_TRUE(check_kdf(good));
  test::CountingEntropy entropy;
  for (const Kdf& bad :
       {argon(1, 65536, 1), argon(17, 65536, 1), argon(3, 19455, 1), argon(3, 1048577, 1), argon(3, UINT32_MAX, 1), argon(3, 65536, 0),
        argon(3, 65536, 5), argon(UINT32_MAX, 65536, 1), rounds(0), rounds(99'999), rounds(10'000'001), rounds(UINT32_MAX)}) {
    EXPECT_EQ(check_kdf(bad).error().code, Errc::weak_kdf);
    EXPECT_EQ(seal_key_file(header(bad), Bytes(32), to_bytes("p"), entropy).error().code, Errc::weak_kdf);
    KeyFile file{header(bad), Bytes(48)};
    Bytes bytes = to_bytes(kKeyFileMagic);
    append(bytes, codec::encode(file));
    EXPECT_EQ(read_key_file(bytes).error().code, Errc::weak_kdf);
    EXPECT_EQ(open_key_file(file, to_bytes("p")).error().code, Errc::weak_kdf);
  }
}

TEST(KeyFile, every_cut_and_every_changed_byte_is_refused) {
  test::CountingEntropy entropy;
  const Bytes good = *seal_key_file(header(kQuick[0]), Bytes(32, 9), to_bytes("p"), entropy);
  for (std::size_t n = 0; n < good.size(); ++n) EXPECT_FALSE(read_key_file(BytesView(good).first(n))) << n;
  Bytes longer = good;
  longer.push_back(0);
  EXPECT_EQ(read_key_file(longer).error().code, Errc::malformed);
  for (std::size_t i = 0; i < good.size(); i += 5) {  // a few: each opening costs 19 MiB of Argon2id
    Bytes bad = good;
    bad[i] ^= 0x01;
    auto file = read_key_file(bad);
    if (!file) continue;
    const auto opened = open_key_file(*file, to_bytes("p"));
    ASSERT_FALSE(opened) << i;
    EXPECT_EQ(opened.error().code, Errc::wrong_passphrase);
  }
  EXPECT_FALSE(read_key_file(Bytes(kMaxKeyFileBytes + 1)));
  EXPECT_FALSE(read_key_file({}));
}

TEST(KeyFile, masters_of_another_length_and_long_lists_are_refused) {
  test::CountingEntropy entropy;
  EXPECT_EQ(seal_key_file(header(kQuick[0]), Bytes(31), to_bytes("p"), entropy).error().code, Errc::bad_key);
  KeyFileHeader many = header(kQuick[0]);
  many.signing_keys.resize(kMaxKeyFileKeys + 1, many.signing_keys[0]);
  EXPECT_EQ(seal_key_file(many, Bytes(32), to_bytes("p"), entropy).error().code, Errc::limit);
  KeyFile file{many, Bytes(48)};
  Bytes bytes = to_bytes(kKeyFileMagic);
  append(bytes, codec::encode(file));
  EXPECT_EQ(read_key_file(bytes).error().code, Errc::malformed);
}

}  // namespace
}  // namespace dos::crypto
