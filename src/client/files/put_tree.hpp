// A whole folder: its folders first, then its files in groups. A group's blobs share one set of storage receipts, its creates are
// packed into few transactions, and those share one list signature (docs/spec/transactions.md).
#pragma once
#include <functional>
#include <memory>
#include <span>

#include "client/files/file_write.hpp"

namespace dos::client {

struct HostFile {
  bool is_folder = false;
  std::string host;                // for messages
  std::vector<std::string> names;  // below the folder that is put
  std::function<Result<std::unique_ptr<ByteSource>>()> open;
};
struct TreeOptions {
  bool is_public = false;
  std::function<void(std::uint64_t files, std::uint64_t of, std::uint64_t bytes)> progress;
};
struct PutOne {
  std::string path;
  std::uint64_t size = 0;
  Hash hash;
  std::uint32_t revision = 0;
  Hash txid;
};
struct TreePut {
  std::vector<PutOne> files;
  std::uint64_t folders = 0, bytes = 0, transactions = 0, fee = 0;
};
// `path` becomes the folder; what is there already gets next revisions. `files` outlive the plan.
Result<Planned<TreePut>> put_tree(Session& session, const Identity& me, const DosPath& path, std::span<const HostFile> files,
                                  TreeOptions options);

}  // namespace dos::client
