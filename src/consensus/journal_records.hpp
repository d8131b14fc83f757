// What consensus keeps in the journal (docs/spec/consensus.md, "Journal"). The journal stores bytes by kind and height;
// here is what they mean. Which records stand together in a group is the engine's decision (engine.hpp, Persist); payload
// bytes are the caller's, who adds them to the group that names their block.
#pragma once
#include <map>
#include <optional>

#include "consensus/engine_message.hpp"
#include "consensus/verify/verifier.hpp"

namespace dos::consensus {

// Numbers are never reused; 1 to 5 were those of a network of one. Those of every engine say what blocks are made of again: whoever
// restores them reads these. Any other is the engine's own, and its bytes are nobody else's business.
struct RecordKind {
  enum Kind : std::uint8_t {
    boot = 6,      // BootCounter
    proposal = 7,  // Proposal: the header of a block that was voted for, or became final, with its seal
    contents = 8,  // BlockContents: the payload of such a block
    final = 10,    // FinalRecord
    // of Simplex
    vote = 9,   // ledger::Vote of anybody: own ones, and the evidence that own ones rest on
    gate = 11,  // GateRecord
  };
};

struct EngineRecord {
  std::uint8_t kind = 0;
  Height height;
  Bytes bytes;
};

struct BootCounter {  // starts of the node on this data folder
  std::uint64_t count = 0;
  DOS_FIELDS(count);
};
struct BlockContents {
  Hash id;
  Bytes payload;  // encoded ledger::Payload
  DOS_FIELDS(id, payload);
};
struct FinalRecord {  // the block that the proof is of, and with it all its ancestors, are final
  Height height;
  ledger::Certificate certificate;  // FinalityProof::form
  DOS_FIELDS(height, certificate);
};
// "In this epoch, above this view, this key has signed nothing that does not stand in this journal." Without one of these the
// engine is in quarantine: it asks the others before it votes (docs/spec/consensus.md, "Start gate and quarantine").
struct GateRecord {
  Epoch epoch;
  View floor;
  DOS_FIELDS(epoch, floor);
};

EngineRecord encode_boot(const BootCounter& boot, Height height);
EngineRecord encode_proposal(const Proposal& proposal);
EngineRecord encode_contents(const Hash& id, Height height, Bytes payload);
EngineRecord encode_vote(const ledger::Vote& vote, Height height);
EngineRecord encode_final(Height height, const FinalityProof& proof);
EngineRecord encode_gate(const GateRecord& gate, Height height);

// The journal read back, for whoever restores blocks: engines take the records themselves.
struct HeldBlock {
  Proposal proposal;
  Bytes payload;
};
struct JournalBlocks {
  std::map<Hash, HeldBlock> blocks;                        // by id; header and payload belong together (checked)
  std::map<std::uint64_t, FinalityProof> finals;           // by height of the block that the proof is of
  std::uint64_t boots = 0;
};
// corrupt if a record does not decode or a payload is not the one its header names. A proposal without payload is left out.
// `readable` judges what is the engine's own (EngineRow).
Result<JournalBlocks> read_blocks(std::span<const EngineRecord> records, Status (*readable)(const EngineRecord&));

}  // namespace dos::consensus
