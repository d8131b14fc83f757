// Ordered index `key -> position of the live record`. MemIndex implements it: in memory, with snapshots through Disk.
#pragma once
#include <memory>
#include <optional>
#include <span>

#include "base/edge.hpp"
#include "base/ids.hpp"

namespace dos::store {

inline constexpr std::size_t kIndexLead = 8;  // how many keys ahead a batch tells what it will ask for

class Index {
 public:
  virtual ~Index() = default;
  struct Entry {
    Bytes key;
    Position position;
  };
  virtual Result<std::optional<Position>> find(BytesView key) const = 0;
  virtual Result<std::optional<Entry>> floor(BytesView key) const = 0;   // greatest key <= key
  virtual Result<std::optional<Entry>> lower(BytesView key) const = 0;   // greatest key < key
  virtual Result<std::optional<Entry>> above(BytesView key) const = 0;   // least key > key
  struct Around {
    std::optional<Position> at;
    std::optional<Entry> above;
  };
  virtual Result<Around> around(BytesView key) const = 0;  // find() and above() in one descent
  virtual void prefetch(BytesView) const {}  // a hint that the key is asked for or put soon
  virtual Status put(BytesView key, Position position) = 0;              // insert or replace
  virtual Status erase(BytesView key) = 0;
  virtual std::uint64_t size() const = 0;
  virtual std::uint64_t memory_bytes() const = 0;                        // all, keys included
  virtual std::uint64_t key_bytes() const = 0;                           // of live keys
  // A checksummed snapshot of the keys >= `from`, at most `most` of them; gives the first key that is not in it, empty at the end.
  virtual Result<Bytes> save(DiskFile& file, BytesView from, std::uint64_t most) const = 0;
  struct Part {
    DiskFile* file;
    Bytes from;         // the keys of the file from here on, up to the next part's, count
    std::uint64_t end;  // positions lie below
  };
  virtual Status load(std::span<const Part> parts) = 0;  // ascending; replaces the content; corrupt if damaged
};

std::unique_ptr<Index> make_mem_index();

}  // namespace dos::store
