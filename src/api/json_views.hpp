// JSON forms for people of what the wire carries: u64 and amounts as strings, sizes and counts as numbers, hashes in hex,
// bytes in base64 (docs/spec/wire.md, "Media types"). Each gives a whole JSON text.
#pragma once
#include "ledger/wire.hpp"

namespace dos::api {

std::string json_of(const ledger::Anchor& anchor);
std::string json_of(const ledger::TipAnswer& answer);
std::string json_of(const ledger::BlockAnswer& answer);
std::string json_of(const ledger::SubmitAnswer& answer);
std::string json_of(const ledger::Receipt& receipt);
std::string json_of(const ledger::BlobStatus& status);
std::string json_of(const ledger::BlobManifest& manifest);
std::string json_of(const ledger::StoredAnswer& answer);
std::string time_text(TimeMs time);  // RFC 3339 UTC with milliseconds

}  // namespace dos::api
