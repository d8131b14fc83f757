#include "fakes/disk.hpp"

#include <utility>

#include "base/check.hpp"

namespace dos::fakes {
namespace {

std::string folder_of(std::string_view path) {
  const auto slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string() : std::string(path.substr(0, slash));
}
std::string clean(std::string_view path) {
  if (path == ".") return {};
  if (path.ends_with('/')) path.remove_suffix(1);
  return std::string(path);
}

}  // namespace

struct SimDisk::File final : DiskFile {
  File(SimDisk& d, std::shared_ptr<Content> c, std::string p) : disk(d), content(std::move(c)), path(std::move(p)) {}
  SimDisk& disk;
  std::shared_ptr<Content> content;
  std::string path;

  Status read_at(std::uint64_t offset, std::span<std::uint8_t> out) override {
    ++disk.reads_;
    if (disk.off_) return fail(Errc::disk, "the power is off");
    if (offset > content->now.size() || out.size() > content->now.size() - offset)
      return fail(Errc::disk, path + " ends before byte " + std::to_string(offset + out.size()));
    content->now.read(offset, out);
    return {};
  }
  Status write_at(std::uint64_t offset, BytesView data) override {
    DOS_TRY(disk.step(content.get(), offset, data));
    write(*content, offset, data);
    return {};
  }
  Status sync() override {
    DOS_TRY(disk.step());
    if (disk.on_sync) disk.on_sync();
    if (disk.lose_syncs) return {};
    auto dirty = std::move(content->dirty);
    content->dirty.clear();
    content->durable.take(content->now, 0, 0);  // its size, where it was cut
    for (const auto& [from, to] : dirty) content->durable.take(content->now, from, to);
    if (disk.on_durable)
      for (const auto& [from, to] : dirty) tell_durable(from, std::min(to, content->now.size()));
    return {};
  }
  // All of it but long stretches of zeros: a new journal segment is a few megabytes of them.
  void tell_durable(std::uint64_t from, std::uint64_t to) {
    constexpr std::uint64_t kLong = 64 * 1024;
    for (auto at = from; at < to;) {
      auto end = at, zeros = std::uint64_t(0);
      while (end < to && zeros < kLong) {
        const auto next = std::min((end / Image::kPage + 1) * Image::kPage, to);
        zeros = content->now.zero_page(end / Image::kPage) ? zeros + (next - end) : 0;
        end = next;
      }
      if (const auto told = end - at - (zeros < kLong ? 0 : zeros); told > 0) {
        Bytes range(told);
        content->now.read(at, range);
        disk.on_durable(path, range);
      }
      // The rest of a long stretch belongs to it.
      while (zeros >= kLong && end < to && content->now.zero_page(end / Image::kPage))
        end = std::min((end / Image::kPage + 1) * Image::kPage, to);
      at = end;
    }
  }
  Status truncate(std::uint64_t size) override {
    DOS_TRY(disk.step());
    const auto before = content->now.size();
    content->now.resize(size);
    if (size > before) mark(*content, before, size);
    return {};
  }
  Result<std::uint64_t> size() override { return content->now.size(); }
};

SimDisk::SimDisk() : folders_{""} {}

SimDisk::SimDisk(const SimDisk& other) { *this = other; }

SimDisk& SimDisk::operator=(const SimDisk& other) {
  if (this == &other) return *this;
  std::map<const Content*, std::shared_ptr<Content>> copies;  // one file may have two names until a rename is durable
  const auto copied = [&](const Names& names) {
    Names out;
    for (const auto& [name, content] : names) {
      auto& copy = copies[content.get()];
      if (!copy) copy = std::make_shared<Content>(*content);
      out[name] = copy;
    }
    return out;
  };
  Names names = copied(other.names_), durable = copied(other.durable_names_);
  names_ = std::move(names);
  durable_names_ = std::move(durable);
  folders_ = other.folders_;
  fault = Fault::none;
  fault_site = UINT64_MAX;
  lose_syncs = false;
  site_ = torn_ = 0;
  reads_ = 0;
  off_ = fired_ = false;
  return *this;
}

Result<std::unique_ptr<DiskFile>> SimDisk::open(std::string_view path, Mode mode) {
  const auto p = clean(path);
  if (off_) return fail(Errc::disk, "the power is off");
  auto it = names_.find(p);
  if (it == names_.end()) {
    if (mode != Mode::create) return fail(Errc::disk, p + " is not there");
    if (!folders_.contains(folder_of(p))) return fail(Errc::disk, "no folder for " + p);
    DOS_TRY(step());
    it = names_.emplace(p, std::make_shared<Content>()).first;
  }
  return std::make_unique<File>(*this, it->second, p);
}

Result<bool> SimDisk::exists(std::string_view path) {
  if (off_) return fail(Errc::disk, "the power is off");
  const auto p = clean(path);
  return names_.contains(p) || folders_.contains(p);
}

Result<std::vector<std::string>> SimDisk::list(std::string_view folder) {
  if (off_) return fail(Errc::disk, "the power is off");
  const auto f = clean(folder);
  const std::string prefix = f.empty() ? "" : f + "/";
  std::set<std::string> out;
  const auto add = [&](const std::string& name) {
    if (name.size() > prefix.size() && name.starts_with(prefix) && name.find('/', prefix.size()) == std::string::npos)
      out.insert(name.substr(prefix.size()));
  };
  for (const auto& [name, content] : names_) add(name);
  for (const auto& name : folders_) add(name);
  return std::vector<std::string>(out.begin(), out.end());
}

Status SimDisk::make_folder(std::string_view path) {
  if (off_) return fail(Errc::disk, "the power is off");
  const auto p = clean(path);
  for (std::size_t at = 0; at != std::string::npos;) {
    at = p.find('/', at + 1);
    folders_.insert(p.substr(0, at));
  }
  return {};
}

Status SimDisk::rename(std::string_view from, std::string_view to) {
  DOS_TRY(step());
  const auto it = names_.find(clean(from));
  if (it == names_.end()) return fail(Errc::disk, std::string(from) + " is not there");
  auto moved = it->second;
  names_.erase(it);
  names_[clean(to)] = std::move(moved);
  return {};
}

Status SimDisk::remove(std::string_view path) {
  const auto p = clean(path);
  if (!names_.contains(p)) return {};
  DOS_TRY(step());
  names_.erase(p);
  return {};
}

Status SimDisk::sync_folder(std::string_view path) {
  DOS_TRY(step());
  if (on_sync) on_sync();
  if (lose_syncs) return {};
  const auto f = clean(path);
  std::erase_if(durable_names_, [&](const auto& e) { return folder_of(e.first) == f; });
  for (const auto& [name, content] : names_)
    if (folder_of(name) == f) durable_names_[name] = content;
  return {};
}

// Counts a site. A fault in the middle of a write leaves half of it in the cache, where a restart may tear it further.
Status SimDisk::step(Content* content, std::uint64_t offset, BytesView data) {
  if (off_) return fail(Errc::disk, "the power is off");
  if (site_++ != fault_site || fault == Fault::none) return {};
  fired_ = true;
  if (content != nullptr && data.size() > 1) write(*content, offset, data.first(data.size() / 2));
  switch (fault) {
    case Fault::full:
      fault_site = site_;  // and full it stays
      return fail(Errc::disk_full, "no space is left");
    case Fault::error: fault_site = site_; return fail(Errc::disk, "input/output error");
    default: off_ = true; return fail(Errc::disk, "the power went off");
  }
}

void SimDisk::mark(Content& content, std::uint64_t from, std::uint64_t to) {
  auto it = content.dirty.upper_bound(from);
  if (it != content.dirty.begin() && std::prev(it)->second >= from) {
    --it;
    from = it->first;
    to = std::max(to, it->second);
    it = content.dirty.erase(it);
  }
  while (it != content.dirty.end() && it->first <= to) {
    to = std::max(to, it->second);
    it = content.dirty.erase(it);
  }
  content.dirty.emplace(from, to);
}

void SimDisk::write(Content& content, std::uint64_t offset, BytesView data) {
  const auto from = std::min(offset, content.now.size());  // a gap is written too, with zeros
  content.now.write(offset, data);
  mark(content, from, offset + data.size());
}

void SimDisk::restart(const Draw& draw) {
  Names survived = durable_names_;
  std::map<const Content*, std::string> was, is;
  for (const auto& [name, content] : durable_names_) was[content.get()] = name;
  for (const auto& [name, content] : names_) is[content.get()] = name;
  for (const auto& [name, content] : names_) {
    const auto before = was.find(content.get());
    if ((before != was.end() && before->second == name) || draw() % 2 == 0) continue;
    // A rename happened or it did not; or the file stands under both names. Never under none.
    if (before != was.end() && survived[before->second] == content && draw() % 4 != 0) survived.erase(before->second);
    survived[name] = content;
  }
  for (const auto& [name, content] : durable_names_)
    if (!names_.contains(name) && !is.contains(content.get()) && draw() % 2 == 0) survived.erase(name);
  std::set<Content*> seen;
  for (auto& [name, content] : survived) {
    Content& c = *content;
    if (!seen.insert(&c).second) continue;
    Image after = c.durable;
    if (after.size() > c.now.size() && draw() % 2 == 0) after.resize(c.now.size());
    Bytes sector;
    for (const auto& [from, to] : c.dirty)
      for (auto at = from / kSector * kSector; at < to; at += kSector) {
        const auto a = std::max<std::uint64_t>(at, from), b = std::min({at + kSector, to, c.now.size()});
        if (a >= b) continue;
        if (draw() % 2 == 0) {
          ++torn_;
          continue;
        }
        sector.resize(b - a);
        c.now.read(a, sector);
        after.write(a, sector);
      }
    c.now = c.durable = std::move(after);
    const auto dirty = std::exchange(c.dirty, {});
    if (on_durable)  // what survived without a sync is durable all the same from now on
      for (const auto& [from, to] : dirty)
        if (const auto end = std::min(to, c.now.size()); from < end) {
          Bytes range(end - from);
          c.now.read(from, range);
          on_durable(name, range);
        }
  }
  names_ = survived;
  durable_names_ = std::move(survived);
  off_ = fired_ = false;
  fault = Fault::none;
  fault_site = UINT64_MAX;
}

SimDisk::Content& SimDisk::at(std::string_view path) const {
  const auto it = names_.find(clean(path));
  DOS_CHECK(it != names_.end());
  return *it->second;
}

std::vector<std::string> SimDisk::files() const {
  std::vector<std::string> out;
  for (const auto& [name, content] : names_) out.push_back(name);
  return out;
}
std::uint64_t SimDisk::size(std::string_view path) const { return at(path).now.size(); }
Bytes SimDisk::content(std::string_view path) const { return at(path).now.bytes(); }
Bytes SimDisk::durable_content(std::string_view path) const {
  const auto it = durable_names_.find(clean(path));
  return it == durable_names_.end() ? Bytes{} : it->second->durable.bytes();
}
void SimDisk::flip(std::string_view path, std::uint64_t where, std::uint8_t bits) {
  auto& c = at(path);
  for (auto* image : {&c.now, &c.durable}) {
    if (where >= image->size()) continue;
    std::uint8_t byte = 0;
    image->read(where, {&byte, 1});
    byte ^= bits;
    image->write(where, {&byte, 1});
  }
}
void SimDisk::cut(std::string_view path, std::uint64_t size) {
  auto& c = at(path);
  c.now.resize(size);
  if (c.durable.size() > size) c.durable.resize(size);
}
void SimDisk::lose(std::string_view path) {
  names_.erase(clean(path));
  durable_names_.erase(clean(path));
}

}  // namespace dos::fakes
