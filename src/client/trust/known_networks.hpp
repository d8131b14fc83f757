// Chains that this user has met: pinned on first contact, kept after `net reset` and `net rm` (like ssh's known_hosts).
// Beside the pin lies the genesis itself, so that proofs verify offline. And the highest block verified of each chain.
#pragma once
#include <optional>

#include "client/home/places.hpp"
#include "ledger/genesis.hpp"

namespace dos::client {

struct KnownNetwork {
  Hash chain;  // = genesis hash
  std::string name;  // of the network on this machine when it was pinned: "local"
  ledger::NetworkKind kind = ledger::NetworkKind::local;
  friend bool operator==(const KnownNetwork&, const KnownNetwork&) = default;
};

inline constexpr std::size_t kMaxKnownNetworks = 10'000;
inline constexpr std::size_t kMaxPinnedGenesisBytes = 16u << 20;

// The file's text (docs/spec/keys-on-disk.md): strict; `corrupt` names the line. Later lines win for a name.
Result<std::vector<KnownNetwork>> parse_known_networks(std::string_view text);
std::string format_known_networks(const std::vector<KnownNetwork>& networks);

Result<std::vector<KnownNetwork>> known_networks(const Places& places);  // none yet: empty
// Adds the pin (or does nothing) and keeps the genesis bytes. `name` that was pinned to another chain: chain_changed,
// unless `replace` (an explicit reset of a local network): then both pins stay and `name` means the new one.
Status pin_network(const Places& places, std::string_view name, BytesView genesis_bytes, bool replace);
Result<std::optional<KnownNetwork>> known_network(const Places& places,
                                                  std::string_view name);  // the newest of that name
Result<bool> is_known(const Places& places, const Hash& chain);
// The genesis of a pinned chain, its hash checked again. no_genesis: not pinned, or its file is gone.
Result<ledger::Genesis> known_genesis(const Places& places, const Hash& chain);

struct SeenBlock {
  Height height;
  Hash block;
  DOS_FIELDS(height, block);
  friend bool operator==(const SeenBlock&, const SeenBlock&) = default;
};
Result<std::optional<SeenBlock>> highest_seen(const Places& places, const Hash& chain);
// After full verification only. Lower than what is kept: nothing happens. The same height with another block hash is
// two final blocks at one height: chain_changed.
Status raise_highest_seen(const Places& places, const Hash& chain, const SeenBlock& block);

}  // namespace dos::client
