#include "chain/replay_window.hpp"

#include "chain/made_block.hpp"

namespace dos::chain {

Result<kernel::ReplayWindow> window_upto(const store::BlockArchive& archive, Height upto) {
  kernel::ReplayWindow window;
  std::optional<TimeMs> newest;
  for (auto h = upto.value; h > 0; --h) {
    Bytes payload;
    DOS_ASSIGN(const auto block, read_block(archive, Height{h}, &payload));
    if (!newest) newest = block.anchor.header.time;
    if (block.anchor.header.time.value + kReplayWindowMs < newest->value) break;
    DOS_ASSIGN(const auto packed, codec::decode<ledger::Payload>(payload, "a payload"));
    DOS_ASSIGN(const auto txs, ledger::unpack(packed));
    if (txs.size() != block.receipts.size()) return fail(Errc::corrupt, "block " + std::to_string(h) + " has another number of receipts");
    for (std::size_t i = 0; i < txs.size(); ++i)
      if (block.receipts[i].status != ledger::TxStatus::skipped) window.record(block.receipts[i].txid, txs[i].tx.valid_until);
  }
  if (newest) window.forget_before(*newest);
  return window;
}

}  // namespace dos::chain
