#include "crypto/phrase.hpp"

#include <openssl/sha.h>

#include "crypto/bip39_words.hpp"
#include "crypto/kdf.hpp"

namespace dos::crypto {
namespace {

constexpr std::uint32_t kRounds = 2048;
constexpr std::size_t kLongestWord = 8;

bool blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// The word's number, or 2,048.
std::size_t word_number(std::string_view word) {
  const auto at = std::lower_bound(kBip39English.begin(), kBip39English.end(), word);
  return at != kBip39English.end() && *at == word ? std::size_t(at - kBip39English.begin()) : kBip39English.size();
}

// The first byte of SHA-256: a checksum has at most 8 bits.
std::uint8_t checksum(BytesView entropy) {
  SecretArray<SHA256_DIGEST_LENGTH> digest;
  SHA256(entropy.data(), entropy.size(), digest.data());
  return digest.bytes[0];
}

Secret seed_of(BytesView canonical, std::string_view passphrase) {
  Bytes salt = to_bytes("mnemonic");
  append(salt, as_bytes(passphrase));
  Secret seed(kPhraseSeedBytes);
  pbkdf2_hmac_sha512(canonical, salt, kRounds, seed.span());
  wipe(salt);
  return seed;
}

}  // namespace

Result<Secret> phrase_from_entropy(BytesView entropy) {
  if (entropy.size() < 16 || entropy.size() > 32 || entropy.size() % 4 != 0)
    return fail(Errc::bad_phrase, "a phrase stands for 16, 20, 24, 28 or 32 bytes");
  SecretArray<33> bits;  // entropy, then its checksum
  std::memcpy(bits.data(), entropy.data(), entropy.size());
  bits.bytes[entropy.size()] = checksum(entropy);
  const std::size_t words = entropy.size() * 3 / 4;  // 32 bits give 33, which are three words
  SecretArray<24 * (kLongestWord + 1)> text;
  std::size_t at = 0;
  for (std::size_t w = 0; w < words; ++w) {
    std::size_t number = 0;
    for (std::size_t b = w * 11; b < w * 11 + 11; ++b) number = number << 1 | (bits.bytes[b / 8] >> (7 - b % 8) & 1);
    const std::string_view word = kBip39English[number];
    if (w != 0) text.bytes[at++] = ' ';
    std::memcpy(text.data() + at, word.data(), word.size());
    at += word.size();
  }
  return Secret::copy_of(text.view().first(at));
}

Result<Secret> entropy_from_phrase(std::string_view phrase) {
  SecretArray<33> bits;
  std::size_t words = 0;
  for (std::size_t i = 0; i < phrase.size();) {
    if (blank(phrase[i])) {
      ++i;
      continue;
    }
    SecretArray<kLongestWord> word;
    std::size_t n = 0;
    bool fits = true;
    for (; i < phrase.size() && !blank(phrase[i]); ++i) {
      const char c = phrase[i];
      if (n < kLongestWord) word.bytes[n++] = std::uint8_t(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
      else fits = false;
    }
    if (++words > 24) return fail(Errc::bad_phrase, "the phrase has more than 24 words");
    const std::size_t number = fits ? word_number(as_text(word.view().first(n))) : kBip39English.size();
    if (number == kBip39English.size())
      return fail(Errc::bad_phrase, "word " + std::to_string(words) + " is not in the English BIP-39 list");
    for (std::size_t b = 0; b < 11; ++b) {
      const std::size_t to = (words - 1) * 11 + b;
      bits.bytes[to / 8] |= std::uint8_t((number >> (10 - b) & 1) << (7 - to % 8));
    }
  }
  if (words < 12 || words % 3 != 0)
    return fail(Errc::bad_phrase, "the phrase has " + std::to_string(words) + " words; 12, 15, 18, 21 or 24 are needed");
  const std::size_t bytes = words * 4 / 3, check_bits = words / 3;
  Secret entropy = Secret::copy_of(bits.view().first(bytes));
  const std::uint8_t want = std::uint8_t(checksum(entropy.view()) & (0xFF << (8 - check_bits)));
  if (!(bits.bytes[bytes] == want)) return fail(Errc::bad_phrase, "the words do not fit together: one is wrong or out of place");
  return entropy;
}

Result<Secret> phrase_seed(std::string_view phrase, std::string_view passphrase) {
  DOS_ASSIGN(const Secret entropy, entropy_from_phrase(phrase));
  DOS_ASSIGN(const Secret canonical, phrase_from_entropy(entropy.view()));
  return seed_of(canonical.view(), passphrase);
}

Result<Secret> entropy_seed(BytesView entropy) {
  DOS_ASSIGN(const Secret canonical, phrase_from_entropy(entropy));
  return seed_of(canonical.view(), {});
}

}  // namespace dos::crypto
