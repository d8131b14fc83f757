#include "daemon/data_folder.hpp"

#include "ledger/genesis.hpp"
#include "os/posix_disk.hpp"
#include "os/system.hpp"

namespace dos::daemon {
namespace {

constexpr const char* kMark = "vote.used";

}  // namespace

Status claim_folder(const std::string& data, const Hash& chain) {
  DOS_ASSIGN(const auto disk, os::open_posix_disk(data));
  const auto want = std::string(ledger::kFormat) + "\n" + hex(chain.view()) + "\n";
  DOS_ASSIGN(const auto there, disk->exists("format"));
  if (there) {
    DOS_ASSIGN(const auto have, os::read_host_file(data + "/format", 4096));
    const auto line = as_text(have).substr(0, as_text(have).find('\n'));
    if (line != ledger::kFormat)
      return fail(Errc::other_format, data + " is of format '" + std::string(line) + "', this dosd reads " + ledger::kFormat);
    if (as_text(have) != want) return fail(Errc::chain_changed, data + " holds another chain than this genesis");
    return {};
  }
  DOS_ASSIGN(const auto file, disk->open("format.new", Disk::Mode::create));
  DOS_TRY(file->truncate(0));
  DOS_TRY(file->write_at(0, as_bytes(want)));
  DOS_TRY(file->sync());
  DOS_TRY(disk->rename("format.new", "format"));
  return disk->sync_folder("");
}

Result<KeyUse> KeyUse::look(const std::string& keys) {
  KeyUse use;
  DOS_ASSIGN(use.disk_, os::open_posix_disk(keys));
  DOS_ASSIGN(const auto there, use.disk_->exists(kMark));
  use.unused_ = !there;
  return use;
}

Status KeyUse::mark() {
  if (!unused_) return {};
  DOS_ASSIGN(const auto file, disk_->open(kMark, Disk::Mode::create));
  DOS_TRY(file->sync());
  return disk_->sync_folder("");
}

}  // namespace dos::daemon
