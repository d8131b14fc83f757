#include "chain/made_block.hpp"

#include "codec/bcs.hpp"

namespace dos::chain {

Status archive_block(store::BlockArchive& archive, const MadeBlock& made, const Bytes& payload) {
  const auto& anchor = made.anchor;
  std::vector<Hash> txids;
  // Found by its id is only the receipt of what took effect.
  for (const auto& r : made.receipts) txids.push_back(r.status == ledger::TxStatus::skipped ? Hash{} : r.txid);
  return archive.append({anchor.header.height, codec::encode(anchor.header), payload,
                         codec::encode(CertifiedResult{anchor.parts, anchor.path, anchor.certificate}), codec::encode(made.receipts)},
                        txids);
}

Result<MadeBlock> read_block(const store::BlockArchive& archive, Height height, Bytes* payload) {
  DOS_ASSIGN(auto kept, archive.block(height));
  if (!kept) return fail(Errc::not_found, "this node holds no block " + std::to_string(height.value));
  return open_block(std::move(*kept), payload);
}

Result<MadeBlock> open_block(store::ArchivedBlock block, Bytes* payload) {
  MadeBlock made;
  DOS_ASSIGN(made.anchor.header, codec::decode<ledger::Header>(block.header, "an archived header"));
  DOS_ASSIGN(auto certified, codec::decode<CertifiedResult>(block.certificate, "an archived certificate"));
  made.anchor.parts = certified.parts;
  made.anchor.path = std::move(certified.path);
  made.anchor.certificate = std::move(certified.certificate);
  DOS_ASSIGN(made.receipts, codec::decode<std::vector<ledger::Receipt>>(block.receipts, "archived receipts"));
  if (payload != nullptr) *payload = std::move(block.payload);
  return made;
}

}  // namespace dos::chain
