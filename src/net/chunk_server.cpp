#include "net/chunk_server.hpp"

#include <algorithm>

namespace dos::net {

ChunkServer::ChunkServer(Outbox& out, Clock& clock, BlobSource& source) : out_(out), clock_(clock), source_(source) {}

void ChunkServer::received(std::uint16_t from, GetManifest ask) {
  if (!out_.room_for(from, kMaxFrameBytes)) {
    ++no_room_;
    return;
  }
  auto manifest = source_.manifest_of(ask.root);
  if (!manifest) ++failed_reads_;
  out_.send(from, Manifest{ask.root, manifest ? std::move(*manifest) : std::nullopt});
}

std::optional<Bytes> ChunkServer::read(const Hash& root, std::uint32_t index) {
  auto bytes = source_.chunk_of(root, index);
  if (bytes) return std::move(*bytes);
  ++failed_reads_;  // damaged or unreadable: as good as not here
  return std::nullopt;
}

void ChunkServer::received(std::uint16_t from, GetChunk ask) {
  if (!out_.room_for(from, kChunkBytes)) {
    ++no_room_;
    return;
  }
  auto bytes = read(ask.root, ask.index);
  if (!bytes && ask.wait && per_peer_[from] < kParkedPerPeer) {
    if (parked_.emplace(Key{ask.root, ask.index, from}, clock_.monotonic_ns() + kParkedNs).second) ++per_peer_[from];
    return;
  }
  out_.send(from, Chunk{ask.root, ask.index, std::move(bytes)});
}

void ChunkServer::chunk_here(const Hash& root, std::uint32_t index) {
  auto at = parked_.lower_bound({root, index, 0});
  const auto asked = [&] { return at != parked_.end() && std::get<0>(at->first) == root && std::get<1>(at->first) == index; };
  if (!asked()) return;
  const auto bytes = read(root, index);
  while (asked()) {
    const auto peer = std::get<2>(at->first);
    at = unpark(at);
    answer_parked(peer, Chunk{root, index, bytes});
  }
}

// Its question is long over: what it costs is taken off here. Who does not read its answers gets none, and asks again.
void ChunkServer::answer_parked(std::uint16_t peer, Chunk chunk) {
  const auto bytes = chunk.bytes ? chunk.bytes->size() : 0;
  if (!out_.room_for(peer, bytes)) {
    ++no_room_;
    return;
  }
  out_.charge(peer, {1, bytes, 0});
  out_.send(peer, std::move(chunk));
}

std::map<ChunkServer::Key, std::uint64_t>::iterator ChunkServer::unpark(std::map<Key, std::uint64_t>::iterator at) {
  const auto count = per_peer_.find(std::get<2>(at->first));
  if (--count->second == 0) per_peer_.erase(count);
  return parked_.erase(at);
}

void ChunkServer::peer_down(std::uint16_t peer) {
  for (auto at = parked_.begin(); at != parked_.end();) at = std::get<2>(at->first) == peer ? unpark(at) : std::next(at);
  per_peer_.erase(peer);
}

void ChunkServer::wake() {
  const auto now = clock_.monotonic_ns();
  for (auto at = parked_.begin(); at != parked_.end();) {
    if (at->second > now) {
      ++at;
      continue;
    }
    const auto [root, index, peer] = at->first;
    at = unpark(at);
    answer_parked(peer, Chunk{root, index, {}});
  }
}

std::optional<std::uint64_t> ChunkServer::deadline_ns() const {
  std::optional<std::uint64_t> due;
  for (const auto& [key, until] : parked_) due = due ? std::min(*due, until) : until;
  return due;
}

}  // namespace dos::net
