#include "tests/conformance/reflect.hpp"

#include <algorithm>
#include <cctype>

namespace dos::conformance {
namespace {

bool upper(char c) { return std::isupper(static_cast<unsigned char>(c)) != 0; }

std::string last_part(const std::string& name) {  // "Lock" of "AccountLock"
  const auto at = std::find_if(name.rbegin(), name.rend(), upper);
  return at == name.rend() ? name : name.substr(std::size_t(name.rend() - at) - 1);
}

}  // namespace

std::string last_word(std::string_view qualified) {
  const auto at = qualified.rfind(':');
  return std::string(at == std::string_view::npos ? qualified : qualified.substr(at + 1));
}

std::string struct_name(std::string_view qualified) {
  const auto inner = last_word(qualified);
  if (inner.size() + 2 >= qualified.size()) return inner;
  const auto outer = last_word(qualified.substr(0, qualified.size() - inner.size() - 2));
  return !outer.empty() && upper(outer[0]) ? outer + inner : inner;
}

std::string snake_case(std::string_view name) {
  std::string out;
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (i > 0 && upper(name[i])) out += '_';
    out += char(std::tolower(static_cast<unsigned char>(name[i])));
  }
  return out;
}

std::vector<std::string> split_names(std::string_view list) {
  std::vector<std::string> out;
  std::string word;
  for (const char c : list) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_') word += c;
    else if (c == '.') word.clear();
    else if (c == ',') out.push_back(std::exchange(word, ""));
  }
  if (!word.empty()) out.push_back(word);
  return out;
}

std::vector<std::string> labels(const std::string& of, const std::vector<std::string>& types) {
  auto suffix = types.empty() ? of : last_part(types[0]);
  const auto ends = [&](const std::string& t) { return t.size() > suffix.size() && t.ends_with(suffix); };
  if (!std::ranges::all_of(types, ends)) suffix = of;
  std::vector<std::string> out;
  for (const auto& t : types) out.push_back(snake_case(ends(t) ? t.substr(0, t.size() - suffix.size()) : t));
  return out;
}

std::string StructRow::text() const {
  std::string out;
  for (const auto& [name, type] : fields) out += (out.empty() ? "" : " ") + name + ":" + type;
  return out;
}

}  // namespace dos::conformance
