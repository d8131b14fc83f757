// What consensus keeps in the journal (docs/spec/consensus.md, "Journal"). The journal stores bytes by kind and height;
// here is what they mean. Which records stand together in a group is the engine's decision (engine.hpp, Persist); payload
// bytes are the caller's, who adds them to the group that names their block.
#pragma once
#include <map>
#include <optional>

#include "consensus/messages.hpp"

namespace dos::consensus {

// Numbers are never reused; 1 to 5 were those of a network of one.
enum class RecordKind : std::uint8_t {
  boot = 6,       // BootCounter
  proposal = 7,   // Proposal: the header of a block that was voted for, or became final, with its leader's vote
  contents = 8,   // BlockContents: the payload of such a block
  vote = 9,       // ledger::Vote of anybody: own ones, and the evidence that own ones rest on
  final = 10,     // FinalRecord
  gate = 11,      // GateRecord
};
constexpr bool valid(RecordKind k) { return k >= RecordKind::boot && k <= RecordKind::gate; }

struct Record {
  RecordKind kind = RecordKind::vote;
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
struct FinalRecord {  // the block that the certificate names, and with it all its ancestors, are final
  Height height;
  ledger::Certificate certificate;
  DOS_FIELDS(height, certificate);
};
// "In this epoch, above this view, this key has signed nothing that does not stand in this journal." Without one of these the
// engine is in quarantine: it asks the others before it votes (docs/spec/consensus.md, "Start gate and quarantine").
struct GateRecord {
  Epoch epoch;
  View floor;
  DOS_FIELDS(epoch, floor);
};

Record encode_boot(const BootCounter& boot, Height height);
Record encode_proposal(const Proposal& proposal);
Record encode_contents(const Hash& id, Height height, Bytes payload);
Record encode_vote(const ledger::Vote& vote, Height height);
Record encode_final(Height height, const ledger::Certificate& certificate);
Record encode_gate(const GateRecord& gate, Height height);

// The journal read back, for whoever restores blocks: engines take the records themselves.
struct HeldBlock {
  Proposal proposal;
  Bytes payload;
};
struct JournalBlocks {
  std::map<Hash, HeldBlock> blocks;                        // by id; header and payload belong together (checked)
  std::map<std::uint64_t, ledger::Certificate> finals;     // by height of the certified block
  std::uint64_t boots = 0;
};
// corrupt if a record does not decode or a payload is not the one its header names. A proposal without payload is left out.
Result<JournalBlocks> read_blocks(std::span<const Record> records);

}  // namespace dos::consensus
