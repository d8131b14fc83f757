// A chain by hand, for tests: blocks are made, executed and called final by the test.
#pragma once
#include <gtest/gtest.h>

#include "chain/chain.hpp"
#include "chain/test_genesis.hpp"
#include "consensus/votes.hpp"

namespace dos::chain::testnet {

struct ChainTest : ::testing::Test {
  Place net;
  std::unique_ptr<Disk> disks[5];
  std::unique_ptr<Chain> chain;
  ledger::SystemRules rules = syscalls::system_rules();
  store::JournalOptions journal;

  Result<std::unique_ptr<Chain>> opened(Sharing sharing = {}) {
    chain.reset();
    const char* names[] = {"state", "journal", "archive", "blobs"};
    for (int i = 0; i < 4; ++i) disks[i] = std::move(*os::open_posix_disk(net.folder.path + "/" + names[i]));
    disks[4] = std::move(*os::open_posix_disk(code_folder()));
    ChainConfig config;
    config.genesis = codec::encode(net.genesis);
    config.modules = os::modules_in(DOS_TEST_MODULES);
    config.rules = rules;
    config.code_key = code_key();
    config.journal = journal;
    return Chain::open(std::move(config), {*disks[0], *disks[1], *disks[2], *disks[3], *disks[4]}, key_of("v1").public_key(),
                       {net.clock, net.entropy, net.log}, std::move(sharing));
  }
  void open(Sharing sharing = {}) {
    auto made = opened(std::move(sharing));
    ASSERT_TRUE(made) << made.error().detail;
    chain = std::move(*made);
  }
  void SetUp() override { open(); }

  struct Made {
    ledger::Header header;
    Hash id;
    Bytes payload;
  };
  // A block on `parent` (of the tree, executed, or the tip), its header as an honest leader makes it.
  Made block(const Hash& parent, std::uint64_t view, const std::vector<ledger::SignedTransaction>& txs) {
    Made m;
    m.payload = codec::encode(ledger::pack(txs));
    std::vector<Hash> wtxids;
    for (const auto& tx : txs) wtxids.push_back(ledger::wtxid(ledger::txid(tx.tx), tx.witnesses));
    auto& h = m.header;
    h.chain = net.chain;
    const auto* below = chain->unfinal().tree().find(parent);
    h.height = Height{(below != nullptr ? below->header.height : chain->tip().height).value + 1};
    h.parent = parent;
    h.time = TimeMs{std::max(net.clock.wall_ms(), chain->unfinal().time_of(parent).value + 1)};
    h.payload = {std::uint32_t(m.payload.size()), ledger::payload_hash(m.payload), Hash{}};
    h.tx_root = ledger::tx_root(wtxids);
    h.parent_result = *chain->unfinal().result_of(parent);
    h.valset = h.next_valset = ledger::valset_hash(net.genesis.validators);
    h.params = crypto::hash_of(crypto::domain::kParams, *chain->unfinal().params_after(parent));
    h.view = View{view};
    h.parent_view = below != nullptr ? below->header.view : chain->tip().view;
    m.id = ledger::block_id(h);
    return m;
  }
  // Empty blocks, each on the one before, executed; none of them is final.
  std::vector<Made> unfinal(std::size_t count) {
    std::vector<Made> all;
    for (Hash on = chain->tip().id; all.size() < count; on = all.back().id) {
      all.push_back(block(on, chain->tip().view.value + all.size() + 1, {}));
      const auto ran = run(all.back());
      EXPECT_TRUE(ran && ran->valid);
    }
    return all;
  }
  static std::vector<Hash> ids_of(const std::vector<Made>& blocks) {
    std::vector<Hash> ids;
    for (const auto& b : blocks) ids.push_back(b.id);
    return ids;
  }
  Result<consensus::Executed> run(const Made& m) {
    if (!take_payload(chain->unfinal().tree().add(m.header, {}), m.payload)) return fail(Errc::malformed, "the payload is refused");
    return chain->unfinal().execute(m.id);
  }
  consensus::FinalityProof final_by(const Made& m) {
    const ledger::VoteItem item{ledger::VoteKind::final, m.header.view, m.id, *chain->unfinal().result_of(m.id)};
    const auto vote = *consensus::make_vote(net.chain, Epoch{0}, 0, key_of("v1"), {item}, net.entropy);
    return {*consensus::certify(net.genesis.validators, item, std::span(&vote, 1))};
  }
  std::uint64_t bob(const store::StateView& view) {
    return codec::decode<ledger::Purse>((*view.get(ledger::purse_key("bob")))->data)->balance.value - 10'000 * kMicroPerCredit;
  }
};

}  // namespace dos::chain::testnet
