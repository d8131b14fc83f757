// What a revision may contain (modules/fs/fs.md, Content).
#pragma once
#include "modules/fs/rights.hpp"

namespace dos::fs {

// Refuses content that is not well formed, not stored, or whose sizes do not fit; charges rent for a blob. Returns the hash
// that entry and revision carry.
Hash accept_content(const Content& content, const std::optional<Source>& source, TimeMs paid_until);
// Block time <= t <= block time + kMaxPaidMs. The kernel asks for more: a term of a week at least, of what is written and what
// rent is charged for.
void check_paid_until(TimeMs t);
void check_ring(const RingEpoch& ring, std::uint32_t epoch);

void write_revision(const Id& file, std::uint32_t revision, const std::string& owner, Op op, const Content& content, const Hash& hash,
                    TimeMs paid_until);
// The entry's copy of what its present revision is.
void show_content(EntryMeta& meta, const Content& content, const Hash& hash, std::uint32_t revision);

}  // namespace dos::fs
