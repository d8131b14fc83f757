// CRC-32C (Castagnoli; RFC 3720 appendix B.4): finds bit rot and torn writes in files. Not a commitment.
#pragma once
#include "base/bytes.hpp"

namespace dos::store {

std::uint32_t crc32c(BytesView data, std::uint32_t before = 0);  // `before`: the checksum of what comes before

}  // namespace dos::store
