// BIP-39 recovery phrases, English. 24 words are 32 bytes of entropy and 8 bits of checksum. The phrase is the whole
// secret: everything here is in wiped containers, and no error text repeats a word.
#pragma once
#include <string_view>

#include "base/result.hpp"
#include "crypto/secret.hpp"

namespace dos::crypto {

inline constexpr std::size_t kMasterEntropyBytes = 32;  // 24 words
inline constexpr std::size_t kPhraseSeedBytes = 64;

// Entropy of 16, 20, 24, 28 or 32 bytes; the words are lower case with one blank between. bad_phrase: another length.
Result<Secret> phrase_from_entropy(BytesView entropy);
// Any white space between the words, any case. bad_phrase: a word's number in the phrase, or the checksum, is wrong.
Result<Secret> entropy_from_phrase(std::string_view phrase);
// PBKDF2-HMAC-SHA512, 2,048 rounds, salt "mnemonic" || passphrase (DOS uses none), over the phrase in its canonical form.
Result<Secret> phrase_seed(std::string_view phrase, std::string_view passphrase = {});
Result<Secret> entropy_seed(BytesView entropy);  // the same, from the entropy

}  // namespace dos::crypto
