#include "client/trust/known_networks.hpp"

#include "client/home/private_file.hpp"
#include "crypto/hash.hpp"

namespace dos::client {
namespace {

constexpr std::string_view kFirstLine = "# DOS known networks 1";
constexpr std::size_t kMaxFileBytes = 2u << 20;

std::string_view kind_name(ledger::NetworkKind kind) {
  switch (kind) {
    case ledger::NetworkKind::local: return "local";
    case ledger::NetworkKind::institutional: return "institutional";
    case ledger::NetworkKind::public_: return "public";
  }
  return "local";
}

bool valid_pin_name(std::string_view name) {
  if (name.empty() || name.size() > 32) return false;
  for (const unsigned char c : name)
    if (c <= 0x20 || c >= 0x7f) return false;
  return true;
}

std::string_view take_word(std::string_view& line) {
  const auto end = line.find(' ');
  const auto word = line.substr(0, end);
  line = end == std::string_view::npos ? std::string_view() : line.substr(end + 1);
  return word;
}

std::optional<KnownNetwork> parse_line(std::string_view line) {
  KnownNetwork n;
  const auto chain = take_word(line), name = take_word(line), kind = line;
  Bytes hash;
  if (chain.size() != 64 || !unhex(chain, hash) || hex(hash) != chain || !valid_pin_name(name)) return {};
  std::copy(hash.begin(), hash.end(), n.chain.bytes.begin());
  n.name = name;
  for (auto k : {ledger::NetworkKind::local, ledger::NetworkKind::institutional, ledger::NetworkKind::public_})
    if (kind == kind_name(k)) {
      n.kind = k;
      return n;
    }
  return {};
}

}  // namespace

Result<std::vector<KnownNetwork>> parse_known_networks(std::string_view text) {
  std::vector<KnownNetwork> out;
  if (text.empty()) return out;
  auto bad = [](std::size_t line, const char* what) {
    return fail(Errc::corrupt, "known_networks, line " + std::to_string(line) + ": " + what);
  };
  for (std::size_t number = 1; !text.empty(); ++number) {
    const auto end = text.find('\n');
    if (end == std::string_view::npos) return bad(number, "the line does not end");
    const auto line = text.substr(0, end);
    text.remove_prefix(end + 1);
    if (number == 1) {
      if (line != kFirstLine) return bad(number, "not the first line of such a file");
      continue;
    }
    auto one = parse_line(line);
    if (!one) return bad(number, "not 'CHAIN NAME KIND'");
    if (out.size() == kMaxKnownNetworks) return bad(number, "too many networks");
    for (const auto& before : out)
      if (before == *one) return bad(number, "stands there twice");
    out.push_back(std::move(*one));
  }
  return out;
}

std::string format_known_networks(const std::vector<KnownNetwork>& networks) {
  std::string out(kFirstLine);
  out += '\n';
  for (const auto& n : networks) out += hex(n.chain.view()) + ' ' + n.name + ' ' + std::string(kind_name(n.kind)) + '\n';
  return out;
}

Result<std::vector<KnownNetwork>> known_networks(const Places& places) {
  auto text = read_regular(places.known_networks(), kMaxFileBytes);
  if (!text) {
    if (text.error().code == Errc::no_host_file) return std::vector<KnownNetwork>{};
    return std::unexpected(text.error());
  }
  return parse_known_networks(as_text(*text));
}

Status pin_network(const Places& places, std::string_view name, BytesView genesis_bytes, bool replace) {
  if (!valid_pin_name(name)) return fail(Errc::usage, "'" + std::string(name) + "' is no name of a network");
  DOS_ASSIGN(const auto genesis, ledger::decode_genesis(genesis_bytes));
  const KnownNetwork fresh{ledger::genesis_hash(genesis), std::string(name), genesis.kind};
  DOS_ASSIGN(const auto lock, FileLock::take(places.data / "known_networks.lock"));
  DOS_ASSIGN(auto networks, known_networks(places));
  const KnownNetwork* newest = nullptr;
  for (const auto& n : networks)
    if (n.name == name) newest = &n;
  if (newest != nullptr && newest->chain != fresh.chain && !replace)
    return fail(Errc::chain_changed, "'" + std::string(name) + "' was the chain " + hex(newest->chain.view()).substr(0, 16) +
                                         "…, this is " + hex(fresh.chain.view()).substr(0, 16) + "…");
  // The genesis first: a pin without it would verify nothing.
  DOS_TRY(write_private(places.genesis(fresh.chain), genesis_bytes));
  if (newest != nullptr && *newest == fresh) return {};
  std::erase(networks, fresh);  // met again after another chain had the name: it is the newest now
  if (networks.size() == kMaxKnownNetworks) return fail(Errc::limit, "known_networks holds " + std::to_string(kMaxKnownNetworks));
  networks.push_back(fresh);
  return write_private(places.known_networks(), as_bytes(format_known_networks(networks)));
}

Result<std::optional<KnownNetwork>> known_network(const Places& places, std::string_view name) {
  DOS_ASSIGN(auto networks, known_networks(places));
  std::optional<KnownNetwork> found;
  for (auto& n : networks)
    if (n.name == name) found = std::move(n);
  return found;
}

Result<bool> is_known(const Places& places, const Hash& chain) {
  DOS_ASSIGN(const auto networks, known_networks(places));
  for (const auto& n : networks)
    if (n.chain == chain) return true;
  return false;
}

Result<ledger::Genesis> known_genesis(const Places& places, const Hash& chain) {
  DOS_ASSIGN(const bool known, is_known(places, chain));
  if (!known) return fail(Errc::no_genesis, "the chain " + hex(chain.view()).substr(0, 16) + "… is not among the known networks");
  auto bytes = read_regular(places.genesis(chain), kMaxPinnedGenesisBytes);
  if (!bytes) {
    if (bytes.error().code == Errc::no_host_file) return fail(Errc::no_genesis, bytes.error().detail);
    return std::unexpected(bytes.error());
  }
  auto genesis = ledger::decode_genesis(*bytes);
  if (!genesis || ledger::genesis_hash(*genesis) != chain)
    return fail(Errc::corrupt, places.genesis(chain).string() + " is not the genesis of that chain");
  return std::move(*genesis);
}

Result<std::optional<SeenBlock>> highest_seen(const Places& places, const Hash& chain) {
  auto bytes = read_regular(places.height(chain), 64);
  if (!bytes) {
    if (bytes.error().code == Errc::no_host_file) return std::optional<SeenBlock>{};
    return std::unexpected(bytes.error());
  }
  auto seen = codec::decode<SeenBlock>(*bytes, "a block seen");
  if (!seen) return fail(Errc::corrupt, places.height(chain).string() + ": " + seen.error().detail);
  return std::optional<SeenBlock>(*seen);
}

Status raise_highest_seen(const Places& places, const Hash& chain, const SeenBlock& block) {
  const auto file = places.height(chain);
  DOS_ASSIGN(const auto lock, FileLock::take(file.string() + ".lock"));
  DOS_ASSIGN(const auto seen, highest_seen(places, chain));
  if (seen && seen->height == block.height && seen->block != block.block)
    return fail(Errc::chain_changed, "two blocks are final at height " + std::to_string(block.height.value) + ": " +
                                         hex(seen->block.view()) + " was seen before, now " + hex(block.block.view()));
  if (seen && seen->height >= block.height) return {};
  return write_private(file, codec::encode(block));
}

}  // namespace dos::client
