// The agent's memory: master secrets in pages that are locked (never swapped), left out of core dumps and of forks.
#pragma once
#include <optional>

#include "client/keys/agent.hpp"

namespace dos::client {

class AgentMemory {
 public:
  static Result<AgentMemory> make();  // host_io: this process may not lock a few pages
  AgentMemory(AgentMemory&& other) noexcept : slots_(std::exchange(other.slots_, nullptr)), meta_(std::move(other.meta_)) {}
  AgentMemory& operator=(AgentMemory&&) = delete;
  ~AgentMemory();

  // Times are seconds on one clock that does not go back.
  AgentAnswer answer(const AgentRequest& request, std::uint64_t now);  // not AgentStop
  void expire(std::uint64_t now);
  bool empty() const { return meta_.empty(); }
  std::optional<std::uint64_t> next_expiry() const;

 private:
  struct Meta {
    KeyRef key;
    std::size_t slot = 0;
    std::uint64_t until = 0;
  };
  explicit AgentMemory(std::uint8_t* slots) : slots_(slots) {}
  void forget(std::size_t index);
  AgentAnswer add(const AgentAdd& add, std::uint64_t now);
  std::uint8_t* slots_;  // kMaxAgentKeys of kMasterBytes
  std::vector<Meta> meta_;
};

}  // namespace dos::client
