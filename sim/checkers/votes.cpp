#include "sim/checkers/votes.hpp"

#include <algorithm>

#include "consensus/journal_records.hpp"
#include "store/journal_group.hpp"

namespace dos::sim {
namespace {

std::string text(const ledger::VoteItem& item) {
  static constexpr const char* kNames[] = {"", "NOTAR", "NULL", "FINAL"};
  return std::string(kNames[std::size_t(item.kind)]) + "(" + std::to_string(item.view.value) + ", " +
         hex(BytesView(item.id.bytes).first(6)) + ", " + hex(BytesView(item.result.bytes).first(6)) + ")";
}

}  // namespace

void VoteWatch::watch(Machine machine, SimDisk& disk, std::string journal_folder) {
  disk.on_durable = [this, machine, prefix = std::move(journal_folder) + "/"](const std::string& path, BytesView bytes) {
    if (path.starts_with(prefix)) durable(machine, bytes);
  };
}

// A group is written whole and aligned, so a durable range holds whole groups or parts of old ones, which do not check.
void VoteWatch::durable(Machine machine, BytesView bytes) {
  for (std::size_t at = 0; at + store::kGroupHeader <= bytes.size();) {
    const auto rest = bytes.subspan(at);
    const auto group = store::read_group(rest, store::group_salt(rest));
    if (!group) {
      at += store::kGroupAlign;
      continue;
    }
    at += group->bytes;
    const auto records = store::read_group_records(group->payload);
    if (!records) continue;
    for (const auto& r : *records) {
      switch (r.kind) {
        case consensus::RecordKind::vote:
          if (const auto vote = codec::decode<ledger::Vote>(r.bytes)) keep(machine, *vote);
          break;
        case consensus::RecordKind::proposal:
          if (const auto proposal = codec::decode<consensus::Proposal>(r.bytes)) keep(machine, proposal->vote);
          break;
        default: break;
      }
    }
  }
}

void VoteWatch::keep(Machine machine, const ledger::Vote& vote) {
  auto& highest = highest_[machine][vote.ballot.voter];
  for (const auto& item : vote.ballot.items) {
    durable_[machine].insert({vote.ballot.voter, item});
    ever_[machine].insert({vote.ballot.voter, item});
    highest = std::max(highest, item.view);
  }
}

std::uint64_t VoteWatch::lost() const {
  return std::uint64_t(std::ranges::count_if(went_ahead_, [&](const auto& vote) {
    const auto ever = ever_.find(vote.first);
    return ever == ever_.end() || !ever->second.contains(vote.second);
  }));
}

void VoteWatch::sent(Machine machine, std::uint16_t voter, const ledger::Vote& vote, bool with_header) {
  if (vote.ballot.voter != voter || ignored_.contains(machine)) return;
  const std::string who = "v" + std::to_string(machine + 1);
  for (const auto& item : vote.ballot.items) {
    if (!seen_[machine].insert(item).second) continue;
    ++votes_;
    const bool durable = durable_[machine].contains({voter, item});
    const bool may_lead = with_header && item.view.value == highest_[machine][voter].value + 1;
    if (!durable && may_lead) went_ahead_.push_back({machine, {voter, item}});
    else if (!durable) failures_.add("durable before send", who + " sent " + text(item) + ", which its journal does not hold durably");
    auto& said = said_[{machine, item.view.value}];
    const auto conflict = [&](const std::string& with) {
      failures_.add("conflicting votes", who + " signed " + text(item) + " and " + with);
    };
    switch (item.kind) {
      case ledger::VoteKind::notar:
        if (said.notar && *said.notar != item.id) conflict("NOTAR of " + hex(BytesView(said.notar->bytes).first(6)));
        said.notar = item.id;
        break;
      case ledger::VoteKind::null:
        if (said.final) conflict("FINAL in the same view");
        said.null = true;
        break;
      case ledger::VoteKind::final:
        if (said.null) conflict("NULL in the same view");
        if (said.final && *said.final != std::pair(item.id, item.result)) conflict("another FINAL");
        said.final = {item.id, item.result};
        break;
    }
  }
}

}  // namespace dos::sim
