// The manifest of content that is in memory anyway: code of modules, what tests upload.
#pragma once
#include "ledger/blob.hpp"

namespace dos::ledger {

BlobManifest manifest_of(BytesView content);

}  // namespace dos::ledger
