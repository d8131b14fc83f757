// Files of this machine as sources of puts. Standard input is kept in a file without a name while it is read: sealing reads
// everything twice.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "client/files/put_tree.hpp"
#include "client/files/seal_stream.hpp"

namespace dos::cli {

// A file, or "-" for standard input. no_host_file, wrong_type for a folder.
Result<std::unique_ptr<client::ByteSource>> open_host_source(const std::string& path);
// All regular files below a folder, with their names relative to it, in the order of names. Links are followed for files only.
Result<std::vector<client::HostFile>> walk_host_folder(const std::string& folder);

}  // namespace dos::cli
