// A disk for tests: a volatile cache over a durable image. Every call that changes something is a site; a test may cut
// the power or fill the disk at any of them. What was not synced is lost in random parts, in units of 512 bytes.
#pragma once
#include <map>
#include <memory>
#include <random>
#include <set>

#include "base/edge.hpp"

namespace dos::store::test {

struct NullLog final : Log {
  void write(LogLevel level, std::string_view, std::string_view message) override {
    if (level >= LogLevel::warn) lines.emplace_back(message);
  }
  std::vector<std::string> lines;
};

class FaultDisk final : public Disk {
 public:
  static constexpr std::size_t kSector = 512;
  enum class Fault { none, power, full };

  struct Content {
    Bytes now, durable;
    std::vector<std::pair<std::size_t, std::size_t>> dirty;  // [from, to) written since the last sync
  };
  struct Name {
    std::shared_ptr<Content> file;
  };

  std::map<std::string, Name> names;          // as the running system sees them
  std::map<std::string, Name> durable_names;  // as the folders on disk have them
  std::set<std::string> folders{""};
  std::uint64_t site = 0;                     // changing calls so far
  std::uint64_t fault_site = UINT64_MAX;
  Fault fault = Fault::none;
  bool dead = false;
  std::uint64_t reads = 0;

  Result<std::unique_ptr<DiskFile>> open(std::string_view path, Mode mode) override {
    const std::string p(path);
    auto it = names.find(p);
    if (it == names.end()) {
      if (mode != Mode::create) return fail(Errc::disk, p + " is not there");
      if (!folders.contains(folder_of(p))) return fail(Errc::disk, "no folder for " + p);
      if (auto s = step(nullptr, 0, {}); !s) return std::unexpected(s.error());
      it = names.emplace(p, Name{std::make_shared<Content>()}).first;
    }
    return std::make_unique<File>(*this, it->second.file, p);
  }
  Result<bool> exists(std::string_view path) override { return names.contains(std::string(path)); }
  Result<std::vector<std::string>> list(std::string_view folder) override {
    std::vector<std::string> out;
    const std::string prefix = folder.empty() ? "" : std::string(folder) + "/";
    for (const auto& [name, file] : names)
      if (name.starts_with(prefix) && name.find('/', prefix.size()) == std::string::npos)
        out.push_back(name.substr(prefix.size()));
    for (const auto& name : folders)
      if (!name.empty() && name.starts_with(prefix) && name.size() > prefix.size() &&
          name.find('/', prefix.size()) == std::string::npos)
        out.push_back(name.substr(prefix.size()));
    std::sort(out.begin(), out.end());
    return out;
  }
  Status make_folder(std::string_view path) override {  // folders are durable at once: parents are synced by the host
    std::string p;
    for (char c : std::string(path) + "/") {
      if (c == '/') folders.insert(p);
      p.push_back(c);
    }
    return {};
  }
  Status rename(std::string_view from, std::string_view to) override {
    DOS_TRY(step(nullptr, 0, {}));
    auto it = names.find(std::string(from));
    if (it == names.end()) return fail(Errc::disk, std::string(from) + " is not there");
    Name moved = it->second;
    names.erase(it);
    names[std::string(to)] = std::move(moved);
    return {};
  }
  Status remove(std::string_view path) override {
    if (!names.contains(std::string(path))) return {};
    DOS_TRY(step(nullptr, 0, {}));
    names.erase(std::string(path));
    return {};
  }
  Status sync_folder(std::string_view path) override {
    DOS_TRY(step(nullptr, 0, {}));
    const std::string f(path);
    std::erase_if(durable_names, [&](const auto& e) { return folder_of(e.first) == f; });
    for (const auto& [name, file] : names)
      if (folder_of(name) == f) durable_names[name] = file;
    return {};
  }

  // The power comes back. Names and bytes that were not synced survive or are lost as `random` decides.
  void restart(std::mt19937_64& random) {
    std::map<std::string, Name> survived = durable_names;
    for (const auto& [name, file] : names)
      if (!durable_names.contains(name) && random() % 2 == 0) survived[name] = file;
    for (const auto& [name, file] : durable_names)
      if (!names.contains(name) && random() % 2 == 0) survived.erase(name);
    std::set<Content*> seen;
    for (auto& [name, entry] : survived) {
      Content& c = *entry.file;
      if (!seen.insert(&c).second) continue;
      Bytes after = c.durable;
      if (after.size() > c.now.size() && random() % 2 == 0) after.resize(c.now.size());
      for (const auto& [from, to] : c.dirty)
        for (std::size_t at = from / kSector * kSector; at < to; at += kSector) {
          if (random() % 2 == 0) continue;
          const std::size_t a = std::max(at, from), b = std::min({at + kSector, to, c.now.size()});
          if (a >= b) continue;
          if (after.size() < b) after.resize(b);
          std::copy(c.now.begin() + std::ptrdiff_t(a), c.now.begin() + std::ptrdiff_t(b), after.begin() + std::ptrdiff_t(a));
        }
      c.now = c.durable = std::move(after);
      c.dirty.clear();
    }
    names = survived;
    durable_names = std::move(survived);
    dead = false;
    fault = Fault::none;
    fault_site = UINT64_MAX;
  }

 private:
  static std::string folder_of(const std::string& path) {
    const auto slash = path.rfind('/');
    return slash == std::string::npos ? std::string() : path.substr(0, slash);
  }

  // Counts a site. A power cut in a write leaves part of it in the cache, where restart() may tear it.
  Status step(Content* c, std::size_t offset, BytesView data) {
    if (dead) return fail(Errc::disk, "the power is off");
    if (site++ != fault_site) return {};
    const std::size_t part = data.size() / 2;
    if (c != nullptr && part > 0) write(*c, offset, data.first(part));
    if (fault == Fault::full) {
      fault_site = site;  // and full it stays
      return fail(Errc::disk_full, "no space is left");
    }
    dead = true;
    return fail(Errc::disk, "the power went off");
  }
  static void write(Content& c, std::size_t offset, BytesView data) {
    if (c.now.size() < offset + data.size()) c.now.resize(offset + data.size());
    std::copy(data.begin(), data.end(), c.now.begin() + std::ptrdiff_t(offset));
    c.dirty.emplace_back(offset, offset + data.size());
  }

  struct File final : DiskFile {
    FaultDisk& disk;
    std::shared_ptr<Content> c;
    std::string path;
    File(FaultDisk& d, std::shared_ptr<Content> content, std::string p) : disk(d), c(std::move(content)), path(std::move(p)) {}
    Status read_at(std::uint64_t offset, std::span<std::uint8_t> out) override {
      ++disk.reads;
      if (disk.dead) return fail(Errc::disk, "the power is off");
      if (offset > c->now.size() || out.size() > c->now.size() - offset)
        return fail(Errc::disk, path + " ends before byte " + std::to_string(offset + out.size()));
      std::copy_n(c->now.begin() + std::ptrdiff_t(offset), out.size(), out.begin());
      return {};
    }
    Status write_at(std::uint64_t offset, BytesView data) override {
      DOS_TRY(disk.step(c.get(), offset, data));
      write(*c, offset, data);
      return {};
    }
    Status sync() override {
      DOS_TRY(disk.step(nullptr, 0, {}));
      c->durable = c->now;
      c->dirty.clear();
      return {};
    }
    Status truncate(std::uint64_t size) override {
      DOS_TRY(disk.step(nullptr, 0, {}));
      const std::size_t before = c->now.size();
      c->now.resize(size);
      if (size > before) c->dirty.emplace_back(before, size);
      return {};
    }
    Result<std::uint64_t> size() override { return c->now.size(); }
  };
};

}  // namespace dos::store::test
