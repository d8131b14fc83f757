#include "chain/chain.hpp"
#include "consensus/journal_records.hpp"
#include "consensus/messages.hpp"
#include "net/messages.hpp"
#include "store/archive_segment.hpp"
#include "store/checkpoint.hpp"
#include "store/journal.hpp"
#include "tests/conformance/tables.hpp"

namespace dos::conformance {
namespace {

using consensus::RecordKind;

template <class T>
Use record(RecordKind::Kind kind, const char* name) {
  return {struct_name(qualified_name<T>()), name, std::to_string(int(kind))};
}

std::vector<Format> messages() {
  std::vector<Format> out;
  const auto of_engines = [&](unsigned number) {  // their rows stand between those of nodes
    if (number != 10) return;
    using namespace consensus;  // NOLINT
    for (auto& f : formats<Votes, Have, Get, StatusReport, SignedAsk, SignedAnswer>()) out.push_back(f);
  };
#define DOS_ROW(number, Type, limit, rate) \
  out.push_back(formats<Type>()[0]);       \
  of_engines(number);
  using namespace net;  // NOLINT: the rows are its names
  DOS_NET_MESSAGES(DOS_ROW)
#undef DOS_ROW
  for (auto& f : formats<consensus::Proposal, WholePayload, ShortIds, FinalBlock, SignedAddress, AddressClaim>()) out.push_back(f);
  return out;
}
std::vector<Use> message_numbers() {
  std::vector<Use> out;
  const auto of_engines = [&](unsigned number) {
    if (number != 10) return;
    const auto add = [&]<class... M>(std::variant<M...>*) {
      (out.push_back({struct_name(qualified_name<M>()), "message", std::to_string(M::kKind)}), ...);
    };
    using namespace consensus;  // NOLINT
    add(static_cast<std::variant<Votes, Have, Get, StatusReport, SignedAsk, SignedAnswer>*>(nullptr));
  };
#define DOS_ROW(number, Type, limit, rate)                                  \
  out.push_back({struct_name(qualified_name<Type>()), "message", #number}); \
  of_engines(number);
  using namespace net;  // NOLINT: the rows are its names
  DOS_NET_MESSAGES(DOS_ROW)
#undef DOS_ROW
  return out;
}

}  // namespace

std::vector<Table> node_tables() {
  return {
      {"Between validators", "messages", "Bodies of frames ([wire](wire.md), Frames).", messages(), message_numbers(), ""},
      {"A node's journal",
       "journal",
       "A group holds `list<struct JournalRecord>`; `bytes` are what the kind says ([storage](storage.md), Journal).",
       formats<store::JournalRecord, consensus::BootCounter, consensus::BlockContents, consensus::FinalRecord, consensus::GateRecord>(),
       {record<consensus::BootCounter>(RecordKind::boot, "boot"), record<consensus::Proposal>(RecordKind::proposal, "proposal"),
        record<consensus::BlockContents>(RecordKind::contents, "contents"), record<ledger::Vote>(RecordKind::vote, "vote"),
        record<consensus::FinalRecord>(RecordKind::final, "final"), record<consensus::GateRecord>(RecordKind::gate, "gate")},
       ""},
      {"A node's other files",
       "node",
       "What stands around them: [storage](storage.md).",
       formats<store::ArchiveBody, store::ArchivedBlock, chain::CertifiedResult, store::ArchiveIndex, store::ArchiveIndex::Tx,
               store::Checkpoint, store::ForestSnapshot, store::IndexPiece, store::LogPlace>(),
       {},
       "`header`, `payload`, `certificate` and `receipts` of an `ArchivedBlock` are the bytes of `Header`, `Payload`, `CertifiedResult` "
       "and "
       "`list<struct\nReceipt>`."},
  };
}

}  // namespace dos::conformance
