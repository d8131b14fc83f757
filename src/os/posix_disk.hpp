// Disk on a real folder. Every path is opened below the root's descriptor; nothing leaves it (openat, no "..").
#pragma once
#include "base/edge.hpp"

namespace dos::os {

enum class Cached : bool { no, yes };  // whether what was synced stays in the system's page cache

// Makes `root` (and its parents, mode 0700) if absent.
Result<std::unique_ptr<Disk>> open_posix_disk(const std::string& root, Cached cached = Cached::yes);

Result<Bytes> read_host_file(const std::string& path, std::uint64_t max_bytes);  // no_host_file, host_io, limit
Status make_host_folder(const std::string& path);                               // with parents, 0700

}  // namespace dos::os
