// `dos key agent`: a small process that keeps unlocked secrets for a time, like ssh-agent. A unix socket in the run folder
// (0700), only for processes of the same user (SO_PEERCRED). Secrets lie in locked memory that no core dump contains and
// are wiped when their time is over. It hands a secret to whoever of this user asks: it protects against a stolen disk and
// against typing the passphrase again, not against other programs of the same user (CAVEATS).
#pragma once
#include <chrono>
#include <variant>

#include "client/keys/key_store.hpp"

namespace dos::client {

inline constexpr std::chrono::seconds kAgentTime{15 * 60};
inline constexpr std::chrono::seconds kMaxAgentTime{24 * 3600};
inline constexpr std::size_t kMaxAgentKeys = 64;
inline constexpr std::size_t kMaxAgentFrame = 8192;

// ---- frames: u32 length, little-endian, then BCS. One request, one answer, any number of times.
struct AgentAdd {
  KeyRef key;
  ByteArray<kMasterBytes> master{};
  std::uint32_t seconds = 0;
  DOS_FIELDS(key.account, key.chain, key.suite, key.index, master, seconds);
};
struct AgentGet {
  Hash chain;
  std::string account;
  DOS_FIELDS(chain, account);
};
struct AgentList {
  DOS_FIELDS();
};
struct AgentLock {  // forget one, or all when `account` is empty
  Hash chain;
  std::string account;
  DOS_FIELDS(chain, account);
};
struct AgentStop {
  DOS_FIELDS();
};
struct AgentRequest {
  std::variant<AgentAdd, AgentGet, AgentList, AgentLock, AgentStop> is;
  DOS_FIELDS(is);
};
struct AgentKey {
  std::string account;
  Hash chain;
  std::uint32_t seconds_left = 0;
  DOS_FIELDS(account, chain, seconds_left);
};
struct AgentDone {
  DOS_FIELDS();
};
struct AgentSecret {
  crypto::Suite suite = crypto::Suite::pq;
  std::uint32_t index = 0;
  ByteArray<kMasterBytes> master{};
  DOS_FIELDS(suite, index, master);
};
struct AgentKeys {
  std::vector<AgentKey> keys;
  DOS_FIELDS(keys);
};
struct AgentRefusal {
  std::string why;
  DOS_FIELDS(why);
};
struct AgentAnswer {
  std::variant<AgentDone, AgentSecret, AgentKeys, AgentRefusal> is;
  DOS_FIELDS(is);
};
Result<AgentRequest> decode_agent_request(BytesView frame);

// ---- the process
// Serves until AgentStop, until SIGTERM, or until it has held no key for kAgentTime. conflict: an agent answers there already.
Status serve_agent(const Places& places);
// Starts serve_agent in a process of its own (own session, no terminal) and returns once it answers; one that runs already
// is success.
Status start_agent(const Places& places);

// ---- its clients. No agent: agent_get gives nothing, the others locked_key or unreachable.
bool agent_running(const Places& places);
Status agent_add(const Places& places, const Hash& chain, const Identity& identity, std::chrono::seconds time);
Result<std::optional<Identity>> agent_get(const Places& places, const Hash& chain, std::string_view account);
Result<std::vector<AgentKey>> agent_list(const Places& places);
Status agent_lock(const Places& places, const Hash& chain, std::string_view account);  // account empty: all
Status agent_stop(const Places& places);

}  // namespace dos::client
