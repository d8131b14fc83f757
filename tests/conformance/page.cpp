#include "tests/conformance/page.hpp"

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>

namespace dos::conformance {
namespace {

std::string cell(std::string text) {  // in a table of Markdown
  for (std::size_t at = 0; (at = text.find('|', at)) != std::string::npos; at += 2) text.insert(at, "\\");
  return "`" + text + "`";
}

std::size_t width(const Layouts& layouts, const std::string& type) {
  if (type == "hash") return 32;
  if (type == "id") return 16;
  if (type == "bool" || type.starts_with("enum ")) return 1;
  if (type.starts_with("raw")) return std::stoul(type.substr(3));
  if (type == "u8" || type == "u16" || type == "u32") return std::stoul(type.substr(1)) / 8;
  if (!type.starts_with("struct ")) return 8;
  std::size_t all = 0;
  for (const auto& f : layouts.structs.at(type.substr(7)).fields) all += width(layouts, f.second);
  return all;
}

// Where each field of a structure begins that has no lists, texts and options.
std::string offsets(const Layouts& layouts, const std::string& name) {
  std::string out;
  std::size_t at = 0;
  const auto put = [&](const std::string& what, const std::string& type) {
    out += (at == 0 ? "" : ", ") + what + " " + std::to_string(at);
    at += width(layouts, type);
  };
  for (const auto& [field, type] : layouts.structs.at(name).fields) {
    if (!type.starts_with("struct ")) {
      put(field, type);
      continue;
    }
    for (const auto& [inner, t] : layouts.structs.at(type.substr(7)).fields) put(field + "." + inner, t);
  }
  return "A `" + name + "` has " + std::to_string(at) + " bytes. Its fields begin at:\n`" + out + "`.";
}

std::string sentences(const Layouts& layouts, const std::string& text) {
  if (!text.starts_with("{offsets ")) return text;
  return offsets(layouts, text.substr(9, text.size() - 10));
}

std::string by_number(const std::vector<Use>& uses) {
  std::string out, line = "By number: ";
  for (std::size_t i = 0; i < uses.size(); ++i) {
    const auto& u = uses[i];
    const auto text = u.number + " " + (u.what == "message" ? "" : u.what + " ") + "`" + u.structure + (i + 1 < uses.size() ? "`, " : "`.");
    if (line.size() + text.size() > 140) out += line.substr(0, line.size() - 1) + "\n", line.clear();
    line += text;
  }
  return out + line;
}

std::string quoted(const std::string& s) { return "\"" + s + "\""; }

void separate(std::string& s, bool& first, const char* indent) {
  s += std::string(first ? "\n" : ",\n") + indent;
  first = false;
}

}  // namespace

Layouts layouts(const std::vector<Table>& tables) {
  Layouts out;
  out.named_alternatives["Content.where"] = {"inline", "blob"};
  for (const auto& t : tables)
    for (const auto& f : t.rows) f.add(out);
  return out;
}

std::string page(const std::vector<Table>& tables, const std::string& present) {
  const auto mark = present.find(kTablesMark);
  if (mark == std::string::npos) return std::string("docs/spec/layouts.md lacks the line ") + kTablesMark;
  const auto all = layouts(tables);
  std::string out = present.substr(0, mark) + kTablesMark;
  out += "\n## Enumerations\n\n| enumeration | values |\n| --- | --- |\n";
  for (const auto& [name, row] : all.enums) {
    std::string values;
    for (const auto& [number, value] : row.values) values += " " + value + "=" + std::to_string(number);
    out += "| `" + name + "` |" + values + " |\n";
  }
  for (const auto& t : tables) {
    out += "\n## " + t.title + "\n\n";
    if (!t.before.empty()) out += sentences(all, t.before) + "\n\n";
    out += "| struct | fields |\n| --- | --- |\n";
    for (const auto& f : t.rows) out += "| `" + f.name + "` | " + cell(all.structs.at(f.name).text()) + " |\n";
    if (!t.uses.empty()) out += "\n" + by_number(t.uses) + "\n";
    if (!t.after.empty()) out += "\n" + sentences(all, t.after) + "\n";
  }
  return out;
}

std::string json(const std::vector<Table>& tables) {
  const auto all = layouts(tables);
  std::string s = "{\n  \"v\": 1,\n  \"enums\": {";
  bool first = true;
  for (const auto& [name, row] : all.enums) {
    separate(s, first, "    ");
    s += quoted(name) + ": {";
    for (std::size_t i = 0; i < row.values.size(); ++i)
      s += (i == 0 ? "" : ", ") + quoted(row.values[i].second) + ": " + std::to_string(row.values[i].first);
    s += "}";
  }
  s += "\n  },\n  \"structs\": [";
  first = true;
  for (const auto& t : tables)
    for (const auto& f : t.rows) {
      separate(s, first, "    ");
      s += "{\"name\": " + quoted(f.name) + ", \"of\": " + quoted(t.title) + ", \"fields\": " + quoted(all.structs.at(f.name).text()) + "}";
    }
  s += "\n  ],\n  \"uses\": [";
  first = true;
  for (const auto& t : tables)
    for (const auto& u : t.uses) {
      separate(s, first, "    ");
      s += "{\"of\": " + quoted(t.title) + ", \"what\": " + quoted(u.what) + ", \"number\": " + u.number +
           ", \"struct\": " + quoted(u.structure) + "}";
    }
  return s + "\n  ]\n}\n";
}

std::string read_text(const std::string& path) {
  std::ifstream in(std::string(DOS_SOURCE_DIR) + "/" + path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(in), {});
}

std::map<std::string, std::string> lines_of(const std::string& text) {
  std::map<std::string, std::string> out;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) {
    const auto at = line.find(": ");
    if (at != std::string::npos) out[line.substr(0, at)] = line.substr(at + 2);
  }
  return out;
}

bool blessed(const std::string& path, const std::string& want) {
  if (std::getenv("DOS_BLESS") != nullptr) std::ofstream(std::string(DOS_SOURCE_DIR) + "/" + path, std::ios::binary) << want;
  return read_text(path) == want;
}

}  // namespace dos::conformance
