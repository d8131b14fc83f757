#include "consensus/journal_records.hpp"

namespace dos::consensus {

EngineRecord encode_boot(const BootCounter& boot, Height height) { return {RecordKind::boot, height, codec::encode(boot)}; }
EngineRecord encode_proposal(const Proposal& proposal) { return {RecordKind::proposal, proposal.header.height, codec::encode(proposal)}; }
EngineRecord encode_contents(const Hash& id, Height height, Bytes payload) {
  codec::Encoder e;  // of BlockContents, a payload of megabytes among them, in one piece
  e.out.reserve(payload.size() + 48);
  codec::write(e, BlockContents{id, std::move(payload)});
  return {RecordKind::contents, height, std::move(e.out)};
}
EngineRecord encode_vote(const ledger::Vote& vote, Height height) { return {RecordKind::vote, height, codec::encode(vote)}; }
EngineRecord encode_final(Height height, const FinalityProof& proof) {
  return {RecordKind::final, height, codec::encode(FinalRecord{height, proof.form})};
}
EngineRecord encode_gate(const GateRecord& gate, Height height) { return {RecordKind::gate, height, codec::encode(gate)}; }

namespace {

template <class T>
Result<T> read_one(const EngineRecord& record, const char* what) {
  auto value = codec::decode<T>(record.bytes, what);
  if (!value) return fail(Errc::corrupt, std::string("the journal holds ") + what + " that does not decode");
  return value;
}

}  // namespace

Result<JournalBlocks> read_blocks(std::span<const EngineRecord> records, Status (*readable)(const EngineRecord&)) {
  JournalBlocks out;
  std::map<Hash, Proposal> proposals;
  std::map<Hash, Bytes> payloads;
  for (const auto& r : records) {
    switch (r.kind) {
      case RecordKind::boot: {
        DOS_ASSIGN(const auto boot, read_one<BootCounter>(r, "a boot counter"));
        out.boots = std::max(out.boots, boot.count);
        break;
      }
      case RecordKind::proposal: {
        DOS_ASSIGN(auto proposal, read_one<Proposal>(r, "a proposal"));
        const Hash id = ledger::block_id(proposal.header);
        proposals.insert_or_assign(id, std::move(proposal));
        break;
      }
      case RecordKind::contents: {
        DOS_ASSIGN(auto contents, read_one<BlockContents>(r, "a payload"));
        payloads.insert_or_assign(contents.id, std::move(contents.payload));
        break;
      }
      case RecordKind::final: {
        DOS_ASSIGN(auto final, read_one<FinalRecord>(r, "a final certificate"));
        out.finals.insert_or_assign(final.height.value, FinalityProof{std::move(final.certificate)});
        break;
      }
      default: DOS_TRY(readable(r));
    }
  }
  for (auto& [id, proposal] : proposals) {
    const auto payload = payloads.find(id);
    if (payload == payloads.end()) continue;
    const auto& commit = proposal.header.payload;
    if (commit.len != payload->second.size() || commit.payload_hash != ledger::payload_hash(payload->second))
      return fail(Errc::corrupt,
                  "block " + std::to_string(proposal.header.height.value) + " in the journal has another payload than its header names");
    out.blocks.emplace(id, HeldBlock{std::move(proposal), std::move(payload->second)});
  }
  return out;
}

}  // namespace dos::consensus
