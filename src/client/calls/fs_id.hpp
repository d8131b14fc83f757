// The id of a file or folder that is yet to be made (modules/fs/formats.hpp).
#pragma once
#include "modules/fs/formats.hpp"

namespace dos::client {

fs::Id new_fs_id(std::string_view account, const Hash& salt);

}  // namespace dos::client
