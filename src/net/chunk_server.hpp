// Chunks for peers. Whoever pulls along with an upload asks with `wait`: a chunk that is still on its way here is answered
// when it comes, so that nobody polls. Few such asks are kept a peer; more, or older ones, are answered "not held".
#pragma once
#include <map>

#include "base/edge.hpp"
#include "net/outbox.hpp"

namespace dos::net {

inline constexpr std::uint32_t kParkedPerPeer = 8;
inline constexpr std::uint64_t kParkedNs = 2'000'000'000;

struct BlobSource {
  virtual ~BlobSource() = default;
  virtual Result<std::optional<ledger::BlobManifest>> manifest_of(const Hash& root) = 0;  // none: not held
  virtual Result<std::optional<Bytes>> chunk_of(const Hash& root, std::uint32_t index) = 0;  // none: not held (yet)
};

class ChunkServer {
 public:
  ChunkServer(Outbox& out, Clock& clock, BlobSource& source);
  void received(std::uint16_t from, GetManifest ask);
  void received(std::uint16_t from, GetChunk ask);
  void chunk_here(const Hash& root, std::uint32_t index);   // put by an upload or a pull
  void peer_down(std::uint16_t peer);
  void wake();
  std::optional<std::uint64_t> deadline_ns() const;
  std::size_t parked() const { return parked_.size(); }
  std::uint64_t failed_reads() const { return failed_reads_; }
  std::uint64_t no_room() const { return no_room_; }        // not answered: the asker does not read its answers

 private:
  using Key = std::tuple<Hash, std::uint32_t, std::uint16_t>;  // root, index, peer
  std::optional<Bytes> read(const Hash& root, std::uint32_t index);
  void answer_parked(std::uint16_t peer, Chunk chunk);
  std::map<Key, std::uint64_t>::iterator unpark(std::map<Key, std::uint64_t>::iterator at);

  Outbox& out_;
  Clock& clock_;
  BlobSource& source_;
  std::map<Key, std::uint64_t> parked_;                       // until
  std::map<std::uint16_t, std::uint32_t> per_peer_;
  std::uint64_t failed_reads_ = 0, no_room_ = 0;
};

}  // namespace dos::net
