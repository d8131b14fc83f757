#include "client/trust/network.hpp"

#include "client/home/private_file.hpp"
#include "client/trust/json_text.hpp"
#include "client/trust/known_networks.hpp"
#include "codec/bcs.hpp"

namespace dos::client {
using Json = nlohmann::ordered_json;

bool valid_network_name(std::string_view name) {
  if (name.empty() || name.size() > 32) return false;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (!plain && (i == 0 || (c != '-' && c != '_' && c != '.'))) return false;
  }
  return true;
}

std::string network_json(const NetworkRecord& r) {
  Json nodes = Json::array();
  for (const auto& n : r.nodes)
    nodes.push_back({{"name", n.name}, {"url", n.url}, {"p2p", n.p2p}, {"pid", n.pid}, {"admin", n.admin}, {"binary", n.binary}});
  Json j = {{"v", 1},         {"name", r.name},     {"chain", r.chain},  {"genesis", hex(r.genesis.view())}, {"format", r.format},
            {"nodes", nodes}, {"binary", r.binary}, {"toured", r.toured}};
  return j.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

namespace {

std::string text_at(const nlohmann::json& j, const char* key) {
  const auto it = j.find(key);
  return it != j.end() && it->is_string() ? it->get<std::string>() : std::string();
}

std::unexpected<Error> no_record(const char* why) { return fail(Errc::malformed, std::string("net.json: ") + why); }

}  // namespace

Result<NetworkRecord> parse_network(BytesView bytes) {
  const auto parsed = parse_json(bytes, kMaxRecordBytes, "net.json");
  if (!parsed) return fail(Errc::malformed, parsed.error().detail);
  const auto& j = *parsed;
  if (!j.is_object()) return no_record("no JSON object");
  const auto v = j.find("v");
  if (v == j.end() || !v->is_number_unsigned() || v->get<std::uint64_t>() != 1) return no_record("version is not 1");
  NetworkRecord r;
  r.name = text_at(j, "name");
  r.chain = text_at(j, "chain");
  r.format = text_at(j, "format");
  r.binary = text_at(j, "binary");
  r.toured = text_at(j, "toured");
  if (!valid_network_name(r.name)) return no_record("no valid name");
  Bytes genesis;
  if (!unhex(text_at(j, "genesis"), genesis) || genesis.size() != 32) return no_record("no genesis hash");
  std::copy(genesis.begin(), genesis.end(), r.genesis.bytes.begin());
  const auto nodes = j.find("nodes");
  if (nodes == j.end() || !nodes->is_array() || nodes->size() > kMaxNodes) return no_record("no list of nodes");
  for (const auto& n : *nodes) {
    if (!n.is_object()) return no_record("a node is no object");
    NodeRecord node{text_at(n, "name"), text_at(n, "url"), text_at(n, "p2p"), 0, text_at(n, "admin"), text_at(n, "binary")};
    if (node.binary.empty()) node.binary = r.binary;  // of a record in which it stood once for all
    if (!parse_url(node.url)) return no_record("a node has no valid url");
    if (const auto pid = n.find("pid"); pid != n.end() && pid->is_number_integer()) node.pid = pid->get<std::int64_t>();
    r.nodes.push_back(std::move(node));
  }
  return r;
}

Result<NetworkRecord> load_record(const std::filesystem::path& folder) {
  DOS_ASSIGN(auto bytes, read_regular(folder / "net.json", kMaxRecordBytes));
  return parse_network(bytes);
}

Status save_record(const std::filesystem::path& folder, const NetworkRecord& record) {
  return write_private(folder / "net.json", as_bytes(network_json(record)));
}

Result<PinnedGenesis> read_genesis(const std::filesystem::path& file) {
  DOS_ASSIGN(auto bytes, read_regular(file, kMaxGenesisBytes));
  auto genesis = ledger::decode_genesis(bytes);
  if (!genesis) return fail(genesis.error().code, file.string() + ": " + genesis.error().detail);
  const auto chain = ledger::genesis_hash(*genesis);
  return PinnedGenesis{std::move(*genesis), chain};
}

Result<Network> load_network(const Places& places, std::string_view name) {
  if (!valid_network_name(name)) return fail(Errc::usage, "'" + std::string(name) + "' is no name of a network");
  const auto folder = places.net(name);
  auto record = load_record(folder);
  if (!record) {
    if (record.error().code != Errc::no_host_file) return std::unexpected(record.error());
    if (name == "local") return fail(Errc::unreachable, "no network is up; start it: dos net up");
    return fail(Errc::net_absent, "'" + std::string(name) + "'");
  }
  if (record->format != ledger::kFormat)
    return fail(Errc::other_format, "network '" + record->name + "' has format " + record->format + ", this build " + ledger::kFormat);
  DOS_ASSIGN(auto pinned, read_genesis(folder / kGenesisFile));
  if (pinned.chain != record->genesis)
    return fail(Errc::chain_changed, "genesis.dos of network '" + record->name + "' is not the one that net.json names");
  Network network;
  network.record = std::move(*record);
  network.valset = ledger::valset_hash(pinned.genesis.validators);
  network.genesis = std::move(pinned.genesis);
  network.chain = pinned.chain;
  network.folder = folder;
  return network;
}

}  // namespace dos::client
