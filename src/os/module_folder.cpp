#include "os/module_folder.hpp"

#include "os/posix_disk.hpp"

namespace dos::os {

std::function<Result<Bytes>(const std::string& name)> modules_in(std::string folder) {
  return [folder = std::move(folder)](const std::string& name) { return read_host_file(folder + "/" + name + ".wasm", 16ull << 20); };
}

}  // namespace dos::os
