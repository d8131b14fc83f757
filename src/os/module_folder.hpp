// Where the system modules' code lies on the host.
#pragma once
#include <functional>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace dos::os {

std::function<Result<Bytes>(const std::string& name)> modules_in(std::string folder);  // FOLDER/NAME.wasm

}  // namespace dos::os
