// A block that was made: what is proved of it and what it did. How the archive keeps it, and what is read of that again.
#pragma once
#include "ledger/wire.hpp"
#include "store/block_archive.hpp"

namespace dos::chain {

// What the archive keeps in `certificate`: the block's result, and how it is final (ledger::Anchor without the header).
struct CertifiedResult {
  ledger::ResultParts parts;
  std::vector<ledger::Header> path;
  ledger::Certificate certificate;
  DOS_FIELDS(parts, path, certificate);
};

struct MadeBlock {
  ledger::Anchor anchor;
  std::vector<ledger::Receipt> receipts;
};

Status archive_block(store::BlockArchive& archive, const MadeBlock& made, const Bytes& payload);
Result<MadeBlock> read_block(const store::BlockArchive& archive, Height height, Bytes* payload = nullptr);  // not_found
Result<MadeBlock> open_block(store::ArchivedBlock block, Bytes* payload = nullptr);  // what was read of the archive; without a lock

}  // namespace dos::chain
