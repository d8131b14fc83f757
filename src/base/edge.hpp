// The edge of the pure layers: everything they may ask of the outside is one of these interfaces, handed to them.
// The real ones live in os/ and links/; the simulator has its own. Nothing in src/ asks whether it is simulated.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/limits.hpp"
#include "base/result.hpp"

namespace dos {

struct Clock {
  virtual ~Clock() = default;
  virtual std::uint64_t wall_ms() = 0;       // milliseconds since 1970-01-01 UTC; may jump
  virtual std::uint64_t monotonic_ns() = 0;  // never goes back
};

struct Entropy {
  virtual ~Entropy() = default;
  virtual void fill(std::span<std::uint8_t> out) = 0;  // cryptographically secure
};

// A file opened through Disk. Offsets and sizes are bytes. Every failure is Errc::disk with the path in `detail`, or
// Errc::disk_full. After a failed write or sync the caller must stop using the store (never retry on the same file).
struct DiskFile {
  virtual ~DiskFile() = default;
  virtual Status read_at(std::uint64_t offset, std::span<std::uint8_t> out) = 0;  // whole span or an error
  virtual Status write_at(std::uint64_t offset, BytesView data) = 0;
  virtual Status sync() = 0;                                                    // fdatasync
  virtual Status truncate(std::uint64_t size) = 0;
  virtual Result<std::uint64_t> size() = 0;
};

// One folder tree; paths are relative, with '/', and never leave it.
struct Disk {
  virtual ~Disk() = default;
  enum class Mode { read, write, create };  // write: must exist; create: made if absent (never truncated)
  virtual Result<std::unique_ptr<DiskFile>> open(std::string_view path, Mode mode) = 0;
  virtual Result<bool> exists(std::string_view path) = 0;
  virtual Result<std::vector<std::string>> list(std::string_view folder) = 0;  // names, sorted bytewise; absent folder: empty
  virtual Status make_folder(std::string_view path) = 0;                       // with its parents; present: ok
  virtual Status rename(std::string_view from, std::string_view to) = 0;       // atomic, replaces
  virtual Status remove(std::string_view path) = 0;                            // absent: ok
  virtual Status sync_folder(std::string_view path) = 0;
};

// Connections between nodes. Who is at the other end was proved (TLS with mutually pinned node keys) before `link_up`.
// Bytes arrive in the order sent or the link goes down; a send that was taken may still be lost with its link. Nothing
// above may rely on more: safety must hold although whole sends are lost, repeated, late or out of order.
// Everything happens on the node's one loop: no call may come while another is under way.
using LinkId = std::uint64_t;  // never used twice by one transport
struct LinkEvents {
  virtual ~LinkEvents() = default;
  virtual void link_up(LinkId link, const Hash& peer) = 0;  // peer: key id of its node key
  virtual void link_bytes(LinkId link, BytesView bytes) = 0;
  virtual void link_down(LinkId link) = 0;                  // not called for links closed by close()
};
struct PeerAddress {
  Hash peer;
  std::string host;
  std::uint16_t port = 0;
};
struct Transport {
  virtual ~Transport() = default;
  virtual void start(LinkEvents& events) = 0;                // before: no event
  virtual void keep_linked(std::vector<PeerAddress> to) = 0; // replaces the list; dials them, again when a link fails
  virtual void send(LinkId link, Bytes bytes) = 0;           // unknown link: dropped. Past kMaxLinkQueueBytes the link goes down
  virtual std::uint64_t queued_bytes(LinkId link) const = 0; // taken and not yet handed to the system
  virtual void close(LinkId link) = 0;
};

enum class LogLevel : std::uint8_t { debug, info, warn, error };
struct Log {
  virtual ~Log() = default;
  virtual void write(LogLevel level, std::string_view module, std::string_view message) = 0;
};

}  // namespace dos
