// The English word list of BIP-39: word i stands for the 11 bits i.
#pragma once
#include <array>
#include <string_view>

namespace dos::crypto {

extern const std::array<std::string_view, 2048> kBip39English;  // sorted

}  // namespace dos::crypto
