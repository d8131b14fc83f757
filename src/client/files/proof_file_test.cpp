#include "client/files/proof_file.hpp"

#include <gtest/gtest.h>

#include "base/test_code.hpp"
#include "client/entropy.hpp"
#include "crypto/sign.hpp"
#include "tests/support/fixed_entropy.hpp"

namespace dos::client {
namespace {

// A chain whose state is the sentinel alone: everything is absent there, and one signature certifies it.
struct Chain {
  ledger::Genesis genesis;
  Hash id;
  ProofFile proof;
};

Chain make_chain() {
  dos::test::CountingEntropy entropy;
  Chain c;
  auto key = crypto::SigningKey::from_seed(crypto::KeyType::ml_dsa_44, Bytes(32, 7)).value();
  auto node = crypto::SigningKey::from_seed(crypto::KeyType::ml_dsa_65, Bytes(32, 8)).value();
  c.genesis.name = "dos-test";
  c.genesis.validators.members.push_back({"v1", 1, key.public_key(), node.public_key()});
  c.id = ledger::genesis_hash(c.genesis);

  proof::Leaf sentinel;
  proof::StateProof state;
  proof::BitsChunk bits;
  bits.bits[0] = 1;
  state.records.push_back({Position(0), sentinel, {}, proof::OpenedRecord::Live{}});
  state.bits.push_back(bits);
  const Hash leaf = proof::leaf_hash(sentinel), chunk = proof::chunk_hash(bits.bits);
  state.parts = {1, proof::mmr_root(1, std::span(&leaf, 1)), proof::bits_root(1, std::span(&chunk, 1)), 0};
  state.height = Height(5);

  const auto root = root_of(c.genesis, c.id);
  auto& a = c.proof.anchor;
  a.header.chain = c.id;
  a.header.height = Height(5);
  a.header.valset = a.header.next_valset = root.valset;
  a.header.params = root.params;
  a.header.view = View(5);
  a.parts = {Height(5), proof::state_root(state.parts), Hash{}};
  a.certificate.item = {ledger::VoteKind::final, View(5), ledger::block_id(a.header), ledger::result_of(a.parts)};
  const ledger::Ballot ballot{Epoch(), 0, {a.certificate.item}};
  a.certificate.entries.push_back({0, {}, crypto::sign(key, crypto::domain::kVote, c.id, ballot, entropy).value()});
  c.proof.path = {"nothing"};
  c.proof.proof = std::move(state);
  return c;
}

Errc code_of(const Result<Verified>& v) { return v ? Errc{} : v.error().code; }

TEST(ProofFile, absence_verifies_against_its_genesis_and_no_other) {
  auto c = make_chain();
  const auto decoded = decode_proof_file(encode_proof_file(c.proof));
  ASSERT_TRUE(decoded);
  const auto v = verify_proof_file(*decoded, root_of(c.genesis, c.id));
  ASSERT_TRUE(v) << v.error().detail;
  EXPECT_EQ(v->kind, "absence");
  EXPECT_EQ(v->signers.have, 1u);
  EXPECT_NE(v->claims.at(0).find("absent"), std::string::npos);
  auto other = c.genesis;
  other.name = "another";
  EXPECT_EQ(code_of(verify_proof_file(*decoded, root_of(other, ledger::genesis_hash(other)))), Errc::chain_changed);
}

TEST(ProofFile, any_changed_byte_is_refused) {
  const auto c = make_chain();
  const auto good = encode_proof_file(c.proof);
  for (std::size_t i = 0; i < good.size(); ++i) {
    auto bad = good;
    bad[i] ^= std::uint8_t(1u << (i % 8));
    const auto d = decode_proof_file(bad);
    ASSERT_FALSE(d) << i;
    ASSERT_EQ(error_row(code_of(d)).exit_code, 8) << i;
  }
  for (std::size_t n = 0; n < good.size(); n += 7) EXPECT_EQ(code_of(decode_proof_file(BytesView(good).first(n))), Errc::not_a_proof);
  auto longer = good;
  longer.push_back(0);
  EXPECT_EQ(code_of(decode_proof_file(longer)), Errc::not_a_proof);
}

TEST(ProofFile, a_change_with_its_hash_mended_is_not_believed) {
  const auto c = make_chain();
  const auto root = root_of(c.genesis, c.id);
  const auto good = encode_proof_file(c.proof);
  const auto body = good.size() - 32;
  const auto path_end = kProofMagic.size() + codec::encode(c.proof.path).size();  // another name is another true absence
  for (std::size_t i = path_end; i < body; ++i) {
    Bytes bad(good.begin(), good.begin() + std::ptrdiff_t(body));
    bad[i] ^= std::uint8_t(1u << (i % 8));
    append(bad, crypto::plain_hash(bad).view());
    const auto d = decode_proof_file(bad);
    if (!d) {
      ASSERT_EQ(code_of(d), Errc::not_a_proof);
      continue;
    }
    // The state's height may be lowered: the sentinel stood then, too. Nothing else may change.
    const auto v = verify_proof_file(*d, root);
    ASSERT_TRUE(!v || v->height < Height(5)) << i;
    if (!v) { ASSERT_EQ(error_row(code_of(v)).exit_code, 8) << i; }
  }
}

}  // namespace
}  // namespace dos::client
