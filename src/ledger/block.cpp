#include "ledger/block.hpp"

namespace dos::ledger {

Hash valset_hash(const ValidatorSet& set) { return crypto::hash_of(crypto::domain::kValidators, set); }
Hash block_id(const Header& header) { return crypto::hash_of(crypto::domain::kBlock, header); }
Hash result_of(const ResultParts& parts) { return crypto::hash_of(crypto::domain::kResult, parts); }
Hash payload_hash(BytesView encoded_payload) { return crypto::hash(crypto::domain::kPayload, encoded_payload); }

}  // namespace dos::ledger
