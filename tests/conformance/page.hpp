// docs/spec/layouts.md and abi/layouts.json, from the tables.
#pragma once
#include "tests/conformance/tables.hpp"

namespace dos::conformance {

inline constexpr const char* kTablesMark = "<!-- generated from here on: ./dev bless -->\n";
Layouts layouts(const std::vector<Table>& tables);
std::string page(const std::vector<Table>& tables, const std::string& present);  // what stands above the mark stays
std::string json(const std::vector<Table>& tables);

std::string read_text(const std::string& path);                   // below the source folder
std::map<std::string, std::string> lines_of(const std::string& text);  // of NAME: VALUE
bool blessed(const std::string& path, const std::string& want);   // DOS_BLESS: writes it; else whether it is so

}  // namespace dos::conformance
