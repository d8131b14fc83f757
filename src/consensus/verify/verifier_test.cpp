#include "consensus/verify/verifier.hpp"

#include <gtest/gtest.h>

#include "crypto/hash.hpp"

namespace dos::consensus {
namespace {

using ledger::VoteItem;
using ledger::VoteKind;

struct NoEntropy final : Entropy {
  void fill(std::span<std::uint8_t> out) override { std::ranges::fill(out, std::uint8_t(1)); }
};
crypto::SigningKey key_of(const std::string& name) {
  return std::move(*crypto::SigningKey::from_seed(crypto::KeyType::ed25519, crypto::plain_hash(as_bytes(name)).view()));
}

// Four validators; block 1 is final by its own certificate, or by that of block 2.
struct Anchors : ::testing::Test {
  Hash chain{{3}};
  ledger::ValidatorSet set;
  ledger::Anchor anchor;
  ledger::Header child;
  Hash child_result{{9}};
  NoEntropy entropy;

  Anchors() {
    for (const char* name : {"v1", "v2", "v3", "v4"})
      set.members.push_back({name, 1, key_of(name).public_key(), key_of(name).public_key(), ""});
    anchor.header.chain = chain;
    anchor.header.height = anchor.parts.height = Height{1};
    anchor.header.view = View{4};
    child = anchor.header;
    child.height = Height{2};
    child.parent = ledger::block_id(anchor.header);
    child.parent_result = ledger::result_of(anchor.parts);
    child.view = View{6};
  }
  ledger::Certificate certify(const ledger::Header& h, const Hash& result, int signers = 3, VoteKind kind = VoteKind::final) {
    ledger::Certificate c;
    c.item = {kind, h.view, ledger::block_id(h), kind == VoteKind::final ? result : Hash{}};
    for (int i = 0; i < signers; ++i) {
      const ledger::Ballot ballot{c.epoch, std::uint16_t(i), {c.item}};
      c.entries.push_back(
          {std::uint16_t(i), {}, *crypto::sign(key_of("v" + std::to_string(i + 1)), crypto::domain::kVote, chain, ballot, entropy)});
    }
    return c;
  }
  Errc judged() {
    const auto signers = verifier_of(ledger::Genesis{}).judge(chain, set, anchor);
    return signers ? Errc{} : signers.error().code;
  }
};

TEST_F(Anchors, a_block_is_final_by_its_own_certificate) {
  anchor.certificate = certify(anchor.header, ledger::result_of(anchor.parts));
  const auto signers = verifier_of(ledger::Genesis{}).judge(chain, set, anchor);
  ASSERT_TRUE(signers) << signers.error().detail;
  EXPECT_EQ(signers->have, 3u);
  EXPECT_EQ(signers->of, 4u);
  anchor.certificate.entries[1].signature.bytes[5] ^= 1;
  EXPECT_EQ(judged(), Errc::signature_invalid);
}

TEST_F(Anchors, a_block_is_final_by_that_of_a_descendant_whose_headers_are_shown) {
  anchor.path = {child};
  anchor.certificate = certify(child, child_result);
  EXPECT_EQ(judged(), Errc{});
  anchor.path.clear();
  EXPECT_EQ(judged(), Errc::proof_invalid);
}

TEST_F(Anchors, a_certificate_is_of_one_block_one_result_and_a_quorum) {
  const auto result = ledger::result_of(anchor.parts);
  for (const auto& wrong : {certify(child, result), certify(anchor.header, child_result), certify(anchor.header, result, 2),
                            certify(anchor.header, result, 3, VoteKind::notar)}) {
    anchor.certificate = wrong;
    EXPECT_EQ(judged(), Errc::proof_invalid);
  }
  // Likewise without the block's header.
  const auto& verifier = verifier_of(ledger::Genesis{});
  EXPECT_TRUE(verifier.judge(chain, set, FinalityProof{certify(anchor.header, result)}));
  for (const auto kind : {VoteKind::notar, VoteKind::null})
    EXPECT_FALSE(verifier.judge(chain, set, FinalityProof{certify(anchor.header, result, 3, kind)}));
  anchor.certificate = certify(anchor.header, result);
  anchor.certificate.epoch = Epoch{1};
  EXPECT_EQ(judged(), Errc::proof_invalid);
}

}  // namespace
}  // namespace dos::consensus
