#pragma once

namespace dos::node {
inline constexpr const char* kVersion = "0.1.0";
}
