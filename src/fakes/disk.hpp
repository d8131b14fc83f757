// A simulated disk: a volatile cache over a durable image. Every call that changes something is a site, counted; the power can be
// cut or the disk be full at any of them. What was not synced when the power goes is lost or kept in 512-byte sectors, each by
// itself, and so are names whose folder was not synced. A copy of a disk shares pages until written: restarts are cheap.
// It has none of the faults of the disk in whose place it comes: an operator who was lied to by a drive puts in another one.
#pragma once
#include <atomic>
#include <functional>
#include <map>
#include <set>

#include "base/edge.hpp"
#include "fakes/image.hpp"

namespace dos::fakes {

class SimDisk final : public Disk {
 public:
  static constexpr std::size_t kSector = 512;
  enum class Fault { none, power, full, error };  // error: this one call fails, and so may the next
  using Draw = std::function<std::uint64_t()>;

  SimDisk();
  SimDisk(const SimDisk& other);
  SimDisk& operator=(const SimDisk& other);

  Result<std::unique_ptr<DiskFile>> open(std::string_view path, Mode mode) override;
  Result<bool> exists(std::string_view path) override;
  Result<std::vector<std::string>> list(std::string_view folder) override;
  Status make_folder(std::string_view path) override;  // durable at once: the host syncs the parents of a data folder
  Status rename(std::string_view from, std::string_view to) override;
  Status remove(std::string_view path) override;
  Status sync_folder(std::string_view path) override;

  // ---- what goes wrong
  Fault fault = Fault::none;
  std::uint64_t fault_site = UINT64_MAX;  // at this site
  bool fault_fired() const { return fired_; }  // since the last restart
  bool lose_syncs = false;                // syncs return and keep nothing (a lying drive)
  bool off() const { return off_; }
  void cut_power() { off_ = true; }
  void restart(const Draw& draw);  // the power comes back; unsynced sectors and names survive or not, as `draw` decides
  std::uint64_t site() const { return site_; }  // changing calls so far
  std::uint64_t reads() const { return reads_; }
  std::uint64_t torn() const { return torn_; }  // unsynced sectors lost at restarts

  // ---- what a test looks at or damages
  std::vector<std::string> files() const;
  std::uint64_t size(std::string_view path) const;
  Bytes content(std::string_view path) const;          // as the running system sees it
  Bytes durable_content(std::string_view path) const;  // as it would be read if the power went now and all that may be lost were
  void flip(std::string_view path, std::uint64_t at, std::uint8_t bits);  // rot: in the cache and on the platter
  void cut(std::string_view path, std::uint64_t size);
  void lose(std::string_view path);

  std::function<void()> on_sync;                                           // before a sync returns: it takes time
  std::function<void(const std::string& path, BytesView bytes)> on_durable;  // written and now durable; zeros may be left out

 private:
  struct Content {
    Image now, durable;
    std::map<std::uint64_t, std::uint64_t> dirty;  // [from, to) written since the last sync; merged
  };
  struct File;
  using Names = std::map<std::string, std::shared_ptr<Content>>;
  Status step(Content* content = nullptr, std::uint64_t offset = 0, BytesView data = {});
  static void write(Content& content, std::uint64_t offset, BytesView data);
  static void mark(Content& content, std::uint64_t from, std::uint64_t to);
  Content& at(std::string_view path) const;

  Names names_, durable_names_;  // as the running system sees them; as the folders on the platter have them
  std::set<std::string> folders_;
  std::uint64_t site_ = 0, torn_ = 0;
  std::atomic<std::uint64_t> reads_ = 0;  // files may be read by several threads at once
  bool off_ = false, fired_ = false;
};

// One folder of a disk as a disk.
class SubDisk final : public Disk {
 public:
  SubDisk(Disk& whole, std::string folder) : whole_(whole), folder_(std::move(folder)) {}
  Result<std::unique_ptr<DiskFile>> open(std::string_view path, Mode mode) override { return whole_.open(in(path), mode); }
  Result<bool> exists(std::string_view path) override { return whole_.exists(in(path)); }
  Result<std::vector<std::string>> list(std::string_view folder) override { return whole_.list(in(folder)); }
  Status make_folder(std::string_view path) override { return whole_.make_folder(in(path)); }
  Status rename(std::string_view from, std::string_view to) override { return whole_.rename(in(from), in(to)); }
  Status remove(std::string_view path) override { return whole_.remove(in(path)); }
  Status sync_folder(std::string_view path) override { return whole_.sync_folder(in(path)); }

 private:
  std::string in(std::string_view path) const { return path.empty() || path == "." ? folder_ : folder_ + "/" + std::string(path); }
  Disk& whole_;
  std::string folder_;
};

}  // namespace dos::fakes
