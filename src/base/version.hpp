#pragma once

namespace dos {
inline constexpr const char* kVersion = "0.1.0";
}
