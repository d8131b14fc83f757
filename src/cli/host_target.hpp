// Where a command writes what it fetched: a file that stands there whole or not at all, or "-" for standard output.
#pragma once
#include <functional>
#include <string>

#include "cli/output.hpp"

namespace dos::cli {

class HostTarget {
 public:
  // Makes no folder: one that is missing is a slip of the pen (no_host_file). What is no regular file (a pipe, a device) is written
  // into as it is. usage for "-" with --json, whose envelope owns standard output.
  static Result<HostTarget> open(const std::string& path, Output& out);
  HostTarget(HostTarget&& other) noexcept;
  HostTarget& operator=(HostTarget&&) = delete;
  ~HostTarget();  // unless kept: nothing stays

  Status write(BytesView bytes);
  Status keep();
  bool is_stdout() const { return path_ == "-"; }

 private:
  HostTarget(std::string path, Output& out) : path_(std::move(path)), out_(&out) {}
  std::unexpected<Error> error(const char* what) const;
  bool take_name(const std::function<bool()>& create);  // sets fresh_ to one that nobody has; `create` makes it, with errno
  std::string path_;   // "-": standard output
  std::string fresh_;  // a name beside it, from which it is renamed; empty: none yet, or written in place
  Output* out_;
  int fd_ = -1;
  bool in_place_ = false;
  bool nameless_ = false;  // until it is whole: an interrupted command, killed or not, leaves nothing
};

}  // namespace dos::cli
