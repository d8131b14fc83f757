#include "client/keys/agent.hpp"

#include "client/keys/agent_socket.hpp"

namespace dos::client {
namespace {

Result<AgentAnswer> ask(const Places& places, const AgentRequest& request) {
  const auto agent = connect_agent(places);
  if (!agent.open()) return fail(Errc::locked_key, "no key agent runs: start it with `dos key agent`");
  auto bytes = encode_frame(request);
  const auto sent = agent.send(bytes);
  crypto::wipe(bytes);
  if (!sent) return std::unexpected(sent.error());
  DOS_ASSIGN(const auto frame, agent.receive());
  auto answer = codec::decode<AgentAnswer>(frame.view(), "an agent's answer");
  if (!answer) return fail(Errc::unreachable, "the key agent answers in another language: stop it with `dos key agent --stop`");
  return answer;
}

Status done(const Result<AgentAnswer>& answer) {
  if (!answer) return std::unexpected(answer.error());
  if (const auto* refusal = std::get_if<AgentRefusal>(&answer->is)) return fail(Errc::usage, "the key agent refused: " + refusal->why);
  if (!std::holds_alternative<AgentDone>(answer->is)) return fail(Errc::unreachable, "the key agent gave another answer");
  return {};
}

}  // namespace

Result<AgentRequest> decode_agent_request(BytesView frame) {
  if (frame.size() > kMaxAgentFrame)
    return fail(Errc::limit, "a request of the key agent has at most " + std::to_string(kMaxAgentFrame) + " bytes");
  return codec::decode<AgentRequest>(frame, "an agent's request");
}

bool agent_running(const Places& places) { return connect_agent(places).open(); }

Status agent_add(const Places& places, const Hash& chain, const Identity& identity, std::chrono::seconds time) {
  if (time.count() < 1 || time > kMaxAgentTime) return fail(Errc::usage, "the agent keeps a key for 1 second to 24 hours");
  AgentAdd add{{identity.account(), chain, identity.suite(), identity.index(), false}, {}, std::uint32_t(time.count())};
  std::copy_n(identity.master().data(), kMasterBytes, add.master.begin());
  AgentRequest request{add};
  crypto::wipe(add.master);
  const auto answer = ask(places, request);
  crypto::wipe(std::get<AgentAdd>(request.is).master);
  return done(answer);
}

Result<std::optional<Identity>> agent_get(const Places& places, const Hash& chain, std::string_view account) {
  auto answer = ask(places, {AgentGet{chain, std::string(account)}});
  if (!answer) {
    if (answer.error().code == Errc::locked_key) return std::optional<Identity>{};
    return std::unexpected(answer.error());
  }
  auto* secret = std::get_if<AgentSecret>(&answer->is);
  if (secret == nullptr) return std::optional<Identity>{};
  auto identity = Identity::from_master(std::string(account), secret->suite, secret->master, secret->index);
  crypto::wipe(secret->master);
  if (!identity) return std::unexpected(identity.error());
  return std::optional<Identity>(std::move(*identity));
}

Result<std::vector<AgentKey>> agent_list(const Places& places) {
  DOS_ASSIGN(auto answer, ask(places, {AgentList{}}));
  auto* keys = std::get_if<AgentKeys>(&answer.is);
  if (keys == nullptr) return fail(Errc::unreachable, "the key agent gave another answer");
  return std::move(keys->keys);
}

Status agent_lock(const Places& places, const Hash& chain, std::string_view account) {
  return done(ask(places, {AgentLock{chain, std::string(account)}}));
}

Status agent_stop(const Places& places) { return done(ask(places, {AgentStop{}})); }

}  // namespace dos::client
