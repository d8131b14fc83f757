#include "base/command_line.hpp"

#include <algorithm>
#include <charconv>

#include "base/edit_distance.hpp"
#include "base/shown_text.hpp"

namespace dos {
namespace {

constexpr std::size_t kMaxNearBytes = 40;   // a longer word is no slip of the pen
constexpr std::size_t kShortFlagBytes = 4;  // "--as" is near to too much
constexpr std::size_t kMaxNear = 2;         // letters

bool digit(char c) { return c >= '0' && c <= '9'; }

std::string not_known(std::string_view name, std::span<const FlagRow> flags) {
  std::string_view near;
  std::size_t least = kMaxNear + 1;
  for (const auto& row : flags) {
    const auto flag = row.long_name();
    if (flag.size() <= kShortFlagBytes || name.size() > kMaxNearBytes) continue;
    if (const auto d = edit_distance(name, flag); d < least) least = d, near = flag;
  }
  return "has no flag " + shown_text(name) +
         (near.empty() ? "; a name that begins with '-' follows --" : "; did you mean " + std::string(near));
}

class WordReader {
 public:
  WordReader(std::span<const std::string> words, std::span<const FlagRow> flags) : words_(words), flags_(flags) {}

  CommandWords read() {
    while (at_ < words_.size()) {
      const auto& word = words_[at_++];
      if (word == "--") {
        out_.arguments.insert(out_.arguments.end(), words_.begin() + std::ptrdiff_t(at_), words_.end());
        break;
      }
      if (word.starts_with("--")) long_flag(word);
      else if (word.size() > 1 && word[0] == '-' && !(digit(word[1]) && find_letter(word[1]) == flags_.size())) letters(word);
      else out_.arguments.push_back(word);
    }
    return std::move(out_);
  }

 private:
  void wrong(std::string what) {
    if (out_.good) out_.good = fail(Errc::usage, std::move(what));
  }

  std::size_t find_letter(char letter) const {
    for (std::size_t i = 0; i < flags_.size(); ++i)
      if (const auto known = flags_[i].letter(); known.size() == 2 && known[1] == letter) return i;
    return flags_.size();
  }

  void next_word(std::size_t row, std::string_view as_typed) {
    if (at_ == words_.size()) return wrong("needs a value after " + std::string(as_typed));
    out_.flags.push_back({row, words_[at_++]});
  }

  void long_flag(std::string_view word) {
    const auto is = word.find('=');
    const auto name = word.substr(0, is);
    const auto it = std::ranges::find(flags_, name, &FlagRow::long_name);
    if (it == flags_.end()) return wrong(not_known(name, flags_));
    const auto row = std::size_t(it - flags_.begin());
    if (it->takes_value && is != std::string_view::npos) out_.flags.push_back({row, std::string(word.substr(is + 1))});
    else if (it->takes_value) next_word(row, name);
    else if (is != std::string_view::npos) wrong("takes no value after " + std::string(name));
    else out_.flags.push_back({row, {}});
  }

  void letters(std::string_view word) {
    for (std::size_t i = 1; i < word.size(); ++i) {
      const auto row = find_letter(word[i]);
      if (row == flags_.size()) return wrong(not_known(word, flags_));
      if (!flags_[row].takes_value) {
        out_.flags.push_back({row, {}});
        continue;
      }
      if (i + 1 < word.size()) out_.flags.push_back({row, std::string(word.substr(i + 1))});
      else next_word(row, flags_[row].letter());
      return;
    }
  }

  std::span<const std::string> words_;
  std::span<const FlagRow> flags_;
  std::size_t at_ = 0;
  CommandWords out_;
};

}  // namespace

CommandWords read_words(std::span<const std::string> words, std::span<const FlagRow> flags) { return WordReader(words, flags).read(); }

Setting text_setting(std::string_view name, std::string_view value, std::string& into, std::string_view summary) {
  return {{name, true}, value, summary, [&into](const std::string& text) -> Status {
            into = text;
            return {};
          }};
}

Setting switch_setting(std::string_view name, bool& into, std::string_view summary) {
  return {{name, false}, "", summary, [&into](const std::string&) -> Status {
            into = true;
            return {};
          }};
}

Result<std::vector<std::string>> read_settings(std::span<const std::string> words, std::span<const Setting> settings) {
  std::vector<FlagRow> rows;
  for (const auto& s : settings) rows.push_back(s.flag);
  auto read = read_words(words, rows);
  DOS_TRY(read.good);
  for (const auto& given : read.flags) {
    const auto& setting = settings[given.row];
    if (auto taken = setting.take(given.value); !taken)
      return fail(taken.error().code, std::string(setting.flag.long_name()) + " " + taken.error().detail);
  }
  return std::move(read.arguments);
}

std::string settings_help(std::span<const Setting> settings) {
  const auto head = [](const Setting& s) { return "  " + std::string(s.flag.names) + (s.value.empty() ? "" : " " + std::string(s.value)); };
  std::size_t width = 0;
  for (const auto& s : settings) width = std::max(width, head(s).size());
  std::string out;
  for (const auto& s : settings) {
    auto line = head(s);
    line.append(width - line.size() + 2, ' ');
    out += line + std::string(s.summary) + "\n";
  }
  return out;
}

Result<std::uint64_t> whole_number(std::string_view text, std::uint64_t least, std::uint64_t most) {
  std::uint64_t n = 0;
  const auto [end, bad] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (text.empty() || bad != std::errc() || end != text.data() + text.size() || n < least || n > most)
    return fail(Errc::usage, "takes a number from " + std::to_string(least) + " to " + std::to_string(most) + ", not '" +
                                 shown_text(text, kMaxShownWord) + "'");
  return n;
}

}  // namespace dos
