// The journal of the order of one (solo_order.hpp): one group per block: header, payload, own vote as it was signed,
// certificate, high-water slot.
#pragma once
#include <map>

#include "consensus/journal_records.hpp"

namespace dos::consensus {

// The highest views that this key has voted in. Durable with every vote, so that it never signs twice for a view.
struct HighWater {
  Epoch epoch;
  View notar, final;
  Height fin_height;  // highest block voted FINAL
  Hash fin_id, fin_result;
  std::uint64_t boot = 0;
  static constexpr void fields(auto& s, auto&& visit) {
    visit(s.epoch, s.notar, s.final, s.fin_height, s.fin_id, s.fin_result, s.boot);
  }
};

struct JournalBlock {
  ledger::Header header;
  Bytes payload;  // encoded ledger::Payload
  ledger::Vote vote;
  ledger::Certificate certificate;
};

// The journal read back. Blocks are whole: all parts present, header bound to payload and certificate.
struct JournalImage {
  std::map<std::uint64_t, JournalBlock> blocks;  // by height
  std::optional<HighWater> high_water;
  std::uint64_t boots = 0;
};

std::vector<Record> encode_block(const JournalBlock& block, const HighWater& high_water);
// corrupt if a record does not decode, parts of a block are missing or do not belong together, or heights have a gap.
Result<JournalImage> read_journal(std::span<const Record> records);

}  // namespace dos::consensus
