#include "client/keys/agent_keys.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace dos::client {
namespace {
constexpr std::size_t kMemoryBytes = kMaxAgentKeys * kMasterBytes;
}

Result<AgentMemory> AgentMemory::make() {
  void* memory = ::mmap(nullptr, kMemoryBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return fail(Errc::host_io, std::string("no memory for keys: ") + std::strerror(errno));
  if (::mlock(memory, kMemoryBytes) != 0) {
    const int why = errno;
    ::munmap(memory, kMemoryBytes);
    return fail(Errc::host_io, std::string("cannot lock memory for keys (ulimit -l): ") + std::strerror(why));
  }
  ::madvise(memory, kMemoryBytes, MADV_DONTDUMP);
  ::madvise(memory, kMemoryBytes, MADV_WIPEONFORK);
  return AgentMemory(static_cast<std::uint8_t*>(memory));
}

AgentMemory::~AgentMemory() {
  if (slots_ == nullptr) return;
  crypto::wipe({slots_, kMemoryBytes});
  ::munmap(slots_, kMemoryBytes);
}

void AgentMemory::forget(std::size_t index) {
  crypto::wipe({slots_ + meta_[index].slot * kMasterBytes, kMasterBytes});
  meta_.erase(meta_.begin() + std::ptrdiff_t(index));
}

void AgentMemory::expire(std::uint64_t now) {
  for (std::size_t i = meta_.size(); i-- > 0;)
    if (meta_[i].until <= now) forget(i);
}

std::optional<std::uint64_t> AgentMemory::next_expiry() const {
  std::optional<std::uint64_t> first;
  for (const auto& m : meta_) first = std::min(first.value_or(m.until), m.until);
  return first;
}

AgentAnswer AgentMemory::add(const AgentAdd& a, std::uint64_t now) {
  if (!ledger::valid_account_name(a.key.account)) return {AgentRefusal{"that is no account name"}};
  if (a.seconds == 0 || a.seconds > std::uint32_t(kMaxAgentTime.count())) return {AgentRefusal{"a key is kept for 1 second to 24 hours"}};
  for (std::size_t i = meta_.size(); i-- > 0;)
    if (meta_[i].key.account == a.key.account && meta_[i].key.chain == a.key.chain) forget(i);
  if (meta_.size() == kMaxAgentKeys)
    return {AgentRefusal{"the agent holds " + std::to_string(kMaxAgentKeys) + " keys, which is all it takes"}};
  std::size_t slot = 0;
  while (std::any_of(meta_.begin(), meta_.end(), [&](const auto& m) { return m.slot == slot; })) ++slot;
  std::copy(a.master.begin(), a.master.end(), slots_ + slot * kMasterBytes);
  meta_.push_back({a.key, slot, now + a.seconds});
  return {AgentDone{}};
}

AgentAnswer AgentMemory::answer(const AgentRequest& request, std::uint64_t now) {
  expire(now);
  if (const auto* a = std::get_if<AgentAdd>(&request.is)) return add(*a, now);
  if (const auto* get = std::get_if<AgentGet>(&request.is)) {
    for (const auto& m : meta_)
      if (m.key.account == get->account && m.key.chain == get->chain) {
        AgentSecret secret{m.key.suite, m.key.index, {}};
        std::copy_n(slots_ + m.slot * kMasterBytes, kMasterBytes, secret.master.begin());
        AgentAnswer out{secret};
        crypto::wipe(secret.master);
        return out;
      }
    return {AgentRefusal{"not unlocked"}};
  }
  if (const auto* lock = std::get_if<AgentLock>(&request.is)) {
    for (std::size_t i = meta_.size(); i-- > 0;)
      if (lock->account.empty() || (meta_[i].key.account == lock->account && meta_[i].key.chain == lock->chain)) forget(i);
    return {AgentDone{}};
  }
  AgentKeys keys;
  for (const auto& m : meta_) keys.keys.push_back({m.key.account, m.key.chain, std::uint32_t(m.until - now)});
  return {std::move(keys)};
}

}  // namespace dos::client
