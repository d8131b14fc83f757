// Every file format of the store: any bytes are refused or decoded, and what was decoded is what would be written.
#include "base/check.hpp"
#include "store/archive_segment.hpp"
#include "store/blob_file.hpp"
#include "store/checkpoint.hpp"
#include "store/index_snapshot.hpp"
#include "store/journal_group.hpp"
#include "store/log_format.hpp"

namespace {
struct BytesFile final : dos::DiskFile {
  dos::BytesView bytes;
  explicit BytesFile(dos::BytesView b) : bytes(b) {}
  dos::Status read_at(std::uint64_t offset, std::span<std::uint8_t> out) override {
    if (offset > bytes.size() || out.size() > bytes.size() - offset) return dos::fail(dos::Errc::disk, "past the end");
    std::copy_n(bytes.begin() + std::ptrdiff_t(offset), out.size(), out.begin());
    return {};
  }
  dos::Status write_at(std::uint64_t, dos::BytesView) override { return dos::fail(dos::Errc::disk, "read only"); }
  dos::Status sync() override { return {}; }
  dos::Status truncate(std::uint64_t) override { return dos::fail(dos::Errc::disk, "read only"); }
  dos::Result<std::uint64_t> size() override { return bytes.size(); }
};
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace dos;
  using namespace dos::store;
  const BytesView in(data, size);
  (void)decode_checkpoint(in);
  (void)decode_forest_snapshot(in);
  (void)unseal_archive_index(in);
  (void)scan_archive_segment(in, 0);
  (void)read_blob_head(in);
  (void)read_blob_state(in);
  (void)read_group_records(in);
  if (const auto g = read_group(in, 1)) (void)read_group_records(g->payload);
  BytesFile file(in);
  (void)read_index_snapshot(file, [](BytesView, Position) { return Status{}; });
  if (size >= kLogHeaderBytes) {
    const LogHeader h = read_log_header(in);
    if (const auto r = read_log_record(in, h.position)) {
      Bytes again;
      write_log_record(again, h.position, *r);
      DOS_CHECK(equal(again, in));
    }
  }
  return 0;
}
