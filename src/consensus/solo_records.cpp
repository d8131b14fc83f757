#include "consensus/solo_records.hpp"

namespace dos::consensus {

std::vector<Record> encode_block(const JournalBlock& block, const HighWater& high_water) {
  const Height h = block.header.height;
  return {{RecordKind::header, h, codec::encode(block.header)},
          {RecordKind::payload, h, block.payload},
          {RecordKind::own_vote, h, codec::encode(block.vote)},
          {RecordKind::certificate, h, codec::encode(block.certificate)},
          {RecordKind::high_water, h, codec::encode(high_water)}};
}

namespace {

struct Parts {
  std::optional<ledger::Header> header;
  std::optional<Bytes> payload;
  std::optional<ledger::Vote> vote;
  std::optional<ledger::Certificate> certificate;
};

template <class T>
Status read_part(std::optional<T>& into, const Record& record, const char* what) {
  auto value = codec::decode<T>(record.bytes, what);
  const auto where = std::string(what) + " of block " + std::to_string(record.height.value);
  if (!value) return fail(Errc::corrupt, "the journal's " + where + " does not decode");
  if (into) return fail(Errc::corrupt, "the journal holds a second " + where);
  into = std::move(*value);
  return {};
}

Status check_whole(std::uint64_t height, const Parts& p) {
  const auto name = "block " + std::to_string(height) + " in the journal";
  if (!p.header || !p.payload || !p.vote || !p.certificate) return fail(Errc::corrupt, name + " lacks a part");
  if (p.header->height.value != height) return fail(Errc::corrupt, name + " has another height inside");
  if (p.header->payload.len != p.payload->size() || p.header->payload.payload_hash != ledger::payload_hash(*p.payload))
    return fail(Errc::corrupt, name + " has another payload than its header names");
  if (p.certificate->item.kind != ledger::VoteKind::final || p.certificate->item.id != ledger::block_id(*p.header))
    return fail(Errc::corrupt, name + " has a certificate for something else");
  return {};
}

}  // namespace

Result<JournalImage> read_journal(std::span<const Record> records) {
  JournalImage image;
  std::map<std::uint64_t, Parts> parts;
  for (const auto& r : records) {
    switch (r.kind) {
      case RecordKind::payload: {
        auto& payload = parts[r.height.value].payload;
        if (payload) return fail(Errc::corrupt, "the journal holds a second payload of block " + std::to_string(r.height.value));
        payload = r.bytes;
        break;
      }
      case RecordKind::own_vote: DOS_TRY(read_part(parts[r.height.value].vote, r, "vote")); break;
      case RecordKind::certificate: DOS_TRY(read_part(parts[r.height.value].certificate, r, "certificate")); break;
      case RecordKind::header: DOS_TRY(read_part(parts[r.height.value].header, r, "header")); break;
      case RecordKind::high_water: {
        auto slot = codec::decode<HighWater>(r.bytes, "a high-water slot");
        if (!slot) return fail(Errc::corrupt, "a high-water slot of the journal does not decode");
        if (image.high_water && slot->final < image.high_water->final)
          return fail(Errc::corrupt, "the journal's high-water slots go backwards");
        image.boots = std::max(image.boots, slot->boot);
        image.high_water = *slot;
        break;
      }
      case RecordKind::boot: {
        auto boot = codec::decode<BootCounter>(r.bytes, "a boot counter");
        if (!boot) return fail(Errc::corrupt, "a boot counter of the journal does not decode");
        image.boots = std::max(image.boots, boot->count);
        break;
      }
      default: return fail(Errc::corrupt, "the journal holds a record of an unknown kind");
    }
  }
  std::optional<std::uint64_t> before;
  for (auto& [height, p] : parts) {
    DOS_TRY(check_whole(height, p));
    if (before && height != *before + 1) return fail(Errc::corrupt, "the journal lacks block " + std::to_string(*before + 1));
    before = height;
    image.blocks.emplace(height, JournalBlock{std::move(*p.header), std::move(*p.payload), std::move(*p.vote),
                                              std::move(*p.certificate)});
  }
  if (before && (!image.high_water || image.high_water->fin_height.value < *before))
    return fail(Errc::corrupt, "the journal's high-water slot is behind its blocks");
  return image;
}

}  // namespace dos::consensus
