#include "base/shown_text.hpp"

#include <algorithm>
#include <iterator>

namespace dos {
namespace {

struct Range {
  std::uint32_t first, last;
};

// Unicode 15: categories Cc, Cf, Zl and Zp, and what is "default ignorable", without the signs of category Cf that are drawn (Arabic
// and Kaithi number signs). Ascending. A test of the client compares it with utf8proc's tables.
constexpr Range kHidden[] = {
    {0x0000, 0x001F}, {0x007F, 0x009F},   {0x00AD, 0x00AD},   {0x034F, 0x034F},   {0x061C, 0x061C},   {0x070F, 0x070F},
    {0x115F, 0x1160}, {0x17B4, 0x17B5},   {0x180B, 0x180F},   {0x200B, 0x200F},   {0x2028, 0x202E},   {0x2060, 0x206F},
    {0x2800, 0x2800}, {0x3164, 0x3164},   {0xFE00, 0xFE0F},   {0xFEFF, 0xFEFF},   {0xFFA0, 0xFFA0},   {0xFFF0, 0xFFFB},
    {0xFFFE, 0xFFFF}, {0x13430, 0x1343F}, {0x1BCA0, 0x1BCA3}, {0x1D173, 0x1D17A}, {0xE0000, 0xE0FFF},
};

// Where a joiner or a variation selector is part of what is drawn.
constexpr Range kPictographs[] = {
    {0x00A9, 0x00A9}, {0x00AE, 0x00AE}, {0x203C, 0x203C}, {0x2049, 0x2049}, {0x2122, 0x2122}, {0x2139, 0x2139},   {0x2190, 0x27BF},
    {0x2900, 0x2BFF}, {0x3030, 0x3030}, {0x303D, 0x303D}, {0x3297, 0x3297}, {0x3299, 0x3299}, {0x1F000, 0x1FAFF},
};
constexpr std::uint32_t kJoiner = 0x200D, kTextForm = 0xFE0E, kEmojiForm = 0xFE0F, kKeycap = 0x20E3;

template <std::size_t N>
bool in(const Range (&ranges)[N], std::uint32_t c) {
  const auto* at = std::ranges::upper_bound(ranges, c, {}, &Range::first);
  return at != std::begin(ranges) && c <= std::prev(at)->last;
}

struct Character {
  std::uint32_t code = 0;
  std::size_t bytes = 0;  // 0: the byte there begins no UTF-8 character
};

Character character_at(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return std::uint32_t(static_cast<unsigned char>(text[i])); };
  if (at >= text.size()) return {};
  const auto first = byte(at);
  if (first < 0x80) return {first, 1};
  const std::size_t n = first >= 0xF0 && first < 0xF8 ? 4 : first >= 0xE0 && first < 0xF0 ? 3 : first >= 0xC0 && first < 0xE0 ? 2 : 0;
  if (n == 0 || text.size() - at < n) return {};
  auto code = first & (0xFFu >> (n + 1));
  for (std::size_t i = 1; i < n; ++i) {
    if ((byte(at + i) & 0xC0) != 0x80) return {};
    code = code << 6 | (byte(at + i) & 0x3F);
  }
  constexpr std::uint32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  if (code < kLeast[n] || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) return {};
  return {code, n};
}

void append_hex(std::string& out, std::uint32_t value, int digits) {
  for (int shift = (digits - 1) * 4; shift >= 0; shift -= 4) out += "0123456789abcdef"[(value >> shift) & 15];
}

void write_out(std::string& out, std::uint32_t code) {
  switch (code) {
    case '\n': out += "\\n"; return;
    case '\r': out += "\\r"; return;
    case '\t': out += "\\t"; return;
    default: break;
  }
  out += "\\u";
  if (code <= 0xFFFF) return append_hex(out, code, 4);
  out += '{';
  append_hex(out, code, code > 0xFFFFF ? 6 : 5);
  out += '}';
}

// Whether the hidden character `c` is part of an emoji: what stands before it, drawn, and what follows.
bool drawn_in_emoji(std::uint32_t c, std::uint32_t before, std::uint32_t base, std::uint32_t next) {
  if (c == kJoiner) return in(kPictographs, base) && (before == base || before == kEmojiForm) && in(kPictographs, next);
  if (c != kTextForm && c != kEmojiForm) return false;
  const bool key = (before >= '0' && before <= '9') || before == '#' || before == '*';
  return in(kPictographs, before) || (key && next == kKeycap);
}

}  // namespace

bool hidden_character(std::uint32_t code_point) { return in(kHidden, code_point); }

std::string shown_text(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  std::uint32_t before = 0, base = 0;  // the last character drawn, and the last that is no form of another
  for (std::size_t at = 0; at < text.size();) {
    const auto c = character_at(text, at);
    if (c.bytes == 0) {
      out += "\\x";
      append_hex(out, static_cast<unsigned char>(text[at++]), 2);
      before = base = 0;
      continue;
    }
    if (hidden_character(c.code) && !drawn_in_emoji(c.code, before, base, character_at(text, at + c.bytes).code)) {
      write_out(out, c.code);
      before = base = 0;
    } else {
      out.append(text.substr(at, c.bytes));
      before = c.code;
      if (c.code != kEmojiForm) base = c.code;
    }
    at += c.bytes;
  }
  return out;
}

std::string shown_text(std::string_view text, std::size_t max_bytes) {
  if (text.size() <= max_bytes) return shown_text(text);
  while (max_bytes > 0 && (static_cast<unsigned char>(text[max_bytes]) & 0xC0) == 0x80) --max_bytes;  // no half character
  return shown_text(text.substr(0, max_bytes)) + "...";
}

bool shown_as_it_is(std::string_view text) { return shown_text(text) == text; }

std::string quoted_text(std::string_view words, std::size_t max_bytes) {
  auto said = shown_text(words, max_bytes);
  std::ranges::replace(said, '"', '\'');
  return '"' + said + '"';
}

std::string shown_json(std::string json) {
  if (std::ranges::none_of(json, [](char c) { return static_cast<unsigned char>(c) >= 0x7F; })) return json;
  std::string out;
  out.reserve(json.size() + 16);
  for (std::size_t at = 0; at < json.size();) {
    const auto c = character_at(json, at);
    if (c.bytes == 0 || c.code < 0x7F || !hidden_character(c.code)) {
      out.append(json, at, std::max<std::size_t>(c.bytes, 1));
    } else {
      const auto unit = [&](std::uint32_t u) { append_hex(out += "\\u", u, 4); };
      if (c.code <= 0xFFFF) unit(c.code);
      else unit(0xD800 + ((c.code - 0x10000) >> 10)), unit(0xDC00 + ((c.code - 0x10000) & 0x3FF));
    }
    at += std::max<std::size_t>(c.bytes, 1);
  }
  return out;
}

}  // namespace dos
