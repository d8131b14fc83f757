// A folder that belongs to the user of this process alone: where sockets lie that only he may open.
#pragma once
#include <string>

#include "base/result.hpp"

namespace dos::os {

// Makes it (0700) where it is not there. denied: it is a link, belongs to somebody else, or others may enter.
Status make_own_folder(const std::string& path);

}  // namespace dos::os
