// No request stops the agent, and none takes it over its limits.
#include "base/check.hpp"
#include "client/keys/agent_keys.hpp"
#include "client/keys/dev_key_file.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace dos;
  using namespace dos::client;
  static auto memory = AgentMemory::make();
  DOS_CHECK(memory);
  static std::uint64_t now = 1;
  const BytesView in(data, size);
  if (const auto request = decode_agent_request(in)) {
    DOS_CHECK(equal(codec::encode(*request), in));
    if (!std::holds_alternative<AgentStop>(request->is)) DOS_CHECK(codec::encode(memory->answer(*request, ++now)).size() <= kMaxAgentFrame);
  }
  (void)codec::decode<AgentAnswer>(in);
  if (const auto key = decode_dev_key(in)) DOS_CHECK(key->development());
  return 0;
}
