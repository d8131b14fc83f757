#include "chain/system_code.hpp"

#include "ledger/blob_manifest.hpp"

namespace dos::chain {

namespace {

// Compiled code in an owner-only folder. What is missing, cut or altered is compiled again, so nothing here is synced.
class CodeFiles final : public vm::CodeCache {
 public:
  CodeFiles(Disk& disk, Log& log) : disk_(disk), log_(log) {}
  Result<std::optional<Bytes>> load(const Hash& key) override {
    const auto name = hex(key.view());
    DOS_ASSIGN(const auto there, disk_.exists(name));
    if (!there) return std::nullopt;
    DOS_ASSIGN(const auto file, disk_.open(name, Disk::Mode::read));
    DOS_ASSIGN(const auto size, file->size());
    if (size > kMaxCompiledBytes) return std::nullopt;
    Bytes entry(size);
    DOS_TRY(file->read_at(0, entry));
    return entry;
  }
  Status save(const Hash& key, BytesView compiled) override {
    const auto name = hex(key.view());
    auto written = write(name + ".new", compiled);
    if (written) written = disk_.rename(name + ".new", name);
    if (!written) log_.write(LogLevel::warn, "code", "compiled code is not kept: " + written.error().detail);
    return {};  // a cache: the node runs without
  }

 private:
  Status write(const std::string& name, BytesView bytes) {
    DOS_ASSIGN(const auto file, disk_.open(name, Disk::Mode::create));
    DOS_TRY(file->truncate(0));
    return file->write_at(0, bytes);
  }
  Disk& disk_;
  Log& log_;
};

}  // namespace

std::unique_ptr<vm::CodeCache> code_files(Disk& disk, Log& log) { return std::make_unique<CodeFiles>(disk, log); }

Result<std::unique_ptr<SystemCode>> SystemCode::open(Disk& blob_disk, Disk& code_disk, const Hash& code_key, Log& log,
                                                     std::uint64_t unclaimed_quota_bytes) {
  std::unique_ptr<SystemCode> code(new SystemCode);
  DOS_ASSIGN(code->blobs_, store::BlobStore::open(blob_disk, log, unclaimed_quota_bytes));
  if (!code_key.is_zero()) {
    code->files_ = code_files(code_disk, log);
    code->cache_ = vm::authenticated(*code->files_, code_key);
  }
  DOS_ASSIGN(code->runtimes_, vm::Runtimes::make(code->cache_.get()));
  code->kernel_ = std::make_unique<kernel::Kernel>(*code->runtimes_);
  return code;
}

SystemCode::~SystemCode() = default;

Status SystemCode::install(const ledger::ModuleRecord& record, const ModuleSource& source, std::uint64_t now_ms) {
  DOS_ASSIGN(const auto present, blobs_->info(record.code));
  if (present && present->complete()) return blobs_->claim(record.code);
  if (!source) return fail(Errc::not_ready, "the code of module " + record.name + " is not here");
  DOS_ASSIGN(const auto bytes, source(record.name));
  const auto manifest = ledger::manifest_of(bytes);
  DOS_ASSIGN(const auto root, ledger::blob_root(manifest));
  if (root != record.code)
    return fail(Errc::content_mismatch, "what is given as the code of module " + record.name + " is not what this chain's genesis names");
  DOS_TRY(blobs_->begin(root, manifest.bytes, manifest.chunks, now_ms));
  for (std::size_t i = 0; i < manifest.chunks.size(); ++i)
    DOS_TRY(blobs_->put_chunk(
        root, i, BytesView(bytes).subspan(i * kChunkBytes, std::min<std::size_t>(kChunkBytes, bytes.size() - i * kChunkBytes))));
  DOS_TRY(blobs_->make_durable(std::span<const Hash>(&root, 1)));
  return blobs_->claim(root);
}

Result<Bytes> SystemCode::code_of(const ledger::ModuleRecord& record) const {
  Bytes all;
  for (std::uint64_t i = 0; i < ledger::chunk_count(record.code_bytes); ++i) {
    DOS_ASSIGN(const auto chunk, blobs_->read_chunk(record.code, i));
    append(all, chunk);
  }
  return all;
}

Status SystemCode::load(const store::StateView& view) {
  Bytes prefix = ledger::module_key(ledger::kSystemModule);
  prefix.push_back('m');
  for (Bytes after;;) {
    DOS_ASSIGN(const auto key, view.next(prefix, after));
    if (!key) return {};
    DOS_ASSIGN(const auto object, view.get(*key));
    DOS_ASSIGN(const auto record, codec::decode<ledger::ModuleRecord>(object ? object->data : Bytes{}, "a module record"));
    DOS_ASSIGN(const auto wasm, code_of(record));
    DOS_TRY(kernel_->load(read_be<std::uint16_t>(BytesView(*key).last(2)), record, wasm));
    after = *key;
  }
}

}  // namespace dos::chain
