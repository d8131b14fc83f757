// The system modules' code: pinned blobs of the genesis, loaded into the kernel. A node without one of them is not ready.
#pragma once
#include <functional>

#include "kernel/kernel.hpp"
#include "ledger/blob.hpp"
#include "store/blob_store.hpp"

namespace dos::chain {

using ModuleSource = std::function<Result<Bytes>(const std::string& name)>;  // the wasm of a system module

inline constexpr std::uint64_t kMaxCompiledBytes = 64ull << 20;  // of a file: a larger one is compiled anew
std::unique_ptr<vm::CodeCache> code_files(Disk& disk, Log& log);

class SystemCode {
 public:
  static Result<std::unique_ptr<SystemCode>> open(Disk& blob_disk, Disk& code_disk, const Hash& code_key, Log& log,
                                                  std::uint64_t unclaimed_quota_bytes);
  ~SystemCode();

  // Takes what the blobs lack from `source`, checked against the record's hash, and makes it durable.
  Status install(const ledger::ModuleRecord& record, const ModuleSource& source, std::uint64_t now_ms);
  // Loads every module that `view` names.
  Status load(const store::StateView& view);

  store::BlobStore& blobs() { return *blobs_; }
  kernel::Kernel& kernel() { return *kernel_; }

 private:
  SystemCode() = default;
  Result<Bytes> code_of(const ledger::ModuleRecord& record) const;

  std::unique_ptr<store::BlobStore> blobs_;
  std::unique_ptr<vm::CodeCache> files_, cache_;
  std::unique_ptr<vm::Runtimes> runtimes_;
  std::unique_ptr<kernel::Kernel> kernel_;
};

}  // namespace dos::chain
