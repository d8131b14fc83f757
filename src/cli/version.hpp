#pragma once
namespace dos::cli {
inline constexpr const char* kVersion = "0.1.0";
}  // namespace dos::cli
