#include "cli/host_source.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

namespace dos::cli {
namespace {

std::unexpected<Error> host_error(const char* what, const std::string& path) {
  const auto code = errno == ENOENT || errno == ENOTDIR ? Errc::no_host_file : errno == ENOSPC ? Errc::disk_full : Errc::host_io;
  return fail(code, std::string(what) + " " + path + ": " + std::strerror(errno));
}

class OwnedFile final : public client::ByteSource {
 public:
  OwnedFile(int fd, std::string name) : fd_(fd), source_(fd, std::move(name)) {}
  ~OwnedFile() override { ::close(fd_); }
  Result<std::uint64_t> size() override { return source_.size(); }
  Status read_at(std::uint64_t offset, std::span<std::uint8_t> out) override { return source_.read_at(offset, out); }

 private:
  int fd_;
  client::FileSource source_;
};

Result<int> spool_stdin() {
  const char* folder = std::getenv("TMPDIR");
  std::string pattern = std::string(folder != nullptr && *folder == '/' ? folder : "/tmp") + "/dos-put-XXXXXX";
  const int fd = ::mkostemp(pattern.data(), O_CLOEXEC);
  if (fd < 0) return host_error("cannot make a temporary file", pattern);
  ::unlink(pattern.c_str());
  std::vector<char> block(1 << 16);
  for (;;) {
    const auto n = ::read(STDIN_FILENO, block.data(), block.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) break;
    if (n == 0) return fd;
    for (ssize_t done = 0; done < n;) {
      const auto w = ::write(fd, block.data() + done, std::size_t(n - done));
      if (w < 0 && errno == EINTR) continue;
      if (w <= 0) {
        auto e = host_error("cannot write", pattern);
        ::close(fd);
        return e;
      }
      done += w;
    }
  }
  auto e = host_error("cannot read", "standard input");
  ::close(fd);
  return e;
}

}  // namespace

Result<std::unique_ptr<client::ByteSource>> open_host_source(const std::string& path) {
  if (path == "-") {
    DOS_ASSIGN(const int fd, spool_stdin());
    return std::make_unique<OwnedFile>(fd, "standard input");
  }
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return host_error("cannot open", path);
  struct stat st{};
  if (::fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
    ::close(fd);
    if (S_ISDIR(st.st_mode)) return fail(Errc::wrong_type, path + " is a folder; put -r takes it whole");
    return fail(Errc::wrong_type, path + " is no regular file");
  }
  return std::make_unique<OwnedFile>(fd, path);
}

Result<std::vector<client::HostFile>> walk_host_folder(const std::string& folder) {
  namespace stdfs = std::filesystem;
  std::error_code e;
  if (!stdfs::exists(folder, e)) return fail(Errc::no_host_file, folder + " is not there");
  if (!stdfs::is_directory(folder, e)) return fail(Errc::wrong_type, folder + " is no folder");
  std::vector<client::HostFile> files;
  stdfs::recursive_directory_iterator it(folder, e);  // what cannot be read is an error: nobody is told that all of it is stored
  for (; !e && it != stdfs::recursive_directory_iterator(); it.increment(e)) {
    std::error_code quiet;
    const bool folder_here = it->is_directory(quiet) && !it->is_symlink(quiet);
    if (!folder_here && !it->is_regular_file(quiet)) continue;
    client::HostFile file;
    file.is_folder = folder_here;
    file.host = it->path().string();
    for (const auto& part : it->path().lexically_relative(folder)) file.names.push_back(part.string());
    file.open = [path = file.host] { return open_host_source(path); };
    files.push_back(std::move(file));
  }
  if (e) return fail(Errc::host_io, "cannot read " + folder + ": " + e.message());
  std::ranges::sort(files, {}, &client::HostFile::names);
  return files;
}

}  // namespace dos::cli
