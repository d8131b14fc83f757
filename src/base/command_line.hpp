// The words of a command line by a table of flags. Every value and argument is the string that the shell gave, byte for byte: nothing
// is split, joined, trimmed or unquoted here.
#pragma once
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace dos {

struct FlagRow {
  std::string_view names;  // "--recursive,-r": the long name, and a letter if there is one
  bool takes_value = false;
  std::string_view long_name() const { return names.substr(0, names.find(',')); }
  std::string_view letter() const {  // "-r", or empty
    const auto comma = names.find(',');
    return comma == std::string_view::npos ? std::string_view() : names.substr(comma + 1);
  }
};

struct CommandWords {
  struct Given {
    std::size_t row = 0;  // of the flags
    std::string value;    // empty for a switch
  };
  std::vector<Given> flags;            // in their order
  std::vector<std::string> arguments;  // what is no flag, in its order
  Status good;                         // usage: the first word that was not understood, and what may have been meant
};

// "--name VALUE", "--name=VALUE", "-n VALUE", "-nVALUE", "-abc" for switches. A flag that takes a value takes the next word, whatever it
// is. After "--" all are arguments; so is "-", and "-5" unless it is a flag. Reads on after a word that it did not understand.
CommandWords read_words(std::span<const std::string> words, std::span<const FlagRow> flags);

// A flag of a program with a few settings: what it is called, and where its value goes.
struct Setting {
  FlagRow flag;
  std::string_view value;    // "FILE" in the help
  std::string_view summary;
  std::function<Status(const std::string&)> take;
};
Setting text_setting(std::string_view name, std::string_view value, std::string& into, std::string_view summary);
Setting switch_setting(std::string_view name, bool& into, std::string_view summary);
// A whole number from `least` to `most`.
template <class N>
Setting number_setting(std::string_view name, N& into, std::uint64_t least, std::uint64_t most, std::string_view summary);

// Takes every flag that was given; the arguments. usage: what was not understood.
Result<std::vector<std::string>> read_settings(std::span<const std::string> words, std::span<const Setting> settings);
std::string settings_help(std::span<const Setting> settings);  // a line each

Result<std::uint64_t> whole_number(std::string_view text, std::uint64_t least, std::uint64_t most);  // decimal digits alone; usage

template <class N>
Setting number_setting(std::string_view name, N& into, std::uint64_t least, std::uint64_t most, std::string_view summary) {
  return {{name, true}, "N", summary, [&into, least, most](const std::string& text) -> Status {
            DOS_ASSIGN(const auto n, whole_number(text, least, most));
            into = N(n);
            return {};
          }};
}

}  // namespace dos
