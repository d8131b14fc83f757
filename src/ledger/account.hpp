// What makes an account well formed (docs/spec/objects.md). The kernel applies it to every account object that the module
// `id` writes, so no module can make an account that the native permission check cannot judge. Shared by host and guests.
#pragma once
#include "ledger/state_formats.hpp"

namespace dos::ledger {

inline constexpr std::uint32_t kMaxPermissions = 8;       // of one account
inline constexpr std::uint32_t kMaxPermissionMembers = 16;  // keys and accounts of one permission
inline constexpr std::uint32_t kMaxEncryptionKeys = 16;

// Permissions "owner" and "active", each reachable, keys well formed and unique in their permission, encryption epochs
// ascending. In suite pq no permission can be satisfied without a post-quantum key: the classical keys of a permission
// weigh less than its threshold together (nested accounts satisfy the rule by themselves), and encryption keys are X-Wing.
Status check_account(const Account& account, crypto::Suite suite);

}  // namespace dos::ledger
